import csv
import hashlib
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from simulations.records import Record
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.frontiers.measurements import check_measurement
from tradeoff import main
from tradeoff.application import app


def run(*arguments):
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_bound_as_json_is_the_library_answer():
    levels = ["--adversarial-error", "0.1", "--adversarial-error", "0.3"]
    report = json.loads(run("bound", "orientation-texture", *levels, "--format", "json"))
    expected = pairwise_bound(catalogue.block_texture(), [0.1, 0.3])
    found = [row["spatial_error_at_least"] for row in report["bounds"]]
    assert np.allclose(found, expected.spatial_error, atol=1e-12)
    for row in report["bounds"]:
        assert row["spatial_error_status"] == "certified"
    assert {row["status"] for row in report["residuals"]} == {"attained"}


def test_the_sharpest_certified_bound_is_said_once_with_its_source():
    """The network stops at its tolerance; a closed form does not."""
    levels = ["--adversarial-error", "0.1", "--adversarial-error", "0.2"]
    report = json.loads(run("bound", "cyclic-code", *levels, "--format", "json"))
    rows = report["bounds"]
    assert [row["spatial_error_source"] for row in rows] == ["(9.4)", "(9.4)"]
    found = [row["spatial_error_at_least"] for row in rows]
    assert found == pytest.approx([0.325, 0.275], abs=1e-13)
    assert rows[0]["spatial_accuracy_at_most"] == pytest.approx(0.675, abs=1e-13)
    assert rows[0]["invariance_at_most"] == pytest.approx(0.775, abs=1e-13)
    assert not any("closed" in name for name in rows[0])
    arguments = ("bound", "cyclic-code", "--epsilon", "0.3", "--adversarial-error", "0.01")
    row = json.loads(run(*arguments, "--format", "json"))["bounds"][0]
    assert row["spatial_error_source"] == "Theorem 3"


def test_bound_for_invariant_classifiers():
    options = ["orientation-texture", "--adversarial-error", "0.6", "--format", "json"]
    row = json.loads(run("bound", *options, "--invariant"))["bounds"][0]
    setting = catalogue.block_texture().symmetrised()
    assert row["spatial_accuracy_at_most"] == pairwise_bound(setting, [0.6]).spatial_accuracy[0]
    assert row["spatial_accuracy_at_most"] < 0.61


@pytest.mark.parametrize("name", catalogue.SETTINGS)
def test_every_setting_has_a_bound_for_invariant_classifiers(name):
    options = [name, "--adversarial-error", "0.45", "--format", "json"]
    every, invariant = (
        json.loads(run("bound", *options, *more))["bounds"][0] for more in ((), ("--invariant",))
    )
    least = every["spatial_error_at_least"]
    assert invariant["spatial_error_at_least"] >= least - 1e-6


def test_bound_as_csv_and_text():
    rows = list(csv.DictReader(io.StringIO(run("bound", "rotating-bump", "--format", "csv"))))
    assert float(rows[0]["adversarial_error"]) == 0.1
    text = run("bound", "rotating-bump")
    assert "residuals" in text
    assert "certified" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bound", "rotating-bump", "--epsilon", "-0.1"), "error: epsilon must be >= 0, got -0.1"),
        (("bound", "file", "--file", "absent.npz", "--epsilon", "0.1"), "error: "),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tradeoff", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert err.count("\n") == 1


def test_the_report_holds_what_the_setting_was_built_from():
    report = json.loads(run("bound", "orientation-texture", "--blocks", "2", "--format", "json"))
    assert report["setting"]["blocks"] == 2
    assert report["setting"]["pattern_seed"] == 2021
    assert report["setting"]["sigma"] == 0.4


def test_radii_may_be_fractions():
    report = json.loads(run("bound", "rotating-bump", "--epsilon", "8/255", "--format", "json"))
    assert report["setting"]["epsilon"] == 8 / 255


SMALL = ["rotating-bump", "--angles", "4", "--rings", "1", "--points", "3", "--weights", "1"]
SMALL += ["--samples", "1024"]


