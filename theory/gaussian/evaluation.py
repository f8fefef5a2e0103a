"""Checks of levels and shifts, and the choice between the three evaluations."""

from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, InputError, boolean, broadcastable, rectangular
from theory.gaussian import certified as enclosed, double, precise as compensated
from theory.gaussian.certified import Enclosure

__all__ = ["evaluate", "evaluate_log", "level_array", "shift_array"]


def evaluate(
    name: str,
    level: ArrayLike,
    rho: ArrayLike,
    signs: tuple[float, float],
    *,
    precise: bool,
    certified: bool,
) -> FloatArray | Enclosure:
    """Evaluate Phi(signs[0] Phi^{-1}(level) + signs[1] rho)."""
    p, distance = level_array(name, level), shift_array("rho", rho)
    broadcastable(**{name: p, "rho": distance})
    shift = signs[1] * distance
    boolean("precise", precise)
    if boolean("certified", certified):
        return enclosed.shifted(p, signs[0], shift)
    road: ModuleType = compensated if precise else double
    never = np.isinf(shift)
    if not never.any():
        return _scalar(road.shifted(p, signs[0], shift))
    value = road.shifted(p, signs[0], np.where(never, 0.0, shift))
    return _scalar(np.where(never, 0.5 + 0.5 * signs[1], value))


def evaluate_log(
    name: str,
    log_level: ArrayLike,
    rho: ArrayLike,
    signs: tuple[float, float],
    *,
    precise: bool,
    certified: bool,
) -> FloatArray | Enclosure:
    """Return the logarithm of :func:`evaluate`, from the logarithm of the level."""
    log_p, distance = _log_level_array(name, log_level), shift_array("rho", rho)
    broadcastable(**{name: log_p, "rho": distance})
    shift = signs[1] * distance
    boolean("precise", precise)
    if boolean("certified", certified):
        return enclosed.log_shifted(log_p, signs[0], shift)
    road: ModuleType = compensated if precise else double
    never = np.isinf(shift)
    value = road.log_shifted(log_p, signs[0], np.where(never, 0.0, shift))
    return _scalar(np.where(never, 0.0 if signs[1] > 0 else -np.inf, value))


def level_array(name: str, value: ArrayLike) -> FloatArray:
    """Return probabilities in [0, 1] as float64."""
    array = _floats(name, value)
    if array.size and not (array.min() >= 0.0 and array.max() <= 1.0):
        wrong = array[~((array >= 0.0) & (array <= 1.0))].flat[0]
        raise InputError(f"{name} must lie in [0, 1], got {wrong}")
    return array


def shift_array(name: str, value: ArrayLike) -> FloatArray:
    """Return distances >= 0, infinity included, as float64."""
    array = _floats(name, value)
    if array.size and not array.min() >= 0.0:
        raise InputError(f"{name} must be >= 0, got {array[~(array >= 0.0)].flat[0]}")
    return array


def _log_level_array(name: str, value: ArrayLike) -> FloatArray:
    """Return logarithms of probabilities, minus infinity included, as float64."""
    array = _floats(name, value)
    if array.size and not array.max() <= 0.0:
        raise InputError(f"{name} must be <= 0, got {array[~(array <= 0.0)].flat[0]}")
    return array


def _floats(name: str, value: ArrayLike) -> FloatArray:
    """Return a float64 array, without a copy where none is needed."""
    return rectangular(name, value, "real numbers", "iuf").astype(np.float64, copy=False)


def _scalar(value: FloatArray) -> FloatArray:
    """Return a NumPy scalar for a zero-dimensional array, as NumPy's own functions do."""
    result: FloatArray = value[()]
    return result
