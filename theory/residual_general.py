"""Residuals in the metric of a general covariance, one difference at a time."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from theory.checks import FloatArray
from theory.exact_sums import residual_of_system, sum_of_products
from theory.residual_diagonal import INSIDE, power_of_two
from theory.residual_diagonal import nearest_in_ball as nearest_in_diagonal_metric
from theory.residual_dual import ROUNDING

__all__ = ["box_minimizer", "enclose_general", "nearest_in_ball"]

_STEPS = 200
_REFINEMENTS = 3
_ORDERS = {"linf": np.inf, "l2": 2, "l1": 1}


def enclose_general(
    difference: FloatArray, radius: float, covariance: FloatArray, norm: str
) -> tuple[float, float, FloatArray]:
    """Enclose the residual: (rounded up, rounded down, the shift that attains the upper end).

    With z the shift, w near Sigma^{-1} (x - z) and e = x - z - Sigma w what is left over,

        ||Sigma^{-1/2} (x - z)||^2 = w^T (x - z) + w^T e + e^T Sigma^{-1} e,
        ||Sigma^{1/2} w||^2        = w^T (x - z) - w^T e,

    where the sums of products are rounded once: a large condition number costs nothing.
    """
    scale = float(power_of_two(difference)[0])
    spread = 4.0 ** int(np.log2(np.diagonal(covariance).max()) / 2.0)
    x, r, matrix = difference / scale, radius / scale, covariance / spread
    if np.linalg.norm(x, _ORDERS[norm]) <= r:
        return 0.0, 0.0, difference.copy()
    root = cho_factor(matrix, lower=True)
    z, w = nearest_in_ball(x, r, matrix, norm) if r > 0.0 else (0.0 * x, cho_solve(root, x))
    error = residual_of_system(matrix, w, x, z)
    product, leftover = sum_of_products((w, x), (w, -z)), sum_of_products((w, error))
    doubt = ROUNDING * float(np.abs(w) @ np.abs(error))
    rest = 2.0 * float((solve_triangular(root[0], error, lower=True) ** 2).sum())
    value = np.sqrt(product + leftover + rest + doubt)
    length = np.sqrt(product - leftover + doubt)
    ones = np.ones_like(x)
    if norm == "linf":
        loss = (np.abs(w), -r * ones)
    else:
        size = (
            np.abs(w).max()
            if norm == "l1"
            else np.sqrt(sum_of_products((w, w))) * (1.0 + ROUNDING / 16.0)
        )
        loss = (size * ones[:1], -r * ones[:1])
    gain = max(sum_of_products((w, x), loss), 0.0)
    unit = scale / np.sqrt(spread)
    return (
        float(value * unit * (1.0 + ROUNDING)),
        float(gain / length * unit * (1.0 - ROUNDING)),
        z * scale,
    )


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
    """Solve for the l_inf ball: projected Newton, then the active set solved in Sigma itself.

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
    return z * (INSIDE * radius / size), w


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
    length = 1.0
    while length > 1e-12:
        moved = np.clip(x + length * (target - x), -radius, radius)
        if length == 1.0:
            moved = np.clip(target, -radius, radius)
        move = moved - x
        slope = float(gradient @ move)
        if slope + 0.5 * float(move @ hessian @ move) <= 1e-4 * slope:
            return np.asarray(moved, dtype=np.float64)
        length /= 2.0
    return x
