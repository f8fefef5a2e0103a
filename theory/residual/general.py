"""Residuals in the metric of a general covariance, one difference at a time."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from theory.checks import FloatArray
from theory.error_free import residual_of_system, sum_of_products
from theory.norms import power_of_two
from theory.residual.diagonal import (
    covered,
    lowered,
    raised,
    restored,
    scaled_radius,
)
from theory.residual.dual import ROUNDING
from theory.residual.nearest import nearest_in_ball

__all__ = ["enclose_general"]


def enclose_general(
    difference: FloatArray, radius: float, covariance: FloatArray, norm: str
) -> tuple[float, float, FloatArray]:
    """Enclose the residual: (rounded up, rounded down, the shift that attains the upper end).

    With z the shift, w near Sigma^{-1} (x - z) and e = x - z - Sigma w what is left over,

        ||Sigma^{-1/2} (x - z)||^2 = w^T (x - z) + w^T e + e^T Sigma^{-1} e,
        ||Sigma^{1/2} w||^2        = w^T (x - z) - w^T e,

    where the sums of products are rounded once: a large condition number costs nothing.
    """
    scale = power_of_two(difference)
    half = int(np.frexp(np.diagonal(covariance).max())[1]) // 2
    x, r = difference / scale, float(scaled_radius(radius, scale)[0])
    matrix = np.ldexp(covariance, -2 * half)
    if covered(x, np.array(r), norm):
        return 0.0, 0.0, difference.copy()
    root = cho_factor(matrix, lower=True)
    z, w = nearest_in_ball(x, r, matrix, norm) if r > 0.0 else (0.0 * x, cho_solve(root, x))
    error = residual_of_system(matrix, w, x, z)
    product, leftover = sum_of_products((w, x), (w, -z)), sum_of_products((w, error))
    doubt = ROUNDING * float(np.abs(w) @ np.abs(error))
    rest = 2.0 * float((solve_triangular(root[0], error, lower=True) ** 2).sum())
    value = np.sqrt(max(product + leftover, 0.0) + rest + doubt)
    length = np.sqrt(max(product - leftover, 0.0) + doubt)
    gain = max(sum_of_products((w, x), _loss(w, r, norm)), 0.0)
    lower = gain / length if length > 0.0 else 0.0
    exponent = np.frexp(scale[0])[1] - 1 - half
    return (
        float(raised(np.array(value * (1.0 + ROUNDING)), exponent)),
        float(lowered(np.array(lower * (1.0 - ROUNDING)), exponent)),
        restored(z, scale),
    )


def _loss(w: FloatArray, radius: float, norm: str) -> tuple[FloatArray, FloatArray]:
    """Return -radius ||w||_q as two vectors to be multiplied; the l_2 norm is rounded up."""
    if norm == "linf":
        return np.abs(w), np.full_like(w, -radius)
    size = np.abs(w).max() if norm == "l1" else np.sqrt(sum_of_products((w, w))) * (1.0 + 2.0**-50)
    return np.array([size]), np.array([-radius])
