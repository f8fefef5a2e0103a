"""Lower ends of the residuals between all points of two lists, to tell which pairs can matter.

They are cheap and may be far below the residual where the noise is correlated; never above it.
"""

import numpy as np
from scipy.linalg import cho_solve

from theory.checks import FloatArray
from theory.residual.diagonal import enclose_diagonal
from theory.residual.dual import dual_support
from theory.setting.setting import Setting

__all__ = ["residual_floors"]

_UNIT = 2.0**-53
# Coordinates are cut at it, in deviations of the noise, so that squares stay finite; without
# correlation that brings points nearer to each other. Squares of less than its inverse vanish.
_FARTHEST = 1e140
# Relative error of whitening from which on nothing is said about correlated noise.
_VAGUE = 0.25
# Entries of one block of differences: as many as stay in the cache.
_BLOCK = 1 << 16


def residual_floors(
    setting: Setting, first: FloatArray, second: FloatArray, epsilon: float
) -> FloatArray:
    """Lower ends of r_epsilon(x - y) for x in ``first`` (m, d) and y in ``second`` (n, d): (m, n).

    Exact to rounding for isotropic noise under attacks in l_inf and l_2, and for every noise
    without attack. Otherwise by duality, from one vector for each pair (THEORY.md, eq. (3.3)).
    """
    mixture = setting.mixture
    unit = int(np.frexp(mixture.deviation)[1])
    with np.errstate(over="ignore"):
        moved = [np.ldexp(points - second[0], -unit) for points in (first, second)]
        radius = float(np.ldexp(epsilon, -unit))
    x, y = (np.clip(points, -_FARTHEST, _FARTHEST) for points in moved)
    covariance = mixture.covariance
    if covariance is None:
        deviations = np.full(mixture.dimension, np.ldexp(mixture.sigma, -unit))
    else:
        covariance = np.ldexp(covariance, -2 * unit)
        deviations = np.sqrt(np.diagonal(covariance))
        if (covariance == np.diag(np.diagonal(covariance))).all():
            covariance = None
    if radius > 0.0 and covariance is None and setting.norm == "linf":
        return _positive(_beyond_boxes(x, y, radius, deviations))
    root = None
    if covariance is not None:
        root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
        far = any((np.abs(points) > _FARTHEST).any() for points in moved)
        if far or mixture.whitening_error > _VAGUE:
            return np.zeros((len(x), len(y)))
    white = [_whitened(points, deviations, root) for points in (x, y)]
    doubts = [2.0 * mixture.whitening_error * np.linalg.norm(rows, axis=1) for rows in white]
    if radius == 0.0 or (mixture.covariance is None and setting.norm == "l2"):
        floors = _distances(*white)
        with np.errstate(over="ignore"):
            floors -= radius / deviations[0] * (1.0 + 4.0 * _UNIT)
    else:
        floors = np.empty((len(x), len(y)))
        for k, point in enumerate(x):
            if covariance is None or root is None:
                floors[k] = enclose_diagonal(point - y, radius, deviations, setting.norm)[1]
            else:
                floors[k] = _by_duality(point - y, radius, covariance, root, setting.norm)
    floors -= doubts[0][:, None]
    floors -= doubts[1]
    return _positive(floors)


def _positive(floors: FloatArray) -> FloatArray:
    """Return what is left of values after the least that squares can hold, or else zero."""
    floors -= 1.0 / _FARTHEST
    # of what overflowed nothing is known
    floors[np.isnan(floors)] = 0.0
    return np.maximum(floors, 0.0, out=floors)


def _whitened(points: FloatArray, deviations: FloatArray, root: FloatArray | None) -> FloatArray:
    if root is None:
        return points / deviations
    from scipy.linalg import solve_triangular

    return np.asarray(solve_triangular(root, points.T, lower=True).T)


def _distances(x: FloatArray, y: FloatArray) -> FloatArray:
    """Euclidean distances rounded down."""
    floors = np.empty((len(x), len(y)))
    squares = [(rows * rows).sum(axis=1) for rows in (x, y)]
    # a product of matrices may add in any order; (a + b)^2 is at most 2 a^2 + 2 b^2
    less = 1.0 - 8.0 * (x.shape[1] + 4) * _UNIT
    first, second, turned = less * squares[0], less * squares[1], -2.0 * y.T
    step = max(1, _BLOCK // len(y))
    for start in range(0, len(x), step):
        part = slice(start, start + step)
        square = np.matmul(x[part], turned, out=floors[part])
        square += first[part, None]
        square += second
        np.maximum(square, 0.0, out=square)
        np.sqrt(square, out=square)
    floors *= 1.0 - 8.0 * _UNIT
    return floors


def _beyond_boxes(
    x: FloatArray, y: FloatArray, radius: float, deviations: FloatArray
) -> FloatArray:
    """Norms of what is left of the differences beyond a box, in units of the deviations."""
    floors = np.empty((len(x), len(y)))
    # more than the rounding of two subtractions, so that what is left is rounded down
    reach = radius + 8.0 * _UNIT * float(np.abs(x).max() + np.abs(y).max())
    equal = bool((deviations == deviations[0]).all())
    step = max(1, _BLOCK // x.shape[1])
    for start in range(0, len(y), step):
        part = y[start : start + step]
        left = np.empty_like(part)
        for k, point in enumerate(x):
            np.subtract(part, point, out=left)
            np.abs(left, out=left)
            left -= reach
            np.maximum(left, 0.0, out=left)
            if not equal:
                left /= deviations
            floors[k, start : start + step] = np.einsum("ij,ij->i", left, left)
    np.sqrt(floors, out=floors)
    floors *= 1.0 - (x.shape[1] + 16) * _UNIT
    if equal:
        floors /= deviations[0]
    return floors


def _by_duality(
    difference: FloatArray,
    radius: float,
    covariance: FloatArray,
    root: FloatArray,
    norm: str,
) -> FloatArray:
    """Lower ends from the vectors Sigma^{-1} u, where u is what a box leaves, or all."""
    left = difference - np.clip(difference, -radius, radius) if norm == "linf" else difference
    w = np.asarray(cho_solve((root, True), left.T).T)
    gain = dual_support(w, difference, np.full((1, 1), radius), norm)
    magnitude = ((np.abs(w) @ np.abs(covariance)) * np.abs(w)).sum(axis=1)
    square = ((w @ covariance) * w).sum(axis=1) + 4.0 * (w.shape[1] + 4) * _UNIT * magnitude
    length = np.sqrt(square) * (1.0 + 8.0 * _UNIT)
    return np.asarray(np.where(length > 0.0, gain / np.where(length > 0.0, length, 1.0), 0.0))
