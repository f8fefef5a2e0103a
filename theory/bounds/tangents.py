"""Tangents of the trade-off function that rounding cannot lift above it."""

import numpy as np
from scipy.special import ndtr

from theory.checks import FloatArray

__all__ = ["sound_tangent"]

# Relative error of ndtr is below 2.2e-13 (reached near -37); the margin covers two of them,
# the exponential and the products.
_MARGIN = 2e-12


def sound_tangent(residual: FloatArray, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Slope ``m`` and intercept ``b`` of a line ``b - m * error`` below ``G_residual``.

    The line touches at the error :math:`\Phi(-z)`, where

    .. math:: m = e^{r z - r^2/2}, \qquad b = \Phi(z - r) + m \Phi(-z)

    (THEORY.md, section 6). Whatever ``z`` is, a line of slope ``-m`` through the point of
    tangency is sound; rounding enters through the two values of :math:`\Phi` and, to second
    order, through ``m``, and the intercept is lowered by more than both.

    Parameters
    ----------
    residual
        ``r >= 0``, any shape. Residuals below 1e-9 are raised to it unless they are zero, which
        only weakens the line; zero gives the exact ``1 - error``.
    point
        ``z``, the probit of the touching accuracy; clipped where the slope would overflow.

    Returns
    -------
    tuple
        ``(m, b)``, each of the broadcast shape.
    """
    r, z = np.broadcast_arrays(
        np.asarray(residual, dtype=np.float64), np.asarray(point, dtype=np.float64)
    )
    zero = r == 0.0
    # one part in 1e12 more: rounding of the residual itself
    r = np.where(zero, 1.0, np.maximum(r * (1.0 + 1e-12), 1e-9))
    z = np.clip(z, (r * r / 2 - 700.0) / r, (r * r / 2 + 700.0) / r)
    # beyond, ndtr has no longer its full relative precision
    z = np.clip(z, -37.5, 37.5)
    slope = np.exp(r * z - r * r / 2)
    intercept = (ndtr(z - r) + slope * ndtr(-z)) * (1.0 - _MARGIN)
    return np.where(zero, 1.0, slope), np.where(zero, 1.0, intercept)
