"""Phi(s Phi^{-1}(p) + t) with the quantile and its argument in twice the precision."""

import numpy as np
from scipy.special import erf, erfcx, ndtri, ndtri_exp

from theory.checks import FloatArray
from theory.error_free import two_product, two_sum

__all__ = ["log_shifted", "shifted"]

_ROOT_TWO, _ROOT_TWO_PI = np.sqrt(2.0), np.sqrt(2.0 * np.pi)
# log 2 = _LOG2 + _LOG2_REST, the first with 42 bits: its product with an exponent is exact
_LOG2, _LOG2_REST = 0.6931471805598903, 5.497923018708371e-14


def shifted(p: FloatArray, sign: float, shift: FloatArray) -> FloatArray:
    """Evaluate Phi(sign Phi^{-1}(p) + shift), for p in [0, 1] and finite shifts."""
    high, low = _argument(*_quantile(p), sign, shift)
    tail = _lower_tail(np.abs(high), np.where(high > 0.0, low, -low))
    return np.where(high > 0.0, 1.0 - tail, tail)


def log_shifted(log_p: FloatArray, sign: float, shift: FloatArray) -> FloatArray:
    """Return the logarithm of :func:`shifted`, from the logarithm of p."""
    high, low = _argument(*_quantile_of_log(log_p), sign, shift)
    u, rest = np.abs(high), np.where(high > 0.0, low, -low)
    lower = _log_lower_tail(u, rest)
    return np.where(high > 0.0, np.log1p(-_lower_tail(u, rest)), lower)


def _argument(
    z: FloatArray, rest: FloatArray, sign: float, shift: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return sign z + shift as a sum of two doubles, the second below the rounding of the first."""
    infinite = np.isinf(z)
    high, low = two_sum(np.where(infinite, 0.0, sign * z), shift)
    high, low = two_sum(high, low + sign * rest)
    return np.where(infinite, sign * z, high), np.where(infinite, 0.0, low)


def _mills(u: FloatArray) -> FloatArray:
    """Return Phi(-u) exp(u^2/2), a smooth function of u >= 0."""
    return np.asarray(0.5 * erfcx(u / _ROOT_TWO), dtype=np.float64)


def _half_square(u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return u^2/2 as a sum of two doubles; infinite beyond 1e150."""
    bounded = np.minimum(u, 1e150)
    square, rest = two_product(bounded, bounded)
    return np.where(u > 1e150, np.inf, 0.5 * square), 0.5 * rest


def _lower_tail(u: FloatArray, rest: FloatArray) -> FloatArray:
    """Return Phi(-u - rest) for u >= 0."""
    square, low = _half_square(u)
    mills = _mills(np.where(np.isinf(u), 0.0, u))
    correction = np.where(np.isinf(square), 0.0, -low - rest / (_ROOT_TWO_PI * mills))
    with np.errstate(under="ignore"):
        return np.asarray(mills * np.exp(-square) * (1.0 + correction), dtype=np.float64)


def _log_lower_tail(u: FloatArray, rest: FloatArray) -> FloatArray:
    """Return the logarithm of Phi(-u - rest) for u >= 0."""
    square, low = _half_square(u)
    mills = _mills(np.minimum(u, 1e150))
    small = np.log(mills) - low - rest / (_ROOT_TWO_PI * mills)
    return np.asarray(np.where(np.isinf(square), 0.0, small) - square, dtype=np.float64)


def _quantile(p: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve for Phi^{-1}(p) as a sum of two doubles, from the centre or the nearer tail."""
    high, low = _from_tail(np.where(p > 0.5, 1.0 - p, p))
    side = np.where(p > 0.5, -1.0, 1.0)
    central = (p >= 0.25) & (p <= 0.75)
    middle, rest = _from_centre(np.where(central, p - 0.5, 0.0))
    return np.where(central, middle, side * high), np.where(central, rest, side * low)


def _quantile_of_log(log_p: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve log Phi(z) = log_p for a sum of two doubles: as above, or deep in the lower tail."""
    upper, lower = log_p > -0.28, log_p < -1.39
    near, near_rest = _from_tail(np.where(upper, -np.expm1(log_p), 0.5))
    offset = np.where(upper | lower, 0.0, 0.5 * np.expm1((log_p + _LOG2) + _LOG2_REST))
    middle, middle_rest = _from_centre(offset)
    far, far_rest = _from_log_tail(np.where(lower, log_p, -2.0))
    return (
        np.where(upper, -near, np.where(lower, far, middle)),
        np.where(upper, -near_rest, np.where(lower, far_rest, middle_rest)),
    )


def _from_centre(offset: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve for the z with Phi(z) = 1/2 + offset, for |offset| <= 1/4, where erf loses nothing."""
    z = np.where(np.abs(offset) < 1e-8, _ROOT_TWO_PI * offset, ndtri(0.5 + offset))
    error = 0.5 * erf(z / _ROOT_TWO) - offset
    return z, -error * _ROOT_TWO_PI * np.exp(0.5 * z * z)


def _from_tail(q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve for the z with Phi(z) = q, for q <= 1/2; -inf where q = 0."""
    mantissa, exponent = np.frexp(np.where(q > 0.0, q, 0.5))
    u = -ndtri(np.where(q > 0.0, q, 0.5))
    square, low = _half_square(u)
    high, rest = two_sum(-square, -exponent * _LOG2)
    mills = _mills(u)
    excess = mills * np.exp(high) * (1.0 + (rest - low - exponent * _LOG2_REST)) / mantissa - 1.0
    step = -excess * _ROOT_TWO_PI * mills
    return np.where(q > 0.0, -u, -np.inf), np.where(q > 0.0, step, 0.0)


def _from_log_tail(log_q: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve for the z with log Phi(z) = log_q, for log_q < -1; -inf where log_q = -inf."""
    target = np.where(np.isinf(log_q), -2.0, log_q)
    u, step = -ndtri_exp(target), np.zeros_like(target)
    for _ in range(3):
        u = u + step
        square, low = _half_square(u)
        mills = _mills(u)
        high, rest = two_sum(-square, -target)
        step = _ROOT_TWO_PI * mills * (high + np.log(mills) + (rest - low))
    infinite = np.isinf(log_q)
    return np.where(infinite, -np.inf, -u), np.where(infinite, 0.0, -step)