def command(*arguments):
    line = [sys.executable, "-m", "tradeoff", "frontier", *SMALL, *arguments]
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
        (["--epsilon", "-1"], "error: epsilon must be >= 0, got -1\n"),
    ],
)
def test_bad_input_is_one_line(arguments, message):
    result = command(*arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1


def checked(*arguments, code=0):
    result = CliRunner().invoke(app, ["check", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_check_takes_counts_and_rates():
    counts = ["--spatial", "9350/10000", "--adversarial", "998/1000"]
    told = json.loads(checked("orientation-texture", *counts, "--format", "json", code=1))
    assert told["verdicts"][0]["verdict"] == "impossible"
    assert told["about"] == {"confidence": 0.999, "points": 1}
    setting = catalogue.block_texture()
    verdict = check_measurement(setting, spatial=(9350, 10000), adversarial=(998, 1000))
    assert told["verdicts"][0]["certified_S_at_most"] == verdict.limit
    rates = ["--spatial", ".94", "--adversarial", "99.80%", "--n", "10000"]
    row = json.loads(checked("orientation-texture", *rates, "--format", "json", code=1))
    assert row["verdicts"][0]["spatial"] == "9350/10000"
    assert row["verdicts"][0]["adversarial"] == "9980/10000"
    assert "impossible at confidence 0.999" in checked("orientation-texture", *rates, code=1)


@pytest.mark.parametrize(("right", "code"), [(700, 0), (990, 1)])
def test_check_holds_networks_on_noisy_images_against_recorded_limits(tmp_path, right, code):
    config = {
        "name": "mnist", "split": "test", "classes": "6,9", "turns": "0,2", "degrees": "",
        "norm": "linf", "epsilon": 0.1, "components": 40,
    }  # fmt: skip
    row = {"kind": "limit", "sigma": 1.5, "spatial_weight": 0.5, "at_most": 0.9}
    limits = Record("noisy_images", config, [row]).save(tmp_path / "limits.json")
    name = "noisy-digits:6,9:1.5:0,2"
    rows = [
        {"dataset": name, "network": "dense", "recipe": "mixture", "seed": 0, "measure": measure,
         "level": level, "successes": right, "trials": 1000}
        for measure, level in (("spatial", 0.0), ("adversarial", 0.1))
    ]  # fmt: skip
    tasks = {"one-0": {"dataset": name, "train": 40}}
    path = Record("noisy_digits", {"tasks": tasks}, rows).save(tmp_path / "record.json")
    told = json.loads(checked("--record", path, "--limits", limits, "--format", "json", code=code))
    (verdict,) = told["verdicts"]
    assert verdict["verdict"] == ("impossible" if code else "possible")
    assert (verdict["measured"], verdict["accuracy_at_most"]) == (right / 1000, 0.9)


def test_check_reads_a_record(tmp_path):
    row = {"dataset": "orientation-texture", "network": "mine", "recipe": "foreign", "seed": 0}
    rows = [
        {**row, "measure": "spatial", "level": 0.0, "successes": 990, "trials": 1000},
        {**row, "measure": "adversarial", "level": 0.12, "successes": 995, "trials": 1000},
        {**row, "measure": "adversarial", "level": 0.001, "successes": 999, "trials": 1000},
    ]
    path = Record("evaluate", {}, rows).save(tmp_path / "record.json")
    text = checked("--record", path, code=1)
    assert re.search(r"0\.12 +990/1000 +995/1000 .* impossible", text)
    assert re.search(r"0\.001 +990/1000 +999/1000 .* possible", text)
    Record("evaluate", {}, [rows[0], rows[2]]).save(path)
    told = json.loads(checked("--record", path, "--format", "json"))
    assert told["files"] == {str(path): hashlib.sha256(path.read_bytes()).hexdigest()}
    assert told["verdicts"][0]["verdict"] == "possible"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--confidence", "0.9"], "check must have a setting or --record, got neither"),
        (["--record", "r.json", "rotating-bump", "--spatial", "1/2", "--adversarial", "1/2"],
         "record must be given without a setting, got r.json"),
        (["--limits", "l.json", "rotating-bump", "--spatial", "1/2", "--adversarial", "1/2"],
         "limits must be given without a setting, got l.json"),
        (["--record", "absent.json"], "record absent.json cannot be read"),
    ],
)  # fmt: skip
def test_check_refuses(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        CliRunner().invoke(app, ["check", *arguments], catch_exceptions=False)


def test_names_may_have_underscores():
    for name in ("rotating-bump", "rotating_bump"):
        told = json.loads(run("bound", name, "--format", "json"))
        assert told["command"][:2] == ["bound", "rotating-bump"]
    assert run("derive", "robust_feature") == run("derive", "robust-feature")
