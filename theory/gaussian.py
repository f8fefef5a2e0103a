"""The Gaussian trade-off function: the least type II error of a test at a given level."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, ndtr, ndtri, ndtri_exp

from theory.checks import FloatArray

__all__ = ["gaussian_tradeoff", "log_gaussian_tradeoff"]


def gaussian_tradeoff(error: ArrayLike, rho: ArrayLike) -> FloatArray:
    """Least type II error of testing N(0, 1) against N(rho, 1) at level ``error``.

    G_rho(a) = Phi(Phi^{-1}(1 - a) - rho) (THEORY.md, section 2), evaluated as
    Phi(-Phi^{-1}(a) - rho), so that 1 - a is never formed.
    """
    a = _unit("error", error)
    shift = _shift(rho)
    with np.errstate(invalid="ignore"):
        value = ndtr(-ndtri(a) - shift)
    return _at_infinity(value, a == 0.0, shift, 1.0)


def log_gaussian_tradeoff(log_error: ArrayLike, rho: ArrayLike) -> FloatArray:
    """Logarithm of the trade-off function, from the logarithm of the error."""
    log_a = np.asarray(log_error, dtype=np.float64)
    if log_a.size and not log_a.max() <= 0.0:
        raise ValueError(f"log_error must be <= 0, got {log_a.max()}")
    shift = _shift(rho)
    with np.errstate(invalid="ignore", divide="ignore"):
        quantile = np.where(log_a == -np.inf, -np.inf, ndtri_exp(log_a))
        value = log_ndtr(-quantile - shift)
    return _at_infinity(value, log_a == -np.inf, shift, 0.0)


def _unit(name: str, value: ArrayLike) -> FloatArray:
    array = np.asarray(value, dtype=np.float64)
    if array.size and not (array.min() >= 0.0 and array.max() <= 1.0):
        raise ValueError(
            f"{name} must lie in [0, 1], got {array[~((array >= 0) & (array <= 1))].flat[0]}"
        )
    return array


def _shift(rho: ArrayLike) -> FloatArray:
    array = np.asarray(rho, dtype=np.float64)
    if array.size and not array.min() >= 0.0:
        raise ValueError(f"rho must be >= 0, got {array.min()}")
    return array


def _at_infinity(value: FloatArray, never: object, shift: FloatArray, top: float) -> FloatArray:
    if not np.isinf(shift).any():
        return value
    return np.where(never & np.isinf(shift), 0.0 if top == 1.0 else -np.inf, value)
