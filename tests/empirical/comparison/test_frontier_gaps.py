"""Networks against the certified frontier."""

import pytest

from empirical.comparison.frontier_gaps import frontier_gaps
from simulations.estimates import Estimate
from theory.bounds.pairwise import pairwise_bound
from theory.setting.catalogue import defaults

SETTING = defaults()["orientation-texture"]
MIXTURE = (Estimate(741, 1000), Estimate(995, 1000))


def test_the_gap_is_bound_minus_measured() -> None:
    (gap,) = frontier_gaps(SETTING, [MIXTURE])
    bound = float(pairwise_bound(SETTING, 5.5 / 1001).spatial_accuracy)
    assert gap.bound == pytest.approx(bound, abs=1e-9)
    assert gap.gap == pytest.approx(bound - 0.741, abs=1e-9)
    assert gap.possible


def test_a_point_above_the_frontier_is_a_failed_attack() -> None:
    honest, broken = frontier_gaps(SETTING, [MIXTURE, (Estimate(980, 1000), Estimate(990, 1000))])
    assert honest.possible
    assert not broken.possible
    assert broken.gap < -0.2


def test_a_point_on_the_frontier_is_possible_whatever_its_chance_error() -> None:
    bound = float(pairwise_bound(SETTING, 0.01).spatial_accuracy)
    near = (Estimate(round(400 * bound) + 8, 400), Estimate(396, 400))
    assert frontier_gaps(SETTING, [near])[0].possible


def test_perfect_measured_accuracy_is_not_taken_for_certainty() -> None:
    (gap,) = frontier_gaps(SETTING, [(Estimate(150, 200), Estimate(200, 200))])
    assert gap.possible
    assert 0.7 < gap.bound < 0.8


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match=r"measured must be 1 to \d+ pairs of estimates, got none"):
        frontier_gaps(SETTING, [])
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 1"):
        frontier_gaps(SETTING, [MIXTURE], confidence=1.0)
    with pytest.raises(ValueError, match=r"measured must be pairs of estimates, got \(1, 2\)"):
        frontier_gaps(SETTING, [(1, 2)])
