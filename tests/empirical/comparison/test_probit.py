"""The probit law is found where it holds, and rejected where it does not."""

import numpy as np
import pytest
from scipy.special import ndtr

from empirical.comparison.probit import probit, probit_law, probit_sum
from simulations.estimates import Estimate


def family(
    slope: float, rng: np.random.Generator, trials: int = 20_000
) -> list[tuple[Estimate, Estimate]]:
    """Twelve models on a line of the given slope, each with its own scatter."""
    along = np.linspace(-1.0, 1.5, 12) + 0.05 * rng.standard_normal(12)
    across = 1.5 + slope * along + 0.05 * rng.standard_normal(12)
    return [
        (Estimate(int(s), trials), Estimate(int(a), trials))
        for s, a in zip(
            rng.binomial(trials, ndtr(across)), rng.binomial(trials, ndtr(along)), strict=True
        )
    ]


def test_the_law_is_found_and_another_slope_rejected() -> None:
    """95 % intervals miss 12 of 40 times with probability below 1e-6."""
    rng = np.random.default_rng(1)
    true = [probit_law(family(-1.0, rng), rng=rng, repetitions=200) for _ in range(40)]
    assert sum(law.agrees for law in true) >= 28
    assert np.mean([law.slope for law in true]) == pytest.approx(-1.0, abs=0.05)
    other = [probit_law(family(-2.0, rng), rng=rng, repetitions=200) for _ in range(10)]
    assert not any(law.agrees for law in other)
    assert np.mean([law.slope for law in other]) == pytest.approx(-2.0, abs=0.15)


def test_the_reach_is_the_sum_of_probits() -> None:
    spatial, adversarial = Estimate(841, 1000), Estimate(977, 1000)
    assert probit_sum(spatial, adversarial) == pytest.approx(1.0 + 2.0, abs=0.05)
    law = probit_law([(spatial, adversarial)] * 2 + [(adversarial, spatial)],
                     rng=np.random.default_rng(0), repetitions=100)  # fmt: skip
    assert law.reach == pytest.approx(probit_sum(spatial, adversarial))
    assert law.models == 3


def test_counts_at_the_ends_stay_finite() -> None:
    assert np.isfinite(probit(Estimate(0, 10)))
    assert probit(Estimate(0, 10)) == pytest.approx(-probit(Estimate(10, 10)))


def test_a_seed_repeats_the_interval() -> None:
    models = family(-1.0, np.random.default_rng(3))
    first, second = (probit_law(models, rng=np.random.default_rng(4)) for _ in range(2))
    assert first == second


def test_bad_input_is_refused() -> None:
    rng = np.random.default_rng(0)
    one = (Estimate(5, 10), Estimate(6, 10))
    with pytest.raises(ValueError, match="at least 3 models, got 2"):
        probit_law([one, one], rng=rng)
    with pytest.raises(ValueError, match="different models, got one point"):
        probit_law([one] * 3, rng=rng)
    with pytest.raises(ValueError, match="repetitions must be >= 100, got 10"):
        probit_law(family(-1.0, rng), rng=rng, repetitions=10)
