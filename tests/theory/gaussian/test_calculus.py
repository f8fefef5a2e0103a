"""Slope, excess, distance and composition: reference values, identities, bad input."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.theory.gaussian.reference import ROWS, worst_error
from theory.gaussian.calculus import (
    composed_mu,
    gaussian_advantage,
    gaussian_distance,
    gaussian_slope,
)
from theory.gaussian.tradeoff import gaussian_tradeoff


def test_contract() -> None:
    assert worst_error(gaussian_slope, ROWS, "slope") <= 1.5e-12
    assert worst_error(gaussian_advantage, ROWS, "excess") <= 1e-12


def test_subtraction_breaks_the_contract_of_the_excess() -> None:
    def naive(a: np.ndarray, rho: np.ndarray) -> np.ndarray:
        return (1.0 - a) - gaussian_tradeoff(a, rho)

    assert worst_error(naive, ROWS, "excess") >= 0.5


@given(a=st.floats(0.001, 0.999), rho=st.floats(0.0, 4.0))
def test_slope_is_the_derivative_and_tangents_lie_below(a: float, rho: float) -> None:
    h = 1e-4 * min(a, 1 - a)
    ends = gaussian_tradeoff([a - h, a + h], rho, precise=True)
    slope = float(gaussian_slope(a, rho))
    assert (ends[1] - ends[0]) / (2 * h) == pytest.approx(slope, rel=1e-5, abs=1e-9)
    others = np.linspace(0.0, 1.0, 21)
    tangent = gaussian_tradeoff(a, rho) + slope * (others - a)
    assert (gaussian_tradeoff(others, rho) >= tangent - 1e-12 * max(1.0, -slope)).all()


@given(a=st.floats(1e-9, 1 - 1e-9), rho=st.floats(0.0, 6.0))
def test_distance_is_the_inverse(a: float, rho: float) -> None:
    g = float(gaussian_tradeoff(a, rho))
    if 1e-12 < g < 1 - 1e-9:
        assert gaussian_distance(a, g) == pytest.approx(rho, abs=1e-6)


def test_distance_limits() -> None:
    assert gaussian_distance(0.0, 0.5) == np.inf
    assert gaussian_distance(0.0, 1.0) == 0.0
    assert gaussian_distance([1.0, 0.7], [0.0, 0.6]).tolist() == [0.0, 0.0]


@given(rhos=st.lists(st.floats(0.0, 1e200), min_size=1, max_size=5))
def test_composition(rhos: list[float]) -> None:
    assert composed_mu(*rhos) == pytest.approx(math.hypot(*rhos), rel=1e-15, abs=0.0)
    assert composed_mu(*rhos, 0.0) == composed_mu(*rhos)


def test_composition_is_that_of_the_likelihood_ratio() -> None:
    """Two roads: the best test of two coordinates looks along the line between the means."""
    rng = np.random.default_rng(8)
    threshold = float(composed_mu(3.0, 4.0)) / 2
    x = rng.normal(size=(200_000, 2))
    measured = float((x @ [0.6, 0.8] > threshold).mean())
    from scipy.special import ndtr

    exact = float(ndtr(-threshold))
    assert gaussian_tradeoff(exact, composed_mu(3.0, 4.0)) == pytest.approx(exact, rel=1e-12)
    assert abs(measured - exact) <= 6.5 * np.sqrt(exact / 200_000)


def test_limits() -> None:
    assert gaussian_slope([0.0, 0.5, 1.0], 1.0)[[0, 2]].tolist() == [-np.inf, 0.0]
    assert gaussian_slope([0.0, 0.5, 1.0], 0.0).tolist() == [-1.0, -1.0, -1.0]
    assert gaussian_advantage([0.0, 1.0], 3.0).tolist() == [0.0, 0.0]
    assert gaussian_advantage(0.3, 0.0) == 0.0


def test_refused() -> None:
    with pytest.raises(ValueError, match=r"^error must lie in \[0, 1\], got 2.0$"):
        gaussian_slope(2.0, 1.0)
    for function in (gaussian_slope, gaussian_advantage):
        with pytest.raises(ValueError, match=r"^rho must be finite, got inf$"):
            function(0.1, np.inf)
    with pytest.raises(ValueError, match=r"^other_error must lie in \[0, 1\], got -0.1$"):
        gaussian_distance(0.1, -0.1)
    with pytest.raises(ValueError, match=r"^rho must be >= 0, got nan$"):
        composed_mu(1.0, np.nan)
