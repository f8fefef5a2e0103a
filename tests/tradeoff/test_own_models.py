"""The command evaluate on a model and images of the user, from a folder of the user."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner, Result

from simulations.records import Record
from tests import ROOT
from tradeoff.application import app

MODEL = """
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self, then=lambda logits: logits, before=lambda images: images):
        super().__init__()
        self.linear = nn.Linear(64, 3, bias=False)
        self.then, self.before = then, before

    def forward(self, images):
        return self.then(self.linear(self.before(images).flatten(1)))

def build():
    return Model()

def pair():
    return Model(lambda logits: (0, logits))

def rounded():
    return Model(before=lambda images: torch.round(images * 4) / 4)

def double():
    return Model().double()

def fails():
    raise OSError("no disk")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a model, its weights and images, and packages called as ours are."""
    (tmp_path / "mymodel.py").write_text(MODEL)
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 64, generator=generator)
    torch.save({"linear.weight": weight}, tmp_path / "w.pt")
    images = torch.rand(30, 8, 8, generator=generator)
    labels = (images.flatten(1) @ weight.T).argmax(1)
    np.savez(tmp_path / "images.npz", x_test=images.numpy(), y_test=labels.numpy())
    for name in ("theory", "simulations", "empirical", "paper_figures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not ours')")
    return tmp_path


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "") or str(ROOT)},
    )


EVALUATE = (
    "evaluate", "mymodel:build", "--weights", "w.pt", "--data", "images.npz", "--device", "cpu",
)  # fmt: skip
WAYS = {
    "script": (("-P", "-c", "import tradeoff; tradeoff.main()"), EVALUATE, r"clean +30 +1\.000"),
    "module": (("-m", "tradeoff"), ("bound", "rotating-bump"), "Theorem 3"),
}


@pytest.mark.parametrize("way", WAYS)
def test_packages_of_the_folder_do_not_hide_ours(folder: Path, way: str) -> None:
    if way == "script":  # of this name too, which only ``-m`` looks for in the folder first
        (folder / "tradeoff").mkdir()
        (folder / "tradeoff" / "__init__.py").write_text("raise RuntimeError('not ours')")
    start, arguments, expected = WAYS[way]
    result = run(folder, sys.executable, *start, *arguments)
    assert result.returncode == 0, result.stderr
    assert re.search(expected, result.stdout)


def evaluate(*arguments: object, data: str = "images.npz") -> Result:
    """Call the command on a model of the current folder."""
    own = ("--weights", "w.pt", "--data", data, "--device", "cpu")
    return CliRunner().invoke(app, ["evaluate", *map(str, (*own, *arguments))])


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "mymodel", raising=False)
    return folder


ATTACK = ("--epsilon", 0.05, "--steps", 5, "--apgd", 0)


@pytest.mark.parametrize(
    "arguments",
    [
        ("mymodel:build",),
        ("--model", "./mymodel.py:build"),
        ("mymodel.py:double",),
        ("mymodel:pair", "--logits", 1),
        ("mymodel:build", "--mean", "0", "--std", "1"),
    ],
)
def test_models_of_every_form_are_measured(here: Path, arguments: tuple[object, ...]) -> None:
    result = evaluate(*arguments)
    assert result.exit_code == 0, result.output
    assert re.search(r"clean +30 +1\.000", result.stdout)


def test_exact_turns_are_measured_if_asked_for(here: Path) -> None:
    result = evaluate("mymodel:build", "--quarter-turns")
    assert result.exit_code == 0
    assert re.search(r"^ .* quarter_turn +30 ", result.output, flags=re.MULTILINE)
    assert re.search(r"^ .* quarter_turn 10 +30 ", result.output, flags=re.MULTILINE)


def test_a_model_that_rounds_its_images_is_warned_of(here: Path) -> None:
    result = evaluate("mymodel:rounded", *ATTACK, "--out", "new/r.json")
    assert result.exit_code == 0, result.output
    record = Record.load("new/r.json")
    assert any(text.startswith("the gradient vanishes on 30 of 30") for text in record.warnings)
    assert [f"warning: {text}" for text in record.warnings] == [
        line for line in result.stdout.split("\n") if line.startswith("warning: ")
    ]
    plain = evaluate("mymodel:build", *ATTACK, "--out", "new/b.json")
    assert "warning" not in plain.output
    assert Record.load("new/b.json").warnings == []


def test_a_folder_of_images(here: Path) -> None:
    arrays = np.load("images.npz")
    for number, (image, label) in enumerate(zip(arrays["x_test"], arrays["y_test"], strict=True)):
        if label < 2:  # fewer classes than the model has
            place = here / "pictures" / str(label) / f"{number}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray((image * 255).astype(np.uint8)).save(place)
    result = evaluate("mymodel:build", "--out", "p.json", data="pictures")
    assert result.exit_code == 0, result.output
    (row,) = Record.load("p.json").rows
    assert row["trials"] == int((arrays["y_test"] < 2).sum())
    assert row["dataset"] == "pictures"


def test_nothing_is_overwritten(here: Path) -> None:
    assert evaluate("mymodel:build", "--out", "r.json").exit_code == 0
    before = {name: (here / name).read_bytes() for name in ("r.json", "r-flags.npz")}
    again = evaluate("mymodel:build", "--out", "r.json")
    assert str(again.exception) == "out must be a new file, got r.json, which exists"
    (here / "r.json").rename("s.json")
    assert "got r-flags.npz, which exists" in str(
        evaluate("mymodel:build", "--out", "r.json").exception
    )
    assert not (here / "r.json").exists()
    assert (here / "s.json").read_bytes() == before["r.json"]
    assert (here / "r-flags.npz").read_bytes() == before["r-flags.npz"]


SLEEPER = """
import os, signal, time
import torch
from torch import nn

