"""Quadratic programmes over a box, by projected Newton (Bertsekas 1982)."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from theory.checks import FloatArray

__all__ = ["box_minimizer"]

_STEPS = 200


def box_minimizer(
    hessian: FloatArray, linear: FloatArray, radius: float, start: FloatArray
) -> FloatArray:
    """Minimise x^T H x / 2 - b^T x over |x_j| <= radius by projected Newton (Bertsekas 1982).

    Each step aims at the exact minimum over the coordinates that no bound holds back. A step
    that needs no clipping, after which no bound is pressed from the wrong side, is the last.
    """
    x = start
    gradient = hessian @ x - linear
    noise = 1e-15 * float(np.abs(hessian).sum(axis=1).max() * radius + np.abs(linear).max())
    for _ in range(_STEPS):
        held = ((x >= radius) & (gradient <= noise)) | ((x <= -radius) & (gradient >= -noise))
        if held.all():
            return x
        free = ~held
        target = x.copy()
        inner = cho_factor(hessian[np.ix_(free, free)])
        target[free] = cho_solve(inner, linear[free] - hessian[np.ix_(free, held)] @ x[held])
        moved = _downhill(hessian, gradient, radius, x, target)
        finished = np.abs(moved - x).max() <= 4e-16 * radius or (moved == target).all()
        x = moved
        gradient = hessian @ x - linear
        inward = ((x >= radius) & (gradient > noise)) | ((x <= -radius) & (gradient < -noise))
        if finished and not (held & inward).any():
            return x
    return x


def _downhill(
    hessian: FloatArray, gradient: FloatArray, radius: float, x: FloatArray, target: FloatArray
) -> FloatArray:
    """Take the longest of the steps 1, 1/2, 1/4... toward the target that, clipped, descends."""
    goal, length = target, 1.0
    while length > 1e-12:
        moved = np.clip(goal, -radius, radius)
        move = moved - x
        slope = float(gradient @ move)
        if slope + 0.5 * float(move @ hessian @ move) <= 1e-4 * slope:
            return np.asarray(moved, dtype=np.float64)
        length /= 2.0
        goal = x + length * (target - x)
    return x
