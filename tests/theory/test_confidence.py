"""Exact intervals: coverage by enumeration, the equations that define them, edges."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.stats import binom, binomtest

from theory.confidence import (
    bernstein_margin,
    betting_limit,
    clopper_pearson,
    kind_of_limit,
    lower_limit,
    upper_limit,
)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("trials", [1, 7, 30])
def test_coverage_by_enumeration(trials: int, confidence: float) -> None:
    truth = np.linspace(0.0, 1.0, 401)
    mass = binom.pmf(np.arange(trials + 1), trials, truth[:, None])
    limits = np.array([clopper_pearson(k, trials, confidence) for k in range(trials + 1)])
    covered = (limits[:, 0] <= truth[:, None]) & (truth[:, None] <= limits[:, 1])
    coverage = (mass * covered).sum(axis=1)
    assert coverage.min() >= confidence - 1e-9
    # and no wider than the definition asks: just inside each limit the tail exceeds its share
    lower, upper = limits[:, 0], limits[:, 1]
    k = np.arange(trials + 1)
    assert (binom.sf(k[1:] - 1, trials, lower[1:] + 1e-6) > (1 - confidence) / 2).all()
    assert (binom.cdf(k[:-1], trials, upper[:-1] - 1e-6) > (1 - confidence) / 2).all()


@given(
    counts=st.integers(1, 10**7).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    confidence=st.floats(0.01, 1 - 1e-9),
)
def test_order_and_mirror(counts: tuple[int, int], confidence: float) -> None:
    k, n = counts
    lower, upper = clopper_pearson(k, n, confidence)
    assert 0.0 <= lower <= k / n <= upper <= 1.0
    mirror = clopper_pearson(n - k, n, confidence)
    assert mirror == pytest.approx((1.0 - upper, 1.0 - lower), abs=1e-12)


def test_matches_scipy() -> None:
    interval = binomtest(812, 1000).proportion_ci(0.95, method="exact")
    assert clopper_pearson(812, 1000, 0.95) == pytest.approx((interval.low, interval.high))


def test_edges() -> None:
    assert lower_limit(0, 10, 0.95) == 0.0
    assert upper_limit(10, 10, 0.95) == 1.0
    assert lower_limit(10, 10, 0.95) == pytest.approx(0.05**0.1, rel=1e-12)
    assert upper_limit(0, 10**15, 0.95) == pytest.approx(-np.log(0.05) / 1e15, rel=1e-12, abs=0.0)
    assert upper_limit(0, 10, 0.95) == pytest.approx(1 - 0.05**0.1, rel=1e-12)


@pytest.mark.parametrize("function", [clopper_pearson, lower_limit, upper_limit])
def test_refused(function: object) -> None:
    assert callable(function)
    with pytest.raises(ValueError, match=r"^successes must be <= trials, got 3 of 2$"):
        function(3, 2, 0.95)
    with pytest.raises(ValueError, match=r"^trials must be >= 1, got 0$"):
        function(0, 0, 0.95)
    with pytest.raises(ValueError, match=r"^successes must be an integer, got 0.5$"):
        function(0.5, 2, 0.95)
    for confidence in (0.0, 1.0):
        with pytest.raises(ValueError, match=r"^confidence must lie in \(0, 1\), got "):
            function(1, 2, confidence)


def test_the_formula_by_hand():
    values = np.array([0.0, 1.0, 1.0, 0.0])
    logarithm = np.log(2 / 0.01)
    expected = np.sqrt(2 * (1 / 3) * logarithm / 4) + 7 * logarithm / 9
    assert bernstein_margin(values, 1.0, 0.99) == pytest.approx(expected)


def test_the_limit_fails_as_rarely_as_it_says_and_a_smaller_one_fails_more():
    rng = np.random.default_rng(0)
    means = rng.beta(0.2, 0.8, size=(2000, 300))
    margins = np.array([bernstein_margin(row, 1.0, 0.9) for row in means])
    short = means.mean(axis=1) - 0.2
    # 10 % are allowed; 300 failures of 2000 would need a chance above that beyond 1e-9
    assert np.sum(short + margins < 0) < 300
    assert np.sum(short + 0.1 * margins < 0) > 300


def test_bad_input():
    with pytest.raises(ValueError, match="values must be at least two, got 1"):
        bernstein_margin(np.ones(1), 1.0, 0.9)
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 1.0"):
        bernstein_margin(np.ones(5), 1.0, 1.0)


def bets(values: np.ndarray, confidence: float, m: float) -> float:
    """Return the capital against a mean m, one variable after the other, over what is wanted."""
    wanted = np.log(1.0 / (1.0 - confidence))
    total, squares, capital = 0.5, 0.25, 1.0
    for seen, value in enumerate(values, start=1):
        bet = min(np.sqrt(2.0 * wanted / (len(values) * squares / seen)), 0.75)
        capital *= 1.0 + bet * (m - value)
        total += value
        squares += (value - total / (seen + 1)) ** 2
    return capital * (1.0 - confidence)


def test_betting_wins_at_the_limit_alone() -> None:
    values = np.random.default_rng(3).beta(5.0, 2.0, size=300)
    limit = betting_limit(values, 0.99)
    assert bets(values, 0.99, limit) == pytest.approx(1.0, abs=1e-6)
    assert bets(values, 0.99, limit - 1e-3) < 1.0 < bets(values, 0.99, limit + 1e-3)


@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_coverage_of_betting(share: float) -> None:
    sample = np.random.default_rng(0).random((2000, 200)) < share
    failures = sum(betting_limit(row.astype(float), 0.9) < share for row in sample)
    assert failures <= binom.ppf(1 - 1e-9, 2000, 0.1)
    # and not idle: a level that is hardly used would mean a wide limit
    assert failures >= 20


def test_betting_is_narrower_than_bernstein() -> None:
    values = np.random.default_rng(1).beta(8.0, 2.0, size=2000)
    margin = betting_limit(values, 0.999) - values.mean()
    assert 0.0 < margin < 0.8 * bernstein_margin(values, 1.0, 0.999)


def test_betting_edges() -> None:
    assert betting_limit(np.ones(50), 0.99) == 1.0
    assert 0.0 < betting_limit(np.zeros(1000), 0.99) < 0.01
    assert betting_limit(np.zeros(2), 0.99) == 1.0
    with pytest.raises(ValueError, match=r"values must lie in \[0, 1\], got array\(\[1.5"):
        betting_limit(np.array([1.5]), 0.9)
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 1.0"):
        betting_limit(np.ones(3), 1.0)


@pytest.mark.parametrize("failure", [2.0**-53, 3e-16, 1e-15, 1e-7, 0.001 / 3, 0.0999, 0.5])
def test_failures_are_rounded_up(failure: float) -> None:
    told = float(kind_of_limit(failure).removeprefix("confidence limit at 1 - "))
    assert 0.999 * failure - 2.0**-52 <= told <= 1.11 * failure
    assert told >= failure * (1 - 1e-3)
