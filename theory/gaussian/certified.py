"""Phi(s Phi^{-1}(p) + t) between two doubles, by ball arithmetic (python-flint's arb)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.checks import FloatArray, optional_module

__all__ = ["Enclosure", "log_shifted", "shifted"]

_BITS = (128, 256, 1024, 4096)
_ENOUGH = 70


@dataclass(frozen=True, eq=False)
class Enclosure:
    """Two arrays of doubles between which the exact values certainly lie."""

    lower: FloatArray
    upper: FloatArray


def shifted(p: FloatArray, sign: float, shift: FloatArray) -> Enclosure:
    """Enclose Phi(sign Phi^{-1}(p) + shift), for p in [0, 1]."""
    ends = _each(p, shift, lambda level, move: _value(level, sign, move))
    return Enclosure(np.maximum(ends.lower, 0.0), np.minimum(ends.upper, 1.0))


def log_shifted(log_p: FloatArray, sign: float, shift: FloatArray) -> Enclosure:
    """Enclose the logarithm of :func:`shifted`, from the logarithm of p.

    To a few units in the last place down to log p = -1e16; below, the ends spread to
    minus infinity and 0.
    """
    ends = _each(log_p, shift, lambda level, move: _log_value(level, sign, move))
    return Enclosure(ends.lower, np.minimum(ends.upper, 0.0))


def _flint() -> Any:
    return optional_module("flint", "certify")


def _each(
    levels: FloatArray, shifts: FloatArray, evaluate: Callable[[float, float], Any]
) -> Enclosure:
    """Evaluate every pair, in more bits until the ball is small, and round outward."""
    flint = _flint()
    levels, shifts = np.broadcast_arrays(levels, shifts)
    ends = np.empty((2, *levels.shape))
    bits = flint.ctx.prec
    try:
        for index in np.ndindex(levels.shape):
            for flint.ctx.prec in _BITS:
                ball = evaluate(float(levels[index]), float(shifts[index]))
                if ball.rel_accuracy_bits() >= _ENOUGH or ball == 0:
                    break
            ends[(0, *index)], ends[(1, *index)] = _outward(flint.arb, ball)
    finally:
        flint.ctx.prec = bits
    return Enclosure(ends[0], ends[1])


def _outward(arb: Any, ball: Any) -> tuple[float, float]:
    """Return close doubles that the ball lies between; an undecided ball lies anywhere."""
    if not ball.is_finite():
        return -np.inf, -np.inf if ball == arb("-inf") else np.inf
    lower, upper = float(ball.lower()), float(ball.upper())
    while not arb(lower) <= ball.lower():
        lower = float(np.nextafter(lower, -np.inf))
    while not arb(upper) >= ball.upper():
        upper = float(np.nextafter(upper, np.inf))
    return lower, upper


def _value(p: float, sign: float, shift: float) -> Any:
    """Return a ball of Phi(sign Phi^{-1}(p) + shift); 1 - p is formed exactly, for p > 1/2 only."""
    arb = _flint().arb
    if p in {0.0, 1.0} or np.isinf(shift):
        limit = shift if np.isinf(shift) else (2.0 * p - 1.0) * sign
        return arb(1) if limit > 0 else arb(0)
    quantile = -_upper_quantile(arb(p)) if p <= 0.5 else _upper_quantile(arb(1.0 - p))
    return _cdf(arb(sign) * quantile + arb(shift))


def _log_value(log_p: float, sign: float, shift: float) -> Any:
    """Return a ball of log Phi(sign Phi^{-1}(p) + shift) from log p."""
    arb = _flint().arb
    if log_p in {0.0, -np.inf} or np.isinf(shift):
        limit = shift if np.isinf(shift) else (1.0 if log_p == 0.0 else -1.0) * sign
        return arb(0) if limit > 0 else arb("-inf")
    level = arb(log_p)
    low = log_p <= -0.7
    quantile = -_upper_quantile(level.exp()) if low else _upper_quantile(-level.expm1())
    x = arb(sign) * quantile + arb(shift)
    return _cdf(x).log() if x < 0 else (-_cdf(-x)).log1p()


def _upper_quantile(q: Any) -> Any:
    """Return a ball of the z with Phi(-z) = q."""
    return (2 * q).erfcinv() * _flint().arb(2).sqrt()


def _cdf(x: Any) -> Any:
    """Return a ball of Phi(x)."""
    return (-x / _flint().arb(2).sqrt()).erfc() / 2
