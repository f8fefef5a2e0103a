"""Quadratic programmes over a box: projected Newton steps, then a primal active set."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from theory.checks import FloatArray

__all__ = ["box_minimizer"]

BoolArray = NDArray[np.bool_]

_PROJECTED = 30
_DESCENT = 1e-4


def box_minimizer(
    hessian: FloatArray, linear: FloatArray, radius: float, start: FloatArray
) -> FloatArray:
    """Minimise x^T H x / 2 - b^T x over |x_j| <= radius, from a point of the box.

    Every step aims at the minimum over the face on which the held coordinates stay where they
    are. The first steps are clipped to the box, which changes many bounds at once (Bertsekas
    1982). Clipping can point uphill when H is far from diagonal, however short the step; then,
    and after the first steps, the way to the minimum is walked as far as the first bound, which
    always descends (Nocedal and Wright 2006, algorithm 16.3). At the minimum over a face the
    bounds that press the wrong way let go; where there is none, or where letting go moves
    nothing, the minimum over the box is reached to rounding.
    """
    x, settled = start, np.full_like(start, np.nan)
    gradient = hessian @ x - linear
    noise = 1e-15 * float(np.abs(hessian).sum(axis=1).max() * radius + np.abs(linear).max())
    held = _pressed(x, gradient, radius, noise)
    for step in range(_PROJECTED + 20 * len(x)):
        target = _minimum_on_face(hessian, linear, x, held)
        clipped = np.clip(target, -radius, radius)
        if (clipped == target).all():
            gradient = hessian @ target - linear
            pressed = _pressed(target, gradient, radius, noise)
            if not (held & ~pressed).any() or np.abs(target - settled).max() <= 4e-16 * radius:
                return target
            x = settled = target
            held &= pressed
        elif step < _PROJECTED and _descends(hessian, gradient, clipped - x):
            x = clipped
            gradient = hessian @ x - linear
            held = _pressed(x, gradient, radius, noise)
        else:
            x, stopped = _walk(x, target, radius)
            held |= stopped
    return x


def _pressed(x: FloatArray, gradient: FloatArray, radius: float, noise: float) -> BoolArray:
    """Whether a coordinate lies at a bound that the gradient holds it against."""
    above, below = (x >= radius) & (gradient <= noise), (x <= -radius) & (gradient >= -noise)
    return np.asarray(above | below)


def _minimum_on_face(
    hessian: FloatArray, linear: FloatArray, x: FloatArray, held: BoolArray
) -> FloatArray:
    """Return the minimum with the held coordinates of ``x`` fixed and the others unbounded."""
    free, target = ~held, x.copy()
    if free.any():
        pull = linear[free] - hessian[np.ix_(free, held)] @ x[held]
        target[free] = cho_solve(cho_factor(hessian[np.ix_(free, free)]), pull)
    return target


def _descends(hessian: FloatArray, gradient: FloatArray, move: FloatArray) -> bool:
    """Whether a move lowers the objective by a share of what its slope promises."""
    slope = float(gradient @ move)
    return slope < 0.0 and slope + 0.5 * float(move @ hessian @ move) <= _DESCENT * slope


def _walk(x: FloatArray, target: FloatArray, radius: float) -> tuple[FloatArray, BoolArray]:
    """Go straight toward the target up to the first bound; say which coordinates reached it."""
    move = target - x
    beyond = np.abs(target) > radius
    room = np.full_like(x, np.inf)
    room[beyond] = (np.copysign(radius, move[beyond]) - x[beyond]) / move[beyond]
    stopped = room <= room.min()
    moved = np.clip(x + room.min() * move, -radius, radius)
    moved[stopped] = np.copysign(radius, move[stopped])
    return moved, stopped
