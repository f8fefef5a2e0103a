"""The commands train, evaluate, sweep and data, as a user calls them."""

import json
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner, Result

from empirical.data.dataset import Dataset
from empirical.evaluation.measures import Measures, Outcomes
from empirical.experiments.pretrained import pretrained_index, pretrained_measures
from empirical.training.checkpoints import open_checkpoint, save_checkpoint
from simulations.records import Record
from tests import ROOT
from tests.empirical.models import Affine
from tradeoff.application import app

RUN = "orientation_texture/augmented"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def digits_model() -> torch.nn.Module:
    generator = torch.Generator().manual_seed(0)
    return Affine(torch.randn(10, 784, generator=generator), torch.zeros(10))


def test_train_then_evaluate(tmp_path: Path) -> None:
    trained = call("train", RUN, "--profile", "smoke", "--seed", 1, "--out", tmp_path)
    assert trained.exit_code == 0, trained.output
    assert "epoch 1/1: loss" in trained.output
    checkpoint = tmp_path / "orientation_texture-augmented-smoke-1.pt"
    out = tmp_path / "evaluation.json"
    measured = call(
        "evaluate", checkpoint, "--epsilon", 0.12, "--steps", 2, "--test", 50, "--out", out
    )
    assert measured.exit_code == 0, measured.output
    assert "adversarial 0.12" in measured.stdout
    record = Record.load(out)
    assert [row["trials"] for row in record.rows] == [50] * 5
    same = asdict(Measures(epsilons=(0.12,), steps=2))  # defaults of the command and of Python
    assert record.config["measures"] == json.loads(json.dumps(same))
    flags = Outcomes.load(tmp_path / "evaluation-flags.npz")
    counts = {measure: int(found.sum()) for (measure, _), found in flags.outcomes.items()}
    assert counts == {row["measure"]: row["successes"] for row in record.rows}


def test_training_again_is_a_matter_of_the_checkpoint(tmp_path: Path) -> None:
    arguments = ("train", RUN, "--profile", "smoke", "--out", tmp_path)
    first, second = call(*arguments), call(*arguments)
    assert first.stdout == second.stdout
    assert "epoch" not in second.stderr


def test_a_checkpoint_of_other_code_is_refused_unless_it_is_to_be_kept(tmp_path: Path) -> None:
    arguments = ("train", RUN, "--profile", "smoke", "--out", tmp_path)
    first = call(*arguments)
    path = tmp_path / "orientation_texture-augmented-smoke-0.pt"
    configuration, state = open_checkpoint(path)
    other = [{**state["code"][0], "sources": "0"}]
    save_checkpoint(path, state | {"code": other}, configuration=configuration)
    before = path.read_bytes()
    refused = call(*arguments)
    assert "must be made by this code alone, got other sources" in str(refused.exception)
    assert "or go on with it all the same by --keep" in str(refused.exception)
    assert path.read_bytes() == before
    assert call(*arguments, "--keep").stdout == first.stdout


def weaker(name: str, **less: int) -> str:
    """What is said of attacks that are weaker than a network's own."""
    own = pretrained_measures(name)
    told = [
        f"{key.replace('_', '-')} {value} for {getattr(own, key)}"
        for key, value in less.items()
        if value < getattr(own, key)
    ]
    assert told
    return f"attacked more weakly than for these counts: {', '.join(told)}\n"


def test_networks_that_come_with_the_package(tmp_path: Path) -> None:
    listed = call("evaluate", "--pretrained", "list")
    assert listed.exit_code == 0, listed.output
    assert [line.split()[0] for line in listed.stdout.splitlines()] == list(pretrained_index())
    name, out = "mnist/cnn5-mixture-0.5", tmp_path / "measured.json"
    few = ("--steps", 5, "--queries", 20, "--no-auto-attack")
    measured = call("evaluate", "--pretrained", name, "--test", 20, *few, "--out", out)
    assert measured.exit_code == 0, measured.output
    entry, whole = pretrained_index()[name], pretrained_measures(name)
    counts = [f"{row['successes']}/{row['trials']}" for row in entry["rows"]]
    (told,) = (line for line in measured.stdout.splitlines() if line.startswith(f"{name}  clean"))
    assert re.findall(r"\d+/\d+", told) == counts
    assert told in listed.stdout
    assert weaker(name, steps=5, queries=20, auto_attack=False) in measured.stdout
    record = Record.load(out)
    assert record.config["pretrained"] == entry["sha256"]
    rows = {row["measure"]: row for row in record.rows}
    assert rows.keys() == {"clean", "rotation", "invariance_rotation", "pgd", "adversarial"}
    assert (rows["rotation"]["level"], rows["adversarial"]["level"]) == (180.0, 0.3)
    assert rows["clean"]["recipe"] == "mixture"
    assert rows["clean"]["trials"] == 20
    assert rows["clean"]["successes"] > 15
    for key in ("restarts", "apgd_steps", "apgd_targets"):
        assert record.config["measures"][key] == getattr(whole, key)
    again = tmp_path / "again.json"
    assert call(*record.config["command"], "--out", again).exit_code == 0
    assert Record.load(again).rows == record.rows


