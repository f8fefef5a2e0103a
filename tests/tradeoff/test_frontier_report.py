import json
import subprocess
import sys

import numpy as np
import pytest

from tradeoff.frontier_report import frontier_report
from theory import catalogue
from theory.frontiers.frontier import frontier
from tradeoff.reports import render

SMALL = ["rotating-bump", "--angles", "4", "--rings", "1", "--points", "3", "--weights", "1"]
SMALL += ["--samples", "1024"]


@pytest.fixture(scope="module")
def enclosed():
    setting = catalogue.rotating_bump(
        4, 1, alpha=0.9, eta=0.1, width=0.6, sigma=0.5, epsilon=0.1, max_degrees=180.0
    )
    return frontier(setting, rng=np.random.default_rng(0), points=3, weights=1, samples=1024)


def test_rows_are_the_curves(enclosed):
    report = frontier_report(enclosed)
    for index, row in enumerate(report["frontier"]):
        assert row["adversarial_accuracy"] == enclosed.adversarial_accuracy[index]
        assert row["pairwise_at_most"] == enclosed.pairwise[index]
        assert row["joint_at_most"] == enclosed.joint[index]
        assert row["reached_at_least"] == enclosed.inner[index]
    assert [row["gap"] for row in report["gaps"]] == enclosed.gap.tolist()


def test_every_number_says_what_it_is(enclosed):
    row = frontier_report(enclosed)["frontier"][0]
    assert row["pairwise_status"] == "certified"
    assert row["joint_status"] == enclosed.joint_bounds[0].kind
    assert row["reached_status"] == "achieved"


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_renders_in_every_form(enclosed, form):
    text = render(frontier_report(enclosed), "frontier", form)
    assert "pairwise_at_most" in text


def command(*arguments):
    line = [sys.executable, "-m", "paper_figures", "frontier", *SMALL, *arguments]
    return subprocess.run(line, capture_output=True, text=True, check=False)


def test_the_command_prints_and_plots(tmp_path):
    result = command("--format", "json", "--plot", str(tmp_path / "f.svg"))
    assert result.returncode == 0, result.stderr
    assert len(json.loads(result.stdout)["frontier"]) == 3
    assert (tmp_path / "f.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plot", "f.gif"], "error: figure file must end in .png, .pdf or .svg, got 'f.gif'\n"),
        (["--format", "xml"], "error: format must be one of text, json, csv"),
        (["--random-state", "-1"], "error: random-state must be >= 0, got -1\n"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    result = command(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1
