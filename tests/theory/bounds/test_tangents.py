import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from theory.bounds.tangents import sound_tangent
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
