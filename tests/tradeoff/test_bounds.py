import csv
import io
import json
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from tradeoff.bounds import app
from tradeoff.settings import build_setting
from tradeoff.errors import execute
from theory.bounds.pairwise import pairwise_bound


def run(*arguments):
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_bound_as_json_is_the_library_answer():
    levels = ["--adversarial-error", "0.1", "--adversarial-error", "0.3"]
    report = json.loads(run("bound", "orientation-texture", *levels, "--format", "json"))
    expected = pairwise_bound(build_setting("orientation-texture"), [0.1, 0.3])
    found = [row["spatial_error_at_least"] for row in report["bounds"]]
    assert np.allclose(found, expected.spatial_error, atol=1e-12)
    for row in report["bounds"]:
        assert row["spatial_error_status"] == "certified"
        assert row["closed_form"] == "Theorem 2"
        assert row["closed_form_spatial_error_at_least"] <= row["spatial_error_at_least"] + 1e-7
    assert {row["status"] for row in report["residuals"]} == {"attained"}


def test_bound_of_a_code_prints_theorem_6():
    report = json.loads(run("bound", "cyclic-code", "--epsilon", "0.6", "--format", "json"))
    row = report["bounds"][0]
    assert row["closed_form"] == "Theorem 6"
    assert row["closed_form_spatial_error_at_least"] == pytest.approx(3 / 8 * 0.8)


def test_bound_as_csv_and_text():
    rows = list(csv.DictReader(io.StringIO(run("bound", "rotating-bump", "--format", "csv"))))
    assert float(rows[0]["adversarial_error"]) == 0.1
    text = run("bound", "rotating-bump")
    assert "residuals" in text
    assert "certified" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bound", "nothing"), "error: setting must be one of cyclic-code"),
        (("bound", "rotating-bump", "--epsilon", "-0.1"), "error: epsilon must be >= 0, got -0.1"),
        (("bound", "file", "--file", "absent.npz", "--epsilon", "0.1"), "error: "),
        (("bound", "cyclic-code", "--format", "xml"), "error: format must be one of text, json"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, message, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["theory", *arguments])
    with pytest.raises(SystemExit) as stop:
        execute(app)
    assert stop.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(message)
    assert err.count("\n") == 1
