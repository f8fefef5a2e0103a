import pytest

from simulations.estimates import Estimate
from simulations.validation.findings import LEVEL, BoundCheck, ProportionCheck, agrees, figures


def test_agreement_is_decided_at_the_level():
    estimate = Estimate(5000, 10_000)
    assert agrees(estimate, 0.5)
    lower, upper = estimate.interval(1 - LEVEL)
    assert agrees(estimate, lower)
    assert not agrees(estimate, lower - 1e-6)
    assert not agrees(estimate, upper + 1e-6)


def test_matches_become_rows():
    match = ProportionCheck("rule", "spatial", "StatisticLaw", 0.5, Estimate(5000, 10_000))
    assert match.row() == {
        "kind": "match",
        "subject": "rule",
        "quantity": "spatial",
        "road": "StatisticLaw",
        "expected": 0.5,
        "successes": 5000,
        "trials": 10_000,
        "passed": True,
    }
    assert not ProportionCheck("rule", "spatial", "FullLaw", 0.6, Estimate(5000, 10_000)).passed


@pytest.mark.parametrize(("limit", "passed"), [(0.75, True), (0.70, True), (0.66, False)])
def test_crossings_become_rows(limit, passed):
    crossing = BoundCheck("rule", "exact", Estimate(7000, 10_000), Estimate(90, 100), limit)
    assert crossing.passed is passed
    assert crossing.row() == {
        "kind": "crossing",
        "subject": "rule",
        "side": "exact",
        "limit": limit,
        "spatial_successes": 7000,
        "spatial_trials": 10_000,
        "adversarial_successes": 90,
        "adversarial_trials": 100,
        "passed": passed,
    }


def test_predictions_are_kept_to_the_digits_on_which_machines_agree():
    assert figures(0.1 + 0.2) == figures(0.3) == 0.3
    assert figures(1e-12 / 3.0) == 3.33333333e-13
    counts = Estimate(5000, 10_000)
    for noise in (-1e-15, 0.0, 1e-15):
        assert (
            ProportionCheck("rule", "spatial", "inputs", 0.7 + noise, counts).row()["expected"]
            == 0.7
        )
        assert BoundCheck("rule", "exact", counts, counts, 0.7 + noise).row()["limit"] == 0.7
