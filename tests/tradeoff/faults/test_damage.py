"""Flipped bits, truncations and foreign content in every file that is read.

Each ends in one line that names the file, or does no harm: the same values are read. What a run
can make again it makes again.
"""

import io
import json
import pickle
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from empirical.data import cifar10
from empirical.data.cifar10_download import unpack
from empirical.data.cifar10_formats import read_labels, read_sheet
from empirical.data.digests import digest
from empirical.data.image_folder import load_image_folder
from empirical.data.mnist import FILE, load_mnist
from empirical.data.npz import load_images
from empirical.evaluation.measures import Measures, Outcomes
from empirical.experiments.runs import Run, restore_run, train_run
from empirical.experiments.user_models import load_model
from empirical.training.checkpoints import load_weights
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from paper_figures.catalogue import FIGURES, TABLES
from paper_figures.records import find, folders, locate
from simulations.execution.execute import execute
from simulations.records import Record
from tests.simulations.execution import tasks
from theory.checks import InputError
from tradeoff.application import app
from tradeoff.images import _Shifts
from tradeoff.page.leaderboard import SWEEPS, leaderboard
from tradeoff.settings import read_setting

pytestmark = pytest.mark.slow

DRAWN = FIGURES | TABLES
ARRAYS = ("means", "labels", "permutations", "x_train", "y_train", "x_test", "y_test")
Content = bytes
Read = Callable[[Path], Any]

RUN = Run(
    "orientation-texture", "stdcnn", Recipe("natural"), schedule=AdamOneCycle(1, batch_size=32),
    measures=Measures(), width=1, train=32, test=8,
)  # fmt: skip


def flipped(whole: Content, count: int, seed: int) -> Iterator[Content]:
    """Flip one bit at random places, half of them in the first and last 200 bytes."""
    rng = np.random.default_rng(seed)
    ends = min(200, len(whole))
    edge = np.r_[0:ends, len(whole) - ends : len(whole)]
    for place in np.r_[rng.integers(len(whole), size=count // 2), rng.choice(edge, count // 2)]:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        yield bytes(damaged)


def cut(whole: Content, count: int, seed: int) -> Iterator[Content]:
    rng = np.random.default_rng(seed)
    for size in {0, 1, len(whole) - 1, *rng.integers(len(whole), size=count).tolist()}:
        yield whole[:size]


def torch_file(content: object, **options: Any) -> Content:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


def npz_file(**arrays: Any) -> Content:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def zip_file(**members: str) -> Content:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def foreign() -> dict[str, Content]:
    """What somebody may have put in the place of a file."""
    image = io.BytesIO()
    Image.new("RGB", (3, 3)).save(image, "png")
    record = Record("other", {"task": "task-0"}, [{"a": 1}])._text().encode()
    words = "a record must have words, and this one has some\n" * 9
    return {
        "empty": b"",
        "text": words.encode(),
        "latin": "Größe und Maß".encode("latin-1"),
        "noise": np.random.default_rng(5).bytes(4000),
        "zeros": bytes(5000),
        "image": image.getvalue(),
        "null": b"null",
        "list": b"[1, [2], {}]",
        "object": b'{"rows": 3}',
        "deep": b"[" * 100_000,
        "number": b"9" * 5000,
        "infinity": b"[Infinity, NaN]",
        "record": record,
        "rows": json.dumps({**json.loads(record), "rows": [1]}).encode(),
        "zip": zip_file(document="words"),
        "other arrays": npz_file(a=np.arange(3)),
        "array": npy_file(np.arange(3)),
        "objects": npz_file(means=np.array([{}], dtype=object)),
        "strings": npz_file(**dict.fromkeys(ARRAYS, np.array(["a", "b"]))),
        "scalars": npz_file(**dict.fromkeys(ARRAYS, 1)),
        "empty arrays": npz_file(**dict.fromkeys(ARRAYS, np.zeros(0))),
        "weights": torch_file({"other": torch.zeros(2)}),
        "old weights": torch_file({"other": torch.zeros(2)}, _use_new_zipfile_serialization=False),
        "tensor": torch_file(torch.zeros(2)),
        "module": torch_file(torch.nn.Linear(1, 1)),
        "halves": torch_file({"configuration": {}, "state": {}}),
        "pickle": pickle.dumps({"data": [1], "labels": [1]}),
        "pickled list": pickle.dumps([1, 2]),
        "pickled code": pickle.dumps(print),
        "tar": tar_file(),
    }


def foreign_rows(experiment: str) -> dict[str, Content]:
    """Records of an experiment with rows of something else."""
    row = {
        "dataset": "nowhere", "network": "none", "recipe": "natural", "degrees": None,
        "epsilon": 0.1, "weight": None, "seed": 0, "measure": "clean", "level": 0.0,
        "successes": 1, "trials": 2,
    }  # fmt: skip
    every = ([], [{}], [{"kind": 3}], [{"measure": None, "level": "a", "dataset": 1}], [row])
    return {str(rows): Record(experiment, {}, rows)._text().encode() for rows in every}


def npy_file(array: Any) -> Content:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def tar_file() -> Content:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("../out")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"out"))
    return buffer.getvalue()


