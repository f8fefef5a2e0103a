"""Nearest points of balls in a diagonal metric, against a general-purpose solver."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy.optimize import minimize

from theory.residual.diagonal import (
    enclose_diagonal,
    nearest_in_ball,
    upper_residuals,
)

ORDERS = {"linf": np.inf, "l2": 2, "l1": 1}
seeds = st.integers(0, 2**32 - 1)
norms = st.sampled_from(list(ORDERS))


@given(seed=seeds, norm=norms)
def test_conditions_of_optimality(seed: int, norm: str) -> None:
    """No point of the ball is closer: the gradient at z supports the ball at z."""
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 8))
    x, v = rng.normal(size=d), 10 ** rng.uniform(-3, 3, size=d)
    radius = float(rng.uniform(0.01, 1.2)) * float(np.linalg.norm(x, ORDERS[norm]))
    z = nearest_in_ball(x, np.array([radius]), v, norm)
    assert np.linalg.norm(z, ORDERS[norm]) <= radius
    pull = (x - z) / v
    dual = {"linf": 1, "l2": 2, "l1": np.inf}[norm]
    support = radius * float(np.linalg.norm(pull, dual))
    length, whole = np.sqrt((pull * pull * v).sum()), np.sqrt((x * x / v).sum())
    assert support - float(pull @ z) <= 1e-11 * length * whole


@pytest.mark.parametrize("norm", ["l2", "l1"])
def test_agrees_with_a_general_solver(norm: str) -> None:
    rng = np.random.default_rng(7)
    x, v, radius = rng.normal(size=4), np.array([0.3, 1.0, 2.0, 5.0]), 0.8
    z = nearest_in_ball(x, np.array([radius]), v, norm)
    found = minimize(
        lambda p: float((((x - p[:4] + p[4:]) ** 2) / v).sum()),
        np.full(8, 0.05),
        bounds=[(0, None)] * 8,
        constraints={
            "type": "ineq",
            "fun": lambda p: (
                radius - np.linalg.norm(p[:4] - p[4:], ORDERS[norm])
                if norm == "l2"
                else radius - p.sum()
            ),
        },
        tol=1e-14,
    )
    assert z == pytest.approx(found.x[:4] - found.x[4:], abs=1e-5)


@given(seed=seeds, norm=norms)
def test_rows_are_independent(seed: int, norm: str) -> None:
    rng = np.random.default_rng(seed)
    x, deviations = rng.normal(size=(4, 3, 5)), rng.uniform(0.5, 2.0, size=5)
    values, lower, shifts = enclose_diagonal(x, 0.6, deviations, norm)
    assert (lower <= values).all()
    assert (upper_residuals(x, 0.6, deviations, norm) == values).all()
    for index in np.ndindex(4, 3):
        value, _, shift = enclose_diagonal(x[index], 0.6, deviations, norm)
        assert value == pytest.approx(values[index], rel=1e-13, abs=0.0)
        assert shift == pytest.approx(shifts[index], abs=1e-13)


@pytest.mark.parametrize("norm", list(ORDERS))
def test_extreme_magnitudes(norm: str) -> None:
    for unit in (5e-324, 1e-300, 1e300):
        values, _, shifts = enclose_diagonal(np.array([unit, 0.0]), 0.0, np.ones(2), norm)
        assert unit <= values <= max(unit * (1.0 + 1e-13), 1e-323)
        assert (shifts == 0.0).all()
        value, _, shift = enclose_diagonal(np.array([unit, -unit]), 1e308, np.ones(2), norm)
        assert (value, shift.tolist()) == (0.0, [unit, -unit])
    values = upper_residuals(np.zeros((2, 3)), 1.0, np.ones(3), norm)
    assert values.tolist() == [0.0, 0.0]
