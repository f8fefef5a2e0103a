from fractions import Fraction

import numpy as np
from hypothesis import given, strategies as st
from mpmath import mp, mpf
from scipy.optimize import linprog
from scipy.sparse import csr_array

from theory.bounds.cutting_planes import lagrangian_bound, sound_tangent
from theory.gaussian.tradeoff import gaussian_tradeoff

mp.dps = 40


def exact_tradeoff(error, rho):
    if error == 0 or error == 1:
        return mpf(1 - error)
    z = -mp.sqrt(2) * mp.erfinv(2 * mpf(error) - 1)
    return mp.erfc(-(z - mpf(rho)) / mp.sqrt(2)) / 2


@given(
    st.one_of(st.just(0.0), st.floats(1e-12, 40.0)),
    st.floats(-30.0, 30.0),
    st.floats(1e-12, 1.0),
)
def test_the_line_lies_below_the_exact_curve(residual, point, error):
    slope, intercept = sound_tangent(np.array(residual), np.array(point))
    line = mpf(float(intercept)) - mpf(float(slope)) * mpf(error)
    assert line <= exact_tradeoff(error, residual) + mpf(10) ** -35


@given(st.floats(0.01, 12.0), st.floats(-4.0, 8.0))
def test_the_line_touches(residual, point):
    slope, intercept = sound_tangent(np.array(residual), np.array(point))
    from scipy.special import ndtr

    error = ndtr(-point)
    curve = gaussian_tradeoff(error, residual)
    assert curve - 1e-10 * (1 + slope * error) <= intercept - slope * error


def test_zero_residual_gives_the_exact_line():
    slope, intercept = sound_tangent(np.array(0.0), np.array(3.0))
    assert slope == 1.0
    assert intercept == 1.0


def test_arrays_broadcast():
    slope, intercept = sound_tangent(np.array([1.0, 2.0]), np.array([[0.0], [1.0], [2.0]]))
    assert slope.shape == intercept.shape == (3, 2)


def programme(seed):
    rng = np.random.default_rng(seed)
    matrix = rng.uniform(-1, 2, size=(6, 4))
    inside = rng.uniform(0.2, 0.8, size=4)
    return rng.uniform(-1, 1, size=4), matrix, matrix @ inside - 0.1


def exact(cost, matrix, right, upper, multipliers):
    weights = [max(Fraction(0), Fraction(x)) for x in multipliers]
    total = sum((w * Fraction(b) for w, b in zip(weights, right, strict=True)), Fraction(0))
    for j, c in enumerate(cost):
        column = sum(w * Fraction(a) for w, a in zip(weights, matrix[:, j], strict=True))
        total += min(Fraction(0), Fraction(c) - column) * Fraction(upper[j])
    return total


@given(st.integers(0, 200))
def test_solver_multipliers_give_the_optimum(seed):
    cost, matrix, right = programme(seed)
    solved = linprog(cost, A_ub=-matrix, b_ub=-right, bounds=(0, 1))
    bound = lagrangian_bound(cost, csr_array(matrix), right, np.ones(4), -solved.ineqlin.marginals)
    assert solved.fun - 1e-9 <= bound <= solved.fun + 1e-12


@given(st.integers(0, 200), st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_any_multipliers_are_rounded_to_the_sound_side(seed, multipliers):
    cost, matrix, right = programme(seed)
    bound = lagrangian_bound(cost, csr_array(matrix), right, np.ones(4), np.array(multipliers))
    truth = exact(cost, matrix, right, np.ones(4), multipliers)
    assert Fraction(bound) <= truth
    assert float(truth) - bound < 1e-12


def test_multipliers_that_are_not_numbers_are_ignored():
    cost, matrix, right = programme(0)
    bad = np.array([np.nan, np.inf, -np.inf, 0, 0, 0])
    bound = lagrangian_bound(cost, csr_array(matrix), right, np.ones(4), bad)
    assert np.isclose(bound, np.minimum(cost, 0).sum())