def plain(value: Any) -> Any:
    """Return something that can be compared by ==."""
    if isinstance(value, torch.nn.Module):
        value = value.state_dict()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return (str(value.dtype), value.tolist())
    return value


def told(path: Path, error: Exception) -> None:
    """Check what is said of a file: which it is or which of its arrays, on one short line."""
    message = str(error)
    assert any(name in message for name in (path.name, path.parent.name, "images", *ARRAYS))
    assert "\n" not in message
    assert len(message) < 400 + len(str(path))
    for word in ("remove", "delete", "weights_only", "Traceback"):
        assert word not in message


def check(path: Path, read: Read, content: Content, expected: Any = None) -> bool:
    """Read damaged content; return whether it was refused. `expected` is what may be read."""
    path.write_bytes(content)
    try:
        found = plain(read(path))
    except (InputError, OSError) as error:
        told(path, error)
        return True
    assert found == expected
    return False


def sweep(
    path: Path,
    read: Read,
    *,
    flips: int = 200,
    cuts: int = 40,
    share: float = 0.5,
    allowed: Sequence[str] = (),
) -> None:
    """Damage a file that is whole in every way, and put it back.

    At least a `share` of the flips must be refused: the others are in parts that are not read.
    All that is `allowed` of the foreign content is of the same kind.
    """
    whole = path.read_bytes()
    expected = plain(read(path))
    refused = [check(path, read, content, expected) for content in flipped(whole, flips, 1)]
    assert sum(refused) > share * flips
    kept = [content for content in cut(whole, cuts, 2) if not check(path, read, content, expected)]
    assert all(content.split() == whole.split() for content in kept)  # without the last newline
    for name, content in foreign().items():
        if name not in allowed:
            assert check(path, read, content), name
    path.unlink()
    path.mkdir()
    with pytest.raises((InputError, OSError), match=f"{path.name}|{path.parent.name}"):
        read(path)
    path.rmdir()
    path.write_bytes(whole)
    assert plain(read(path)) == expected


def test_records(tmp_path: Path) -> None:
    rows = [{"kind": "gap", "value": 0.1 * n, "name": "é"} for n in range(9)]
    path = Record("validation", {"seed": 1}, rows, {"commit": "x"}).save(
        tmp_path / "validation-quick.json"
    )
    sweep(path, lambda path: Record.load(path).content, allowed=("record",))
    sweep(path, lambda path: find("validation", (path.parent,)).content, flips=60)


