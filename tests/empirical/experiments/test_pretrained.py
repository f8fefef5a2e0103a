"""The trained networks of the package, and how they come there."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from empirical.checks import pixel_values
from empirical.data.mnist import load_mnist
from empirical.evaluation.measures import Measures
from empirical.experiments import pretrained as module
from empirical.experiments.pretrained import (
    FOLDER,
    pretrained,
    pretrained_index,
    pretrained_run,
    save_pretrained,
)
from empirical.experiments.runs import Run, evaluate_run, train_run
from empirical.networks.architectures import network
from empirical.training.checkpoints import open_checkpoint, save_checkpoint
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from simulations.records import Record, RecordError
from tests.chance import proportion_agrees
from theory.checks import InputError

NAME = "mnist/cnn5-mixture-0.5"
RUN = Run(
    "mnist", "stdcnn", Recipe("natural"), schedule=AdamOneCycle(1, batch_size=32),
    width=2, train=64, test=50, seed=3,
)  # fmt: skip


def right(model: torch.nn.Module, count: int) -> int:
    test = load_mnist("test").take(slice(0, count))
    with torch.inference_mode():
        return int((model(pixel_values(test.images)).argmax(1) == test.labels).sum())


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(FOLDER, tmp_path / "copies")
    monkeypatch.setattr(module, "FOLDER", tmp_path / "copies")
    return tmp_path / "copies"


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "FOLDER", tmp_path / "own")
    return tmp_path / "own"


def finished(folder: Path, run: Run = RUN) -> tuple[Path, Path]:
    """Return checkpoint and record of a task, as a sweep leaves them."""
    images, test = run.data()
    model = train_run(run, images, checkpoint=folder / "run.pt")
    _, rows = evaluate_run(run, model, test)
    config = {"task": f"stdcnn-natural-{run.seed}", "parameters": run.to_json()}
    return folder / "run.pt", Record("own", config, rows).save(folder / "run.json")


def test_every_file_is_in_the_index_and_small() -> None:
    index = pretrained_index()
    assert {entry["file"] for entry in index.values()} | {"index.json"} == {
        path.name for path in FOLDER.iterdir()
    }
    assert all((FOLDER / entry["file"]).stat().st_size < 1e6 for entry in index.values())


@pytest.mark.parametrize("name", pretrained_index())
def test_the_index_says_what_was_trained_and_counted(name: str) -> None:
    entry, run = pretrained_index()[name], pretrained_run(name)
    assert run.digest == entry["digest"]
    assert name.startswith(f"{run.dataset}/{run.network}-{run.recipe.name}")
    told = [(row["measure"], row["level"], row["trials"]) for row in entry["rows"]]
    assert told == [("clean", 0.0, 10000), ("rotation", 180.0, 10000), ("adversarial", 0.3, 1000)]


@pytest.mark.parametrize("name", pretrained_index())
def test_accuracies_are_those_of_the_index(name: str) -> None:
    clean = pretrained_index()[name]["rows"][0]
    rate = clean["successes"] / clean["trials"]
    # an exact two-sided binomial test at 1 %: at a rate of .9914, from 195 to 200 of 200
    assert proportion_agrees(right(pretrained(name), 200), 200, rate, level=0.01)
    assert not proportion_agrees(194, 200, 0.9914, level=0.01)
    assert proportion_agrees(195, 200, 0.9914, level=0.01)


def test_unknown_names_are_answered_with_all_names() -> None:
    with pytest.raises(InputError, match="name must be one of mnist/cnn5-composed, ") as told:
        pretrained("mnist/cnn5")
    assert NAME in str(told.value)


def test_damage_is_noticed(copies: Path) -> None:
    file = copies / "mnist-cnn5-mixture-0.5.pt"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"must have SHA-256 .*; the file is damaged: restore it"):
        pretrained(NAME)
    file.unlink()
    with pytest.raises(InputError, match=r"0.5.pt cannot be read: No such file"):
        pretrained(NAME)
    assert right(pretrained("mnist/cnn5-cusp"), 20) > 10
    index = copies / "index.json"
    index.write_text(index.read_text().replace('"successes":9914', '"successes":9915'))
    with pytest.raises(RecordError, match="does not match its digest"):
        pretrained("mnist/cnn5-cusp")


@pytest.mark.parametrize(("largest", "precision"), [(1_000_000, "float32"), (0, "float16")])
def test_a_finished_run_becomes_one(
    empty: Path, tmp_path: Path, largest: int, precision: str
) -> None:
    checkpoint, record = finished(tmp_path)
    assert save_pretrained(checkpoint, record, largest=largest) == "mnist/stdcnn-natural"
    (entry,) = pretrained_index().values()
    assert entry["precision"] == precision
    assert entry["record"] == Record.load(record).digest
    assert Measures(**entry["measures"]) == RUN.measures
    assert entry["run"] == json.loads(json.dumps(RUN.training))
    images = pixel_values(RUN.data()[1].images)
    own, kept = (
        train_run(RUN, RUN.data()[0], checkpoint=checkpoint).eval()(images),
        pretrained("mnist/stdcnn-natural")(images),
    )
    assert torch.equal(own, kept) == (precision == "float32")
    assert torch.allclose(own, kept, rtol=0.0, atol=0.02)


def test_weights_keep_32_bits_where_answers_depend_on_them(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAY_DIFFER", -1)
    save_pretrained(*finished(tmp_path), largest=0)
    assert pretrained_index()["mnist/stdcnn-natural"]["precision"] == "float32"


def test_only_what_is_finished_and_measured_is_taken(empty: Path, tmp_path: Path) -> None:
    checkpoint, record = finished(tmp_path)
    kept = Record.load(record)
    other = replace(RUN, seed=4).to_json()
    replace(kept, config={**kept.config, "parameters": other}).save(record)
    with pytest.raises(InputError, match=r"record .* must be of the task that trained "):
        save_pretrained(checkpoint, record)
    configuration, state = open_checkpoint(checkpoint)
    save_checkpoint(checkpoint, {**state, "epoch": 0}, configuration=configuration)
    with pytest.raises(InputError, match="must be of all 1 epochs, got 0"):
        save_pretrained(checkpoint, record)
    assert not empty.exists()


def test_an_untrained_network_has_other_accuracies() -> None:
    untrained = network("cnn5", (1, 28, 28), 10, generator=torch.Generator()).eval()
    assert not proportion_agrees(right(untrained, 200), 200, 0.9914, level=0.01)
