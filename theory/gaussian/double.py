"""Phi(s Phi^{-1}(p) + t) in double precision: the default evaluation."""

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from theory.checks import FloatArray

__all__ = ["cdf", "log_quantile", "log_shifted", "shifted"]

# Beyond this argument SciPy's ndtr and log_ndtr return 0 for values that doubles still hold.
_NDTR_LIMIT = -37.5
_HALF = -np.log(2.0)


def cdf(x: FloatArray) -> FloatArray:
    """Evaluate Phi(x), subnormal values included."""
    value = np.asarray(ndtr(x))
    if x.size and x.min() < _NDTR_LIMIT:
        deep = x < _NDTR_LIMIT
        value[deep] = np.exp(log_ndtr(x[deep]))
    return value


def shifted(p: FloatArray, sign: float, shift: FloatArray) -> FloatArray:
    """Evaluate Phi(sign Phi^{-1}(p) + shift), for p in [0, 1] and finite shifts."""
    return cdf(ndtri(p) + shift if sign > 0 else shift - ndtri(p))


def log_shifted(log_p: FloatArray, sign: float, shift: FloatArray) -> FloatArray:
    """Return the logarithm of :func:`shifted`, from the logarithm of p."""
    x = sign * log_quantile(log_p) + shift
    value = np.asarray(log_ndtr(x), dtype=np.float64)
    high = x > -_NDTR_LIMIT
    value[high] = -np.exp(log_ndtr(-x[high]))
    return value


def log_quantile(log_p: FloatArray) -> FloatArray:
    """Solve for the z with log Phi(z) = log_p: SciPy's, after one Newton step in the lower tail."""
    z = np.array(ndtri_exp(log_p), dtype=np.float64)
    upper = log_p > _HALF
    z[upper] = -ndtri(-np.expm1(log_p[upper]))
    lower = ~upper & np.isfinite(z)
    start, target = z[lower], log_p[lower]
    value = log_ndtr(start)
    with np.errstate(under="ignore"):
        mills = np.exp(value + 0.5 * start * start + 0.5 * np.log(2.0 * np.pi))
    z[lower] = start - (value - target) * mills
    return z
