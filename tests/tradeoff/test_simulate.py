import sys

import pytest

from simulations.records import Record
from simulations.validation import experiments
from simulations.validation.experiments import EXPERIMENTS, Experiment
from tradeoff import main


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["tradeoff", "simulate", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return end.code or 0
    return 0


def test_a_page_and_a_record(tmp_path, monkeypatch, capsys):
    tiny = Experiment("tiny", checks=("convergence",), settings=("robust-feature",))
    monkeypatch.setitem(EXPERIMENTS, "tiny", tiny)
    code = run(monkeypatch, "tiny", "--profile", "smoke", "--out", tmp_path)
    output = capsys.readouterr().out
    assert code == 0
    assert "robust-feature       convergence      2 of 2   ok" in output
    assert "2 findings, all passed" in output
    record = Record.load(tmp_path / "tiny-smoke.json")
    assert len(record.rows) == 2
    assert run(monkeypatch, "tiny", "--profile", "smoke", "--out", tmp_path) == 0
    assert capsys.readouterr().out == output
    run(monkeypatch, "tiny", "--profile", "smoke", "--out", tmp_path, "--format", "json")
    assert '"digest":"' in capsys.readouterr().out


def test_a_failure_is_reported_with_exit_code_one(tmp_path, monkeypatch, capsys):
    common = {"setting": "moon", "check": "closed-forms", "subject": "rule"}
    match = {"kind": "match", "quantity": "spatial", "successes": 1, "trials": 4, "expected": 0.9}
    record = Record(
        "closed-forms",
        {"profile": "smoke", "seed": 0},
        [{**common, **match, "passed": False}, {**common, **match, "passed": True}],
    )
    monkeypatch.setattr(experiments, "run", lambda *arguments, **options: record)
    assert run(monkeypatch, "closed-forms", "--out", tmp_path) == 1
    output = capsys.readouterr().out
    assert "closed-forms     1 of 2   FAILED" in output
    assert (
        "FAILED  moon, closed-forms, rule: spatial 0.250 [0.006, 0.806], expected 0.900" in output
    )
    assert "2 findings, 1 FAILED" in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("moon",), "error: experiment must be one of validation, "),
        (("--out", "/proc/nowhere"), "error: folder must be writable"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(arguments, message, tmp_path, monkeypatch, capsys):
    where = () if "--out" in arguments else ("--out", tmp_path)
    assert run(monkeypatch, *arguments, *where) == 2
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1
