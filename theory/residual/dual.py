"""Lower ends of residuals: any vector proves one, by duality."""

import numpy as np

from theory.checks import FloatArray

__all__ = ["ROUNDING", "dual_support"]

# Sums over the last axis are NumPy's pairwise sums: at most 40 roundings meet in one of 2^20
# terms, and 64 units in the last place also cover what comes before and after.
ROUNDING = 64 * 2.0**-53


def dual_support(w: FloatArray, x: FloatArray, radius: FloatArray, norm: str) -> FloatArray:
    """Lower end of max(0, w^T x - radius ||w||_q), the least of w^T (x - z) over the ball.

    Divided by ||Sigma^{1/2} w|| it is at most the residual of x, for every w (THEORY.md,
    section 3). Shapes (..., d), (..., d), (..., 1) to (...).
    """
    if norm == "linf":
        terms = np.where(w != 0.0, np.abs(w) * (np.sign(w) * x - radius), 0.0)
        loss = np.zeros(terms.shape[:-1])
    else:
        terms = w * x
        size = np.abs(w).max(axis=-1) if norm == "l1" else np.sqrt((w * w).sum(axis=-1))
        loss = np.where(size > 0.0, radius[..., 0] * size, 0.0)
    rounding = ROUNDING * (np.abs(terms).sum(axis=-1) + loss)
    return np.asarray(np.maximum(terms.sum(axis=-1) - loss - rounding, 0.0), dtype=np.float64)
