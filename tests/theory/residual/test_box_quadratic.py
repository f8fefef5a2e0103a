"""Quadratic programmes over a box: the conditions of optimality, and SciPy's answer."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import lsq_linear

from theory.residual.box_quadratic import box_minimizer


@given(seed=st.integers(0, 2**32 - 1), d=st.integers(1, 12), log_condition=st.floats(0, 6))
def test_optimality(seed: int, d: int, log_condition: float) -> None:
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0]
    hessian = (basis * np.geomspace(1.0, 10**log_condition, d)) @ basis.T
    hessian = (hessian + hessian.T) / 2
    linear, radius = 3.0 * rng.normal(size=d), float(rng.uniform(0.01, 3.0))
    x = box_minimizer(hessian, linear, radius, np.clip(linear, -radius, radius))
    gradient = hessian @ x - linear
    noise = 1e-12 * 10**log_condition
    assert (np.abs(x) <= radius).all()
    assert (np.abs(gradient[np.abs(x) < radius]) <= noise).all()
    assert (gradient[x == radius] <= noise).all()
    assert (gradient[x == -radius] >= -noise).all()


def test_agrees_with_scipy() -> None:
    rng = np.random.default_rng(1)
    matrix, target = rng.normal(size=(20, 8)), rng.normal(size=20)
    x = box_minimizer(matrix.T @ matrix, matrix.T @ target, 0.05, np.zeros(8))
    expected = lsq_linear(matrix, target, (-0.05, 0.05), method="bvls").x
    assert x == pytest.approx(expected, abs=1e-12)
    assert (np.abs(x) == 0.05).any()
    assert (np.abs(x) < 0.05).any()


def test_ties_are_solved_at_once() -> None:
    d = 6
    hessian = np.eye(d) + 0.5
    x = box_minimizer(hessian, np.full(d, 10.0), 1.0, np.zeros(d))
    assert x.tolist() == [1.0] * d
    assert box_minimizer(hessian, hessian @ np.full(d, 0.3), 1.0, np.ones(d)) == pytest.approx(
        np.full(d, 0.3), rel=1e-14
    )


@pytest.mark.parametrize(
    ("d", "seed"), [(3, 52), (3, 902), (3, 1002), (5, 355), (5, 1057), (8, 600), (40, 0)]
)
def test_minimum_where_clipped_steps_point_uphill(d: int, seed: int) -> None:
    """Condition number 1e6; in the first six, steps that are only clipped stop short."""
    rng = np.random.default_rng([seed, d])
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0]
    hessian = (basis * np.geomspace(1.0, 1e6, d)) @ basis.T
    hessian = (hessian + hessian.T) / 2
    goal = rng.normal(size=d)
    radius = float(rng.uniform(0, 1) * np.abs(goal).max())
    x = box_minimizer(hessian, hessian @ goal, radius, np.clip(goal, -radius, radius))
    gradient, inner = hessian @ (x - goal), np.abs(x) < radius
    assert (np.abs(x) <= radius).all()
    assert (np.abs(gradient[inner]) <= 1e-6).all()
    assert (gradient[~inner] * np.sign(x[~inner]) <= 1e-6).all()
