"""Every JSON is repeated from what it holds itself, and gives equal numbers."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from simulations.records import Record
from tests.empirical.models import Affine
from theory import catalogue
from tradeoff.application import app

FRONTIER = ("frontier", "rotating-bump", "--angles", "4", "--rings", "1", "--points", "3")
COMMANDS = {
    "bound": ("bound", "orientation-texture", "--pattern-seed", "7", "--epsilon", "8/255"),
    "errors": ("bound", "cyclic-code", "--adversarial-error", "0.1", "--adversarial-error", "0.3"),
    "frontier": (*FRONTIER, "--weights", "1", "--samples", "1024", "--seed", "3", "--steps", "5"),
    "check": ("check", "rotating-bump", "--spatial", "0.9", "--adversarial", "0.8", "--n", "300"),
}


def call(*arguments):
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code in {0, 1}, result.output
    return result.stdout


def answer(*arguments):
    return json.loads(call(*arguments, "--format", "json"))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_repeated_from_its_own_json(name):
    first = answer(*COMMANDS[name])
    assert answer(*first["command"]) == first
    assert {"python", "numpy", "scipy", "spatial-adversarial-tradeoff"} <= set(first["versions"])
    assert first["commit"]


def test_the_seed_of_the_pattern_and_of_the_search_matter_and_are_kept():
    first = answer(*COMMANDS["frontier"])
    line = first["command"]
    assert line[line.index("--seed") + 1] == "3"
    line[line.index("--seed") + 1] = "4"
    other = answer(*line)
    assert other["frontier"] != first["frontier"]
    pattern = answer(*COMMANDS["bound"])["setting"]
    assert pattern["pattern_seed"] == 7
    assert pattern["epsilon"] == 8 / 255
    assert (
        pattern["setting_sha256"]
        != answer("bound", "orientation-texture")["setting"]["setting_sha256"]
    )


def test_a_file_is_known_by_its_digest(tmp_path):
    setting = catalogue.cyclic_code()
    path = tmp_path / "mine.npz"
    spread = np.diag(np.full(setting.mixture.dimension, 0.3))
    arrays = {"labels": setting.mixture.labels, "covariance": spread}
    arrays["permutations"] = setting.transformations.permutations
    np.savez(path, means=setting.mixture.means, **arrays)
    first = answer("bound", "file", "--file", path, "--epsilon", "0.5")
    assert first["files"] == {str(path): hashlib.sha256(path.read_bytes()).hexdigest()}
    assert first["setting"]["covariance_sha256"] == hashlib.sha256(spread.tobytes()).hexdigest()
    assert answer(*first["command"]) == first
    np.savez(path, means=1.01 * setting.mixture.means, **arrays)
    changed = answer(*first["command"])
    assert changed["files"] != first["files"]
    assert changed["setting"]["setting_sha256"] != first["setting"]["setting_sha256"]


def gaussian_model() -> torch.nn.Module:
    generator = torch.Generator().manual_seed(0)
    return Affine(torch.randn(2, 256, generator=generator), torch.zeros(2))


def test_an_evaluation_is_repeated_from_its_record_and_told_against_the_curve(tmp_path: Path):
    weights, out = tmp_path / "weights.pt", tmp_path / "record.json"
    torch.save(gaussian_model().state_dict(), weights)
    text = call(
        "evaluate", "--model", f"{__name__}:gaussian_model", "--weights", weights,
        "--dataset", "orientation_texture", "--epsilon", "0.12", "--epsilon", "8/255",
        "--steps", 2, "--test", 60, "--seed", 5, "--boundary", 0.5, "--out", out,
    )  # fmt: skip
    assert "certified S at most" in text
    assert "verdict" in text
    assert "mean distance found" in text
    record = Record.load(out)
    assert record.config["files"] == {
        str(weights): hashlib.sha256(weights.read_bytes()).hexdigest()
    }
    setting = answer("bound", "orientation-texture")["setting"]
    assert record.config["setting_sha256"] == setting["setting_sha256"]
    again = tmp_path / "again.json"
    call(*record.config["command"], "--out", again)
    assert Record.load(again).content == record.content
    verdicts = answer("check", "--record", out)
    assert [row["epsilon"] for row in verdicts["verdicts"]] == [0.12, 8 / 255]
    assert answer(*verdicts["command"]) == verdicts
