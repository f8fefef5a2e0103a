import pytest

from simulations.records import Record
from simulations.validation.report import failures, report

COUNTS = {
    "spatial_successes": 70,
    "spatial_trials": 100,
    "adversarial_successes": 90,
    "adversarial_trials": 100,
}
ROWS = {
    "match": {"quantity": "spatial", "successes": 50, "trials": 100, "expected": 0.75},
    "crossing": {"side": "attack", "limit": 0.5, **COUNTS},
    "interval": {
        "quantity": "spatial error",
        "value": 1.1e-12,
        "lower": 1.05e-12,
        "upper": 1.2e-12,
        "expected": 1e-12,
    },
    "rate": {"slope": -0.4, "expected": -0.5},
}
LINES = {
    "match": "moon, power, rule: spatial 0.500 [0.398, 0.602], expected 0.750000",
    "crossing": "moon, power, rule: S 0.700 [0.600, 0.788] with A 0.900 [0.824, 0.951] (attack), ",
    "interval": "moon, power, rule: spatial error [1.05e-12, 1.2e-12], expected 1e-12",
    "rate": "moon, power, rule: slope -0.40, expected -0.50",
}


def record(*rows):
    return Record("power", {"profile": "smoke", "seed": 2}, list(rows))


@pytest.mark.parametrize("kind", ROWS)
def test_every_kind_of_failure_is_described(kind):
    row = {"setting": "moon", "check": "power", "subject": "rule", "kind": kind, **ROWS[kind]}
    text = report(record({**row, "passed": False}))
    assert LINES[kind] in text
    assert "1 findings, 1 FAILED" in text
    assert LINES[kind] not in report(record({**row, "passed": True}))


def test_errors_that_were_planted_and_not_found_are_called_so():
    row = {"setting": "moon", "check": "power", "subject": "rule", "kind": "match"}
    failed = {**row, **ROWS["match"], "planted": True, "passed": False}
    assert "rule, planted error not found: spatial" in report(record(failed))
    assert failures(record(failed)) == [failed]