def test_checkpoints(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    images, _ = RUN.data()
    train_run(RUN, images, checkpoint=path)
    sweep(path, lambda path: restore_run(path)[1])
    sweep(path, lambda path: train_run(RUN, images, checkpoint=path), flips=60, cuts=10)


def small_model() -> torch.nn.Module:
    return torch.nn.Linear(40, 3)


@pytest.mark.parametrize("new", [True, False])
def test_weights(tmp_path: Path, *, new: bool) -> None:
    path = tmp_path / "weights.pt"
    torch.save(small_model().state_dict(), path, _use_new_zipfile_serialization=new)
    if new:
        sweep(path, load_weights, allowed=("weights", "old weights"))
        sweep(path, lambda path: load_model(f"{__name__}:small_model", path), flips=60)
        return
    # the old form has no checksum: a flipped bit may be a weight
    for content in (*flipped(path.read_bytes(), 200, 3), *cut(path.read_bytes(), 40, 4)):
        path.write_bytes(content)
        try:
            load_weights(path)
        except InputError as error:
            told(path, error)


def test_flags(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    flags = {
        (measure, level): torch.from_numpy(rng.random(99) < 0.5)
        for measure in ("clean", "rotation", "adversarial")
        for level in (0.0, 0.1)
    }
    path = tmp_path / "flags.npz"
    Outcomes(flags, {("boundary", 0.5): torch.rand(9)}).save(path)
    sweep(path, lambda path: vars(Outcomes.load(path)))


def test_settings(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    arrays = {
        "means": np.random.default_rng(1).normal(size=(2, 4)),
        "labels": np.array([0, 1]),
        "permutations": np.array([[0, 1, 2, 3], [1, 2, 3, 0]]),
        "weights": np.array([0.3, 0.7]),
        "sigma": np.array(0.5),
        "probabilities": np.array([0.25, 0.75]),
    }

    def read(path: Path) -> Any:
        setting = read_setting(path, epsilon=0.1)
        mixture, moves = setting.mixture, setting.transformations
        return {
            "means": mixture.means, "labels": mixture.labels, "weights": mixture.weights,
            "sigma": mixture.sigma, "moves": moves.permutations,
            "probabilities": moves.probabilities,
        }  # fmt: skip

    for save in (np.savez, np.savez_compressed):
        save(path, **arrays)
        sweep(path, read)


def test_kept_shifts(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    np.savez(path, **{"0.5 0": np.ones((3, 4)), "0.5 0.5": np.zeros((3, 4))})
    sweep(path, lambda path: _Shifts(path).found)


def test_images_of_the_user(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = tmp_path / "mine.npz"
    np.savez(
        path,
        x_train=rng.integers(0, 256, (4, 6, 6), np.uint8), y_train=np.array([0, 1, 2, 0]),
        x_test=rng.integers(0, 256, (2, 6, 6), np.uint8), y_test=np.array([0, 1]),
    )  # fmt: skip
    sweep(path, lambda path: vars(load_images(path, "train")))


def test_the_shipped_images(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(FILE.read_bytes())
    sweep(
        path,
        lambda path: digest(load_mnist("test", file=path).images.numpy()),
        flips=60, cuts=9, share=0.1,
    )  # fmt: skip


@pytest.fixture
def batch(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    """Return test images that pass for the published ones."""
    rng = np.random.default_rng(1)
    found = {
        "x_test": rng.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8),
        "y_test": np.array([9, 0, 4], dtype=np.uint8),
    }
    digests = {f"{part}_train": "0" for part in "xy"} | {n: digest(a) for n, a in found.items()}
    monkeypatch.setattr(cifar10, "DIGESTS", digests)
    return found


@pytest.mark.parametrize("name", ["cifar10.npz", "test_batch.bin", "test_batch"])
def test_batches_of_cifar10(tmp_path: Path, batch: dict[str, np.ndarray], name: str) -> None:
    path = tmp_path / name
    planes = batch["x_test"].transpose(0, 3, 1, 2).reshape(3, -1)
    if name.endswith(".npz"):
        np.savez(path, **batch)
    elif name.endswith(".bin"):
        np.column_stack([batch["y_test"], planes]).tofile(path)
    else:
        content = {"data": planes, "labels": batch["y_test"].tolist()}
        path.write_bytes(pickle.dumps(content, protocol=2))
    sweep(path, lambda path: vars(cifar10.load_cifar10("test", folder=path.parent)))


def test_the_other_forms_of_cifar10(tmp_path: Path, batch: dict[str, np.ndarray]) -> None:
    sheet = tmp_path / "sheet.png"
    Image.fromarray(batch["x_test"].reshape(3, 1024, 3)).save(sheet)
    # digests of the arrays are checked by who fetches them; here only that errors are told
    for path, read in ((sheet, read_sheet), (tmp_path / "labels.json", read_labels)):
        if path.suffix == ".json":
            path.write_text(json.dumps(batch["y_test"].tolist()))
        whole = path.read_bytes()
        for content in (*flipped(whole, 200, 1), *cut(whole, 40, 2), *foreign().values()):
            path.write_bytes(content)
            try:
                read(path)
            except InputError as error:
                told(path, error)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tiff", ".webp", ".ppm"])
def test_folders_of_images(tmp_path: Path, suffix: str) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (9, 9, 3), dtype=np.uint8)
    path = tmp_path / "0" / f"image{suffix}"
    path.parent.mkdir()
    Image.fromarray(pixels).save(path)
    whole = path.read_bytes()
    # most forms have no checksum: a flipped bit may be a pixel
    for content in (*flipped(whole, 200, 1), *cut(whole, 40, 2), *foreign().values()):
        path.write_bytes(content)
        try:
            load_image_folder(tmp_path)
        except InputError as error:
            told(path, error)


@pytest.mark.parametrize("name", SWEEPS)
def test_the_table_of_networks_refuses_foreign_records(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.json"
    contents = foreign() | foreign_rows(name)
    for content in contents.values():
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"\A[^\n]*\Z"):
            leaderboard((tmp_path,))


def test_archives(tmp_path: Path) -> None:
    path = tmp_path / "images.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        member = tarfile.TarInfo("batch.bin")
        content = np.random.default_rng(1).bytes(3000)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    whole, place = path.read_bytes(), tmp_path / "place"
    for damaged in (*flipped(whole, 200, 1), *cut(whole, 40, 2), *foreign().values()):
        path.write_bytes(damaged)
        try:
            unpack(path, place)
        except InputError as error:
            told(path, error)
    assert not (tmp_path / "out").exists()


COMMANDS = {
    "own.npz": ("bound", "file", "--file", "own.npz", "--epsilon", 0.1, "--adversarial-error", 0.1),
    "own.pt": ("evaluate", "own.pt"),
    "weights.pt": (
        "evaluate", "--model", f"{__name__}:small_model", "--weights", "weights.pt",
        "--dataset", "small.npz",
    ),
    "images.npz": ("evaluate", "--model", f"{__name__}:small_model", "--dataset", "images.npz"),
    "orientation_texture-natural-smoke-0.pt": (
        "train", "orientation_texture/natural", "--profile", "smoke", "--out", ".",
    ),
    "recipes_gaussian-quick.json": ("connect", "--records", "."),
    **{
        f"{name}.json": ("figures", "--records", ".")
        for name in sorted({name for drawn in DRAWN.values() for name in drawn.experiments})
    },
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_refuse_foreign_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    contents = foreign()
    np.savez(
        "small.npz", x_train=np.zeros((2, 5, 8)), y_train=[0, 1], x_test=np.zeros((2, 5, 8)),
        y_test=[0, 2],
    )  # fmt: skip
    if name.endswith(".json"):
        experiment = name.removesuffix(".json").removesuffix("-quick")
        if "quick" in name:  # connect asks for three
            for other in ("recipes_mnist", "mnist_rotation"):
                Record(other, {}, []).save(tmp_path / f"{other}-quick.json")
        # a figure of several records is not drawn without the others
        drawn = [d.experiments for d in DRAWN.values() if experiment in d.experiments]
        for other in {name for names in drawn for name in names} - {experiment}:
            shutil.copy(locate(other, folders()), tmp_path / f"{other}.json")
        contents |= foreign_rows(experiment)
    for what, content in contents.items():
        Path(name).write_bytes(content)
        result = CliRunner().invoke(app, [str(argument) for argument in COMMANDS[name]])
        assert isinstance(result.exception, (InputError, OSError)), (what, result.exception)
        message = str(result.exception)
        assert "\n" not in message
        assert len(message) < 500
        assert Path(name).read_bytes() == content


def test_finished_tasks_that_are_damaged_are_done_again(tmp_path: Path) -> None:
    def run() -> list[str]:
        plan = {f"task-{i}": {"i": i} for i in range(150)}
        records = execute(tasks.draw, plan, experiment="test", folder=tmp_path, seed=3)
        return [record.content for record in records]

    before = run()
    paths = [tmp_path / f"task-{i}.json" for i in range(150)]
    whole = paths[0].read_bytes()
    damaged = [*flipped(whole, 80, 1), *cut(whole, 20, 2), *foreign().values()]
    damaged += [path.read_bytes() for path in paths[1:10]]  # of other tasks
    for path, content in zip(paths, damaged, strict=False):
        path.write_bytes(content)
    assert run() == before
    assert [Record.load(path).content for path in paths] == before
