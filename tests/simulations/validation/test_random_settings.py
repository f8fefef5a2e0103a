import numpy as np
import pytest
from scipy import stats

from simulations.validation import random_settings as module
from simulations.validation.random_settings import random_like, random_settings
from tests.simulations.settings import wrong_accuracies
from theory.setting.catalogue import defaults

SETTING = defaults()["robust-feature"]


def uniforms(rows):
    """The randomised quantiles of the counts, uniform if every prediction is right."""
    successes, trials, expected, draw = (
        np.array([row[name] for row in rows])
        for name in ("successes", "trials", "expected", "draw")
    )
    law = stats.binom(trials, expected)
    return law.cdf(successes - 1) + draw * law.pmf(successes)


def fit(rows):
    return stats.kstest(uniforms(rows), "uniform").pvalue


@pytest.fixture(scope="module")
def rows():
    return random_settings(SETTING, 400_000, np.random.SeedSequence(5))


def test_the_counts_have_the_law_that_theory_predicts(rows):
    assert len(rows) == 250
    assert all(row["passed"] for row in rows)
    assert fit(rows) > 1e-6
    assert stats.spearmanr(*(uniforms(rows)[side::2] for side in (0, 1))).pvalue > 1e-6


def test_a_prediction_off_by_two_percent_is_found(rows):
    assert fit([{**row, "expected": 0.98 * row["expected"]} for row in rows]) < 1e-6


@pytest.mark.parametrize("side", [0, 1])
def test_a_wrong_closed_form_is_found(side, monkeypatch):
    monkeypatch.setattr(module, "halfspace_accuracies", wrong_accuracies(side))
    found = random_settings(SETTING, 400_000, np.random.SeedSequence(5))
    assert fit([row for row in found if row["quantity"] == ("spatial", "adversarial")[side]]) < 1e-9


def test_settings_are_random_in_everything_but_their_size():
    rng = np.random.default_rng(0)
    found = [random_like(SETTING, rng) for _ in range(20)]
    for own in found:
        assert own.mixture.means.shape == SETTING.mixture.means.shape
        assert (own.mixture.labels == SETTING.mixture.labels).all()
        assert 0.5 <= own.mixture.sigma / SETTING.mixture.sigma <= 2.0
        assert 0.0 <= own.epsilon <= 2.0 * SETTING.epsilon
        known = {tuple(row) for row in SETTING.transformations.permutations}
        assert {tuple(row) for row in own.transformations.permutations} <= known
    assert {own.norm for own in found} == {"l1", "l2", "linf"}
    assert len({own.transformations.size for own in found}) > 1
    assert len({own.mixture.means.tobytes() for own in found}) == 20
