"""The check of measured points: true ones pass, points above the curve do not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from theory import catalogue, halfspace_frontier, pairwise_bound
from theory.frontiers.measurements import (
    MeasurementVerdict,
    check_measurement,
    check_measurements,
    measured_limits,
)

SETTING = catalogue.defaults()["orientation-texture"]


def test_points_of_halfspaces_are_possible():
    frontier = halfspace_frontier(SETTING, [0.25, 0.5, 0.75])
    rng = np.random.default_rng(0)
    for spatial, adversarial in zip(
        frontier.spatial_accuracy, frontier.adversarial_accuracy, strict=True
    ):
        verdict = check_measurement(
            SETTING,
            spatial=(int(rng.binomial(4000, spatial)), 4000),
            adversarial=(int(rng.binomial(4000, min(adversarial, 1.0))), 4000),
            confidence=1 - 1e-9,
        )
        assert not verdict.violated
        assert str(verdict).startswith("possible at confidence 0.999999999")


def test_points_above_the_curve_are_impossible():
    # at A = 0.9 the bound allows S = 0.771 and no more
    limit = float(pairwise_bound(SETTING, 0.1).spatial_accuracy)
    verdict = check_measurement(
        SETTING, spatial=(int((limit + 0.02) * 1e6), 10**6), adversarial=(900_000, 10**6)
    )
    assert verdict.violated
    assert "the attack was too weak" in str(verdict)


def test_small_samples_and_large_families_prove_less():
    counts = {"spatial": (80, 100), "adversarial": (100, 100)}
    single = check_measurement(SETTING, **counts)
    family = check_measurement(SETTING, points=1000, **counts)
    assert family.spatial_lower < single.spatial_lower
    assert family.adversarial_lower < single.adversarial_lower
    assert family.limit >= single.limit


def test_sums_have_the_lower_limits_of_both():
    found = measured_limits([((90, 100), (50, 100)), ((10, 20), (20, 20))], confidence=0.9)
    sums = found.least_sums([0.0, 0.25, 1.0])
    assert sums[:, 0] == pytest.approx(found.adversarial)
    assert sums[:, 2] == pytest.approx(found.spatial)
    assert sums[:, 1] == pytest.approx(0.25 * found.spatial + 0.75 * found.adversarial)
    with pytest.raises(ValueError, match=r"weights must lie in \[0, 1\], got \[1.5\]"):
        found.least_sums([1.5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"spatial": (5, 4)}, "successes must be <= trials, got 5 of 4"),
        ({"adversarial": (0, 0)}, "trials must be >= 1, got 0"),
        ({"confidence": 1.0}, r"confidence must lie in \(0, 1\), got 1.0"),
        ({"spatial": 5}, r"spatial must be a pair \(successes, trials\), got 5"),
        ({"points": 0}, "points must be >= 1, got 0"),
    ],
)
def test_bad_input(change, message):
    arguments = {"spatial": (1, 2), "adversarial": (1, 2)} | change
    with pytest.raises(ValueError, match=message):
        check_measurement(SETTING, **arguments)


def test_an_adversarial_accuracy_that_cannot_be_is_said_to_be_one():
    setting = catalogue.defaults()["robust-feature"]
    verdict = check_measurement(setting, spatial=(10, 1000), adversarial=(990, 1000))
    assert verdict.violated
    assert verdict.adversarial_limit < 0.81
    assert "no classifier has adversarial accuracy above 0.80" in str(verdict)


def test_several_measurements_are_one_family():
    measured = [((746, 1000), (998, 1000)), ((9900, 10_000), (9900, 10_000)), ((0, 5), (0, 5))]
    verdicts = check_measurements(SETTING, measured)
    assert [verdict.violated for verdict in verdicts] == [False, True, False]
    for (spatial, adversarial), verdict in zip(measured, verdicts, strict=True):
        alone = check_measurement(SETTING, spatial=spatial, adversarial=adversarial, points=3)
        assert verdict.spatial_lower == alone.spatial_lower
        assert verdict.adversarial_lower == alone.adversarial_lower
        assert verdict.limit == pytest.approx(alone.limit, abs=2e-6)
    with pytest.raises(ValueError, match="points must be >= 3, those measured, got 2"):
        check_measurements(SETTING, measured, points=2)
    with pytest.raises(ValueError, match="points must be >= 1, got 0"):
        check_measurements(SETTING, [])


def test_limits_are_exact_and_keep_the_digits_of_small_errors():
    limits = measured_limits([((746, 1000), (999, 1000))], confidence=1 - 1e-6)
    tail = 0.25e-6 * 2
    assert binom.sf(745, 1000, limits.spatial[0]) == pytest.approx(tail, rel=1e-6)
    assert binom.cdf(1, 1000, limits.adversarial_error[0]) == pytest.approx(tail, rel=1e-6)
    assert limits.adversarial[0] == pytest.approx(1.0 - limits.adversarial_error[0], abs=1e-14)
    # of 10^12 successes alone the error is about 1e-11: 1 - p would leave five digits
    perfect = measured_limits([((1, 2), (10**12, 10**12))], confidence=0.9)
    assert perfect.adversarial_error[0] == pytest.approx(-np.log(0.05) * 1e-12, rel=1e-9)


def test_only_what_lies_above_a_curve_is_impossible():
    limits = measured_limits([((50, 100), (50, 100))], confidence=0.9)
    for limit, ceiling, violated in (
        (limits.spatial[0], 1.0, False),
        (np.nextafter(limits.spatial[0], 0.0), 1.0, True),
        (1.0, limits.adversarial[0], False),
        (1.0, np.nextafter(limits.adversarial[0], 0.0), True),
    ):
        (verdict,) = limits.verdicts([limit], adversarial_limit=ceiling)
        assert bool(verdict.violated) is violated
    with pytest.raises(ValueError, match="argument 3 is longer"):
        limits.verdicts([0.5, 0.5])


def test_what_is_said_of_limits_is_rounded_to_the_sound_side():
    verdict = MeasurementVerdict(0.9265056, 0.1234565, 0.8874951, 0.999, 0.7654321)
    assert "above 0.887496 at this adversarial accuracy, yet at least 0.926505" in str(verdict)
    possible = replace(verdict, spatial_lower=0.1234565)
    assert "at least 0.123456, the certified limit is 0.887496" in str(possible)
    hidden = replace(verdict, adversarial_lower=0.8000005)
    assert "accuracy above 0.765433, yet at least 0.800000 was measured" in str(hidden)
