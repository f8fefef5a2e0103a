"""Nearest points of an l_p ball in the metric of a general covariance, with a dual vector."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from theory.checks import FloatArray
from theory.error_free import residual_of_system
from theory.residual.box_quadratic import box_minimizer
from theory.residual.diagonal import INSIDE, nearest_in_ball as nearest_in_diagonal_metric

__all__ = ["nearest_in_ball"]

_STEPS = 200
_REFINEMENTS = 3


def nearest_in_ball(
    x: FloatArray, radius: float, covariance: FloatArray, norm: str
) -> tuple[FloatArray, FloatArray]:
    """Minimise (x - z)^T Sigma^{-1} (x - z) over ||z||_p <= radius (THEORY.md, section 3).

    Returns z and the dual vector w ~ Sigma^{-1} (x - z); x lies outside the ball, radius > 0.
    """
    if norm == "linf":
        return _in_box(x, radius, covariance)
    if norm == "l2":
        return _in_euclidean_ball(x, radius, covariance)
    return _in_cross_polytope(x, radius, covariance)


def _in_box(x: FloatArray, radius: float, covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve for the l_inf ball: an active set, then that set solved in Sigma itself.

    On the active set F, where z = s radius, w solves Sigma_FF w_F = x_F - z_F, and w = 0
    elsewhere: no inverse of Sigma enters the answer.
    """
    precision = cho_solve(cho_factor(covariance), np.eye(len(x)))
    precision = (precision + precision.T) / 2.0
    z = box_minimizer(precision, precision @ x, radius, np.clip(x, -radius, radius))
    active = np.abs(z) >= radius
    w = np.zeros_like(x)
    gap = (x - z)[active]
    w[active] = cho_solve(cho_factor(covariance[np.ix_(active, active)]), gap)
    z[~active] = np.clip((x - covariance @ w)[~active], -radius, radius)
    return z, w


def _in_euclidean_ball(
    x: FloatArray, radius: float, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Solve for the l_2 ball: the secular equation in the eigenbasis, where w = t z."""
    variances, basis = np.linalg.eigh(covariance)
    turned = nearest_in_diagonal_metric(basis.T @ x, np.array([radius]), variances, "l2")
    z = basis @ turned
    size = float(np.linalg.norm(z))
    z *= INSIDE * radius / size if size > INSIDE * radius else 1.0
    return z, z * float(z @ (x - z)) / float(z @ covariance @ z)


def _in_cross_polytope(
    x: FloatArray, radius: float, covariance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Solve for the l_1 ball: the dual lies in a box |w_j| <= t, and z(t) = x - Sigma w(t).

    ||z(t)||_1 falls with t and is linear while the active set stays; the root of
    ||z(t)||_1 = radius is found by these linear pieces, kept inside a bracket.
    """
    low, high = 0.0, float(np.abs(cho_solve(cho_factor(covariance), x)).max())
    t, w, piece = high / 2.0, np.zeros_like(x), np.zeros_like(x)
    for _ in range(_STEPS):
        start = np.where(piece != 0.0, t * piece, np.clip(w, -t, t))
        w = box_minimizer(covariance, x, t, start)
        piece = np.where(np.abs(w) >= t, np.sign(w), 0.0)
        step = _refine(x, radius, covariance, piece, w)[0] if piece.any() else -t
        low, high = (t, high) if step > 0.0 else (low, t)
        if abs(step) <= 1e-15 * t or high - low <= 4e-16 * high:
            break
        t = t + step if low < t + step < high else (low + high) / 2.0
    for _ in range(_REFINEMENTS):
        w = _refine(x, radius, covariance, piece, w)[1]
    z = np.abs(piece) * residual_of_system(covariance, w, x, np.zeros_like(x))
    size = float(np.abs(z).sum())
    return z * (INSIDE * radius / size if size > 0.0 else 0.0), w


def _refine(
    x: FloatArray, radius: float, covariance: FloatArray, piece: FloatArray, w: FloatArray
) -> tuple[float, FloatArray]:
    """Newton step in t and w toward ||z||_1 = radius on the active set, where w = t s, s the piece.

    From accurate residuals, so that repeated steps undo the rounding of what came before.
    """
    active, free = piece != 0.0, piece == 0.0
    rest, moved = residual_of_system(covariance, w, x, np.zeros_like(x)), w.copy()
    pushed = covariance @ piece
    excess, slope = float(piece @ rest) - radius, float(piece @ pushed)
    if free.any():
        factor = cho_factor(covariance[np.ix_(free, free)])
        pull = cho_solve(factor, pushed[free])
        excess -= float(pull @ rest[free])
        slope -= float(pull @ pushed[free])
        moved[free] += cho_solve(factor, rest[free]) - excess / slope * pull
    moved[active] += excess / slope * piece[active]
    return excess / slope, moved
