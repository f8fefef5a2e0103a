import numpy as np
import pytest
from scipy.special import ndtri

import simulations.validation.power as module
from simulations.estimates import Estimate
from simulations.validation.findings import LEVEL
from simulations.validation.power import power, tight_pair
from tests.simulations.settings import circulant, small_setting
from theory.bounds.pairwise import pairwise_bound
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.setting.catalogue import defaults


@pytest.mark.parametrize(
    "setting",
    [
        *defaults().values(),
        small_setting(norm="l2"),
        small_setting(norm="l1", covariance=circulant()),
    ],
    ids=lambda setting: f"{setting.name}-{setting.norm}",
)
def test_the_tight_pair_lies_on_its_bound(setting):
    tight, halfspace = tight_pair(setting)
    spatial, adversarial = halfspace_accuracies(tight, halfspace.normal, halfspace.offset)
    assert ndtri(spatial) + ndtri(adversarial) == pytest.approx(1.5, abs=1e-9)
    assert min(spatial, adversarial) > 0.5
    bound = pairwise_bound(tight, 1 - adversarial).spatial_accuracy
    assert float(bound) == pytest.approx(spatial, abs=1e-6)


def test_errors_too_small_to_be_found_are_reported(monkeypatch):
    monkeypatch.setattr(module, "_ERROR", 0.0)
    monkeypatch.setattr(module, "_LIMIT", 100_000)
    rows = power(defaults()["robust-feature"], 1000, np.random.SeedSequence(7))
    assert all(not row["passed"] for row in rows if row["planted"])
    assert [row["passed"] for row in rows if not row["planted"]] == [True]


def test_an_attack_that_covers_everything_is_refused():
    with pytest.raises(ValueError, match="epsilon must leave a residual, got 50; lower it"):
        tight_pair(small_setting(epsilon=50.0))


@pytest.mark.parametrize("setting", defaults().values(), ids=defaults())
def test_a_curve_that_is_too_low_is_found_by_more_than_chance(setting):
    """At seven standard deviations it is missed as rarely as a right curve is rejected."""
    row = module._outer_curve(setting, module._SAMPLES, np.random.default_rng(64))
    spatial = Estimate(row["spatial_successes"], row["spatial_trials"])
    deviation = np.sqrt(spatial.value * (1 - spatial.value) / spatial.trials)
    assert row["planted"]
    assert spatial.interval(1 - LEVEL)[0] - row["limit"] > 7 * deviation
