"""The trained networks of the package, and how they come there."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from empirical.checks import pixel_values
from empirical.data.mnist import load_mnist
from empirical.evaluation.evaluate import evaluate
from empirical.evaluation.measures import Measures
from empirical.experiments import pretrained as module
from empirical.experiments.pretrained import (
    FOLDER,
    pretrained,
    pretrained_index,
    pretrained_measures,
    pretrained_run,
    save_pretrained,
)
from empirical.experiments.runs import Run, evaluate_run, restore_run, train_run
from empirical.networks.architectures import network
from empirical.training.checkpoints import open_checkpoint, save_checkpoint
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from simulations.records import Record, RecordError
from tests.chance import proportion_agrees
from theory.checks import InputError

NAME, STANDARD = "mnist/cnn5-mixture-0.5", "mnist/stdcnn-natural"
RUN = Run(
    "mnist", "stdcnn", Recipe("natural"), schedule=AdamOneCycle(1, batch_size=32),
    width=2, train=64, test=50, seed=3,
    measures=Measures(rotations=(30.0, 90.0), epsilons=(0.1, 0.05), steps=2, restarts=2),
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoint and record of a task, as a sweep leaves them."""
    folder = tmp_path_factory.mktemp("made")
    images, test = RUN.data()
    model = train_run(RUN, images, checkpoint=folder / "run.pt")
    _, rows = evaluate_run(RUN, model, test)
    config = {"task": f"stdcnn-natural-{RUN.seed}", "parameters": RUN.to_json()}
    Record("own", config, rows).save(folder / "run.json")
    return folder


@pytest.fixture
def finished(made: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Return them as files of the test's own."""
    found = shutil.copytree(made, tmp_path / "made")
    return found / "run.pt", found / "run.json"


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
    told = {(row["measure"], row["level"]): row["trials"] for row in entry["rows"]}
    assert told["clean", 0.0] == told["rotation", 180.0] == 10_000
    assert told["adversarial", 0.3] >= 1000
    measures = pretrained_measures(name)
    assert (measures.rotations, measures.epsilons) == ((180.0,), (0.3,))


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
    index.write_text(index.read_text().replace('"successes":9', '"successes":8', 1))
    with pytest.raises(RecordError, match="does not match its digest"):
        pretrained("mnist/cnn5-cusp")


@pytest.mark.parametrize(("largest", "precision"), [(1_000_000, "float32"), (0, "float16")])
def test_a_finished_run_becomes_one(
    empty: Path, finished: tuple[Path, Path], largest: int, precision: str
) -> None:
    checkpoint, record = finished
    assert save_pretrained(checkpoint, record, largest=largest) == STANDARD
    (entry,) = pretrained_index().values()
    assert entry["precision"] == precision
    assert entry["record"] == Record.load(record).digest
    assert Measures(**entry["measures"]) == RUN.measures
    assert entry["run"] == json.loads(json.dumps(RUN.training))
    counted = [(row["measure"], row["level"], row["trials"]) for row in entry["rows"]]
    assert counted == [("clean", 0.0, 50), ("rotation", 90.0, 50), ("adversarial", 0.1, 50)]
    images = pixel_values(RUN.data()[1].images)
    own, kept = restore_run(checkpoint)[1](images), pretrained(STANDARD)(images)
    assert torch.equal(own, kept) == (precision == "float32")
    assert torch.allclose(own, kept, rtol=0.0, atol=0.02)


def test_it_is_measured_as_it_was(empty: Path, finished: tuple[Path, Path]) -> None:
    save_pretrained(*finished)
    measures = pretrained_measures(STANDARD)
    assert measures == replace(RUN.measures, rotations=(90.0,), epsilons=(0.1,), attacked=1000)
    again = evaluate(pretrained(STANDARD), RUN.data()[1], measures, seed=RUN.seed)
    told = {(row["measure"], row["level"]): row["successes"] for row in again.rows({})}
    for row in pretrained_index()[STANDARD]["rows"]:
        assert told[row["measure"], row["level"]] == row["successes"]


def test_a_run_of_a_sweep_replaces_all_others(
    copies: Path, finished: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint, record = finished
    kept = Record.load(record)
    other = replace(RUN, seed=4)
    tasks = {"a-4": other.to_json(), kept.config["task"]: kept.config["parameters"]}
    rows = [{**row, "seed": 4, "successes": 0} for row in kept.rows] + kept.rows
    Record("own", {"tasks": tasks}, rows).save(record)
    module.main([str(record), str(checkpoint)])
    assert NAME in pretrained_index()
    module.main([str(record), str(checkpoint), "--replace"])
    assert capsys.readouterr().out == f"{STANDARD}\n" * 2
    assert {path.name for path in copies.iterdir()} == {"index.json", "mnist-stdcnn-natural.pt"}
    (entry,) = pretrained_index().values()
    assert entry["rows"][0]["successes"] == kept.rows[0]["successes"]


def test_weights_keep_32_bits_where_answers_depend_on_them(
    empty: Path, finished: tuple[Path, Path]
) -> None:
    checkpoint, record = finished
    configuration, state = open_checkpoint(checkpoint)
    *_, weight, bias = state["trained"].values()
    weight.zero_()
    bias.copy_(torch.ones(10).index_fill_(0, torch.tensor(1), 1 + 2**-15))  # 1 in 16 bits
    save_checkpoint(checkpoint, state, configuration=configuration)
    kept = Record.load(record)
    ones = int((RUN.data()[1].labels == 1).sum())
    replace(kept, rows=[{**row, "successes": ones} for row in kept.rows]).save(record)
    save_pretrained(checkpoint, record, largest=0)
    assert pretrained_index()[STANDARD]["precision"] == "float32"


def test_only_what_is_finished_and_measured_is_taken(
    empty: Path, finished: tuple[Path, Path]
) -> None:
    checkpoint, record = finished
    kept = Record.load(record)
    wrong = [{**row, "successes": row["successes"] - 1} for row in kept.rows]
    replace(kept, rows=wrong).save(record)
    with pytest.raises(InputError, match=r"must count what .* answers, got \d+ clean images of 50"):
        save_pretrained(checkpoint, record)
    replace(kept, rows=[{**row, "trials": 60} for row in kept.rows]).save(record)
    with pytest.raises(InputError, match=r"must count .* clean images of the whole test set, got"):
        save_pretrained(checkpoint, record)
    other = replace(RUN, seed=4).to_json()
    replace(kept, config={**kept.config, "parameters": other}).save(record)
    with pytest.raises(InputError, match=r"record .* must be of the task that made .*, got one of"):
        save_pretrained(checkpoint, record)
    configuration, state = open_checkpoint(checkpoint)
    save_checkpoint(checkpoint, {**state, "epoch": 0}, configuration=configuration)
    with pytest.raises(InputError, match="must be of all 1 epochs, got 0"):
        save_pretrained(checkpoint, record)
    checkpoint.write_bytes(b"PK no weights")
    with pytest.raises(InputError, match=r"file .*run\.pt cannot be read: no weights in it"):
        save_pretrained(checkpoint, record)
    assert not empty.exists()


def test_an_untrained_network_has_other_accuracies() -> None:
    untrained = network("cnn5", (1, 28, 28), 10, generator=torch.Generator()).eval()
    assert not proportion_agrees(right(untrained, 200), 200, 0.9914, level=0.01)