def test_they_are_attacked_as_they_were_or_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Measures] = []

    def evaluate(_model: object, dataset: Dataset, measures: Measures, **_: object) -> Outcomes:
        asked.append(measures)
        right = torch.ones(len(dataset), dtype=torch.bool)
        return Outcomes({("clean", 0.0): right, ("adversarial", 0.3): right})

    monkeypatch.setattr("empirical.evaluation.evaluate.evaluate", evaluate)
    monkeypatch.setattr("empirical.evaluation.doubts.doubts", lambda *_, **__: [])
    name = "mnist/cnn5-mixture-0.5"
    whole = call("evaluate", "--pretrained", name)
    assert "clean 10000" in " ".join(whole.stdout.split())
    assert "more weakly" not in whole.stdout
    assert asked[-1] == pretrained_measures(name)
    turned = call("evaluate", "--pretrained", name, "--rotation", 90, "--queries", 0, "--test", 10)
    assert asked[-1].rotations == (90.0,)
    assert asked[-1].epsilons == ()
    assert "more weakly" not in turned.stdout
    monkeypatch.setattr("tradeoff.networks.find_spec", lambda _: None)
    small = call("evaluate", "--pretrained", name, "--epsilon", 0.1, "--test", 10)
    assert weaker(name, queries=0, auto_attack=False) in small.stdout
    call("evaluate", "--pretrained", name, "--queries", 3, "--test", 10)
    assert asked[-1].queries == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pretrained", "mnist/none"], "name must be one of mnist/cnn5-composed, "),
        (["--pretrained", "mnist/cnn5-cusp", "--data", "mnist"], "--data goes with a model of"),
        (["run.pt", "--pretrained", "mnist/cnn5-cusp"], "needs one of a checkpoint, a model of"),
    ],
)
def test_what_does_not_go_with_them(arguments: list[str], message: str) -> None:
    assert message in str(call("evaluate", *arguments).exception)


def test_a_model_of_the_user(tmp_path: Path) -> None:
    weights = tmp_path / "weights.pt"
    torch.save(digits_model().state_dict(), weights)
    result = call(
        "evaluate", "--model", f"{__name__}:digits_model", "--weights", weights,
        "--dataset", "mnist", "--rotation", 30, "--translation", 2, "--worst-rotation", 30,
        "--joint", 0.05, "--boundary", 0.5, "--steps", 2, "--test", 20,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    for measure in ("rotation 30", "translation 2", "worst_rotation 30", "joint 0.05", "boundary"):
        assert measure in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sweep", "nothing"), "experiment must be one of"),
        (("train", "mnist_rotation"), "run of mnist_rotation must be one of"),
        (("train", "mnist_rotation/warp"), "got 'warp'"),
        (("evaluate",), "needs one of a checkpoint, a model of"),
        (("evaluate", "a.pt", "--model", "b:c"), "needs one of a checkpoint, a model of"),
        (("evaluate", "a.pt", "--dataset", "mnist"), "--data goes with a model of your own"),
        (("evaluate", "missing.pt"), "file missing.pt must exist, got no such file"),
        (("evaluate", "--model", "b:c"), "a model of your own needs --data"),
        (("evaluate", "--model", "b", "--dataset", "mnist"), "package.module:factory or file.py"),
        (("connect", "--records", "nowhere"), "make it with: tradeoff sweep recipes-gaussian"),
    ],
)
def test_bad_input_is_refused(arguments: tuple[str, ...], message: str) -> None:
    result = call(*arguments)
    assert isinstance(result.exception, (ValueError, OSError))
    assert message in str(result.exception)


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_a_missing_device_is_said_to_be_missing() -> None:
    result = call("sweep", "mnist_rotation", "--profile", "smoke", "--device", "cuda")
    assert "device must be cpu, got cuda; no CUDA device was found" in str(result.exception)


def test_an_error_is_one_line_and_exit_code_2() -> None:
    command = [sys.executable, "-m", "tradeoff", "sweep", "nothing"]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: experiment must be one of ")
    assert result.stderr.count("\n") == 1
