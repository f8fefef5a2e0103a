import json
import statistics
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from simulations.records import Record
from tests import ROOT
from tradeoff.application import app
from tradeoff.page import report

RUNNER = CliRunner()


def test_writes_the_page_and_says_where(tmp_path, monkeypatch):
    asked = []

    def page(folders, advance):
        asked.append(folders)
        advance()
        return "<!DOCTYPE html>ε"

    monkeypatch.setattr(report, "report_html", page)
    out = tmp_path / "deep" / "report.html"
    result = RUNNER.invoke(app, ["report", "--records", str(tmp_path), "--out", str(out)])
    assert result.exit_code == 0
    assert result.output == f"{out}\n"
    assert out.read_text(encoding="utf-8") == "<!DOCTYPE html>ε"
    assert asked == [(tmp_path,)]


def test_a_folder_that_is_missing_is_one_line(tmp_path):
    command = [sys.executable, "-m", "tradeoff", "report", "--records", str(tmp_path / "no")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stderr.startswith("error: records must be a folder, got ")
    assert result.stderr.count("\n") == 1


def test_the_leaderboard_of_the_records_that_are_shipped():
    result = RUNNER.invoke(app, ["leaderboard", "--data", "mnist"])
    assert result.exit_code == 0, result.output
    title, head, _, *lines = result.stdout.rstrip().splitlines()
    assert title == "mnist, turned at random (180 degrees), epsilon 0.3:"
    assert head.split()[:4] == ["rank", "network", "recipe", "seeds"]
    report = json.loads(RUNNER.invoke(app, ["leaderboard", "--data", "mnist", "--json"]).stdout)
    rows = report["leaderboard"]
    assert report["warnings"] == []
    assert [row["rank"] for row in rows] == list(range(1, len(lines) + 1))
    record = Record.load(ROOT / "empirical" / "results" / "recipes_mnist-full.json")
    assert {row["record"] for row in rows} == {"recipes_mnist", "recipes_mnist_small_epsilon"}
    for row, line in zip(rows, lines, strict=True):
        assert line.split()[1] == row["network"]
        if row["record"] != "recipes_mnist":
            continue
        name, _, weight = row["recipe"].partition(",")[0].partition(" ")
        mean = {
            key: statistics.fmean(
                one["successes"] / one["trials"]
                for one in record.rows
                if (one["network"], one["recipe"], one["measure"], one["level"])
                == (row["network"], name, *measure)
                and one["weight"] == (float(weight) if weight else None)
            )
            for key, measure in {
                "S": ("rotation", 180.0), "A": ("adversarial", 0.3), "joint": ("joint", 0.3),
            }.items()
        }  # fmt: skip
        assert {key: row[key] for key in mean} == pytest.approx(mean)
        assert row["mean"] == pytest.approx((mean["S"] + mean["A"]) / 2)
        assert f"{row['mean']:.3f}" in line


def test_no_two_lines_of_the_leaderboard_are_of_the_same_name():
    report = json.loads(RUNNER.invoke(app, ["leaderboard", "--json"]).stdout)
    names = [(row["dataset"], row["network"], row["recipe"]) for row in report["leaderboard"]]
    assert len(set(names)) == len(names)
    assert ("cifar10", "resnet7", "mixture 0.5, 24 epochs") in names
    assert ("mnist", "cnn5", "mixture 0.5, trained at 0.1") in names


def test_ones_own_record_beside_them(tmp_path):
    labels = {"dataset": "mnist", "network": "mine:build", "recipe": "foreign", "seed": 0}
    counts = {"successes": 999, "trials": 1000}
    measured = {"clean": 0.0, "rotation": 180.0, "adversarial": 0.3}
    rows = [{**labels, "measure": m, "level": level, **counts} for m, level in measured.items()]
    record = Record("evaluate", {}, rows, warnings=["gradients vanish"])
    path = record.save(tmp_path / "own.json")
    result = RUNNER.invoke(app, ["leaderboard", "--add", str(path)])
    assert result.exit_code == 0, result.output
    assert "cifar10" not in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if "mine:build" in line]
    assert line.split()[:6] == [">", "1", "mine:build", "foreign", "1", "0.999"]
    assert f"warning: {path}: gradients vanish\n" in result.stdout
    csv = RUNNER.invoke(app, ["leaderboard", "--add", str(path), "--format", "csv"]).stdout
    assert csv.splitlines()[1].startswith("1,mnist,0.3,180 degrees,mine:build,foreign,1,0.999,")
