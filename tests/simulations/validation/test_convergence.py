import numpy as np

import simulations.validation.convergence as module
from simulations.estimates import Estimate
from simulations.sampling.accuracy import spatial_accuracy
from simulations.sampling.quasi_monte_carlo import ReplicatedMean
from simulations.validation.convergence import convergence
from tests.simulations.settings import small_setting


def verdicts():
    rows = convergence(small_setting(), 100_000, np.random.SeedSequence(6))
    return {row["subject"]: row for row in rows}


def test_both_rates_are_the_expected_ones():
    rows = verdicts()
    assert all(row["passed"] for row in rows.values())
    assert abs(rows["independent samples"]["slope"] + 0.5) < 0.15
    assert abs(rows["scrambled Sobol points"]["slope"] + 1.0) < 0.3


def test_samples_counted_twice_are_found(monkeypatch):
    def doubled(setting, member, count, *, rng):
        half = spatial_accuracy(setting, member, count // 2, rng=rng)
        return Estimate(2 * half.successes, 2 * half.trials)

    monkeypatch.setattr(module, "spatial_accuracy", doubled)
    assert not verdicts()["independent samples"]["passed"]


def test_sobol_points_without_their_structure_are_found(monkeypatch):
    def independent(law, criterion, points, replicates, *, rng):
        return ReplicatedMean(rng.binomial(points, 0.6, size=replicates) / points)

    monkeypatch.setattr(module, "quasi_accuracy", independent)
    row = verdicts()["scrambled Sobol points"]
    assert not row["passed"]
    assert row["slope"] > -0.65