class Terminating(nn.Module):
    def forward(self, images):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(60)
        return images.flatten(1)

def build():
    return Terminating()
"""


def test_a_run_that_is_terminated_leaves_no_file(folder: Path) -> None:
    (folder / "sleeper.py").write_text(SLEEPER)
    result = run(
        folder, sys.executable, "-m", "tradeoff", "evaluate", "sleeper:build",
        "--data", "images.npz", "--device", "cpu", "--out", "kept.json",
    )  # fmt: skip
    assert result.returncode == 128 + signal.SIGTERM, result.stderr
    assert not list(folder.glob("kept*"))


def test_a_run_that_fails_leaves_no_file(here: Path) -> None:
    assert "got 8; it is" in str(
        evaluate("mymodel:build", "--epsilon", 8, "--out", "r.json").exception
    )
    assert not list(here.glob("r*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mymodel:fails",), "model 'mymodel:fails' cannot be made: OSError: no disk"),
        (("mymodel:pair",), "logits must name which entry of the model's tuple holds them, one of"),
        (("nowhere:build",), "'nowhere:build' cannot be imported: ModuleNotFoundError"),
        (("mymodel.py",), "package.module:factory or file.py:factory, got 'mymodel.py'"),
        (("theory:build",), "theory is a package of this program: give yours another name"),
        (("mymodel:build", "--mean", "0.5"), "std must be given too, got mean alone"),
        (("mymodel:build", "--mean", "cifar10"), "a number for each of 1 channels, got 3"),
        (("mymodel:build", "--test", 31), "number of images must be <= 30, got 31"),
        (("mymodel:build", "--shifts"), "shifts must be of a theoretical setting, got images of"),
        (("mymodel:build", "--auto-attack"), "auto_attack must have an epsilon, got none"),
        (("mymodel:build", "--queries", 50), "queries must have an epsilon, got none"),
        (("mymodel:build", "--rotation", 9, "--apgd", 5), "apgd must have an epsilon, got none"),
        (("mymodel:build", "--steps", 3), "steps must have an epsilon, got none"),
        (("mymodel:build", "--joint", 2), "epsilon must be below 1"),
        (("mymodel:build", "--data", "mnist"), "must take images of shape (1, 1, 28, 28), got"),
        (("mymodel:build", "--out", "r.npz"), "out must end in .json, got r.npz"),
        (("mymodel:build", "--out", "w.pt/r.json"), "w.pt"),
    ],
)
def test_what_is_wrong_is_said_before_the_work(
    here: Path, arguments: tuple[object, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def worked(*arguments: object, **options: object) -> None:
        raise AssertionError("measured before the checks")

    monkeypatch.setattr("empirical.evaluation.evaluate.spatial_flags", worked)
    error = evaluate(*arguments).exception
    assert isinstance(error, (ValueError, OSError))
    assert message in str(error)


def test_the_data_folder_is_one_setting_for_all_commands(here: Path) -> None:
    told = {"option": ("--data-folder", "far"), "variable": ()}
    for way, first in told.items():
        result = CliRunner().invoke(
            app,
            [*first, "evaluate", "mymodel:build", "--data", "cifar10"],
            env={"TRADEOFF_DATA": "far" if way == "variable" else None},
        )
        assert f"got {here / 'far'} without it" in str(result.exception), way
