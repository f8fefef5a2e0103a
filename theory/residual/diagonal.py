"""Residuals in a diagonal metric, for many differences at once."""

import numpy as np

from theory.checks import FloatArray
from theory.residual.dual import ROUNDING, dual_support

__all__ = ["INSIDE", "attain", "nearest_in_ball", "undercut"]

INSIDE = 1.0 - 2.0**-48  # keeps the rounded norm of a shift below the radius
_NEWTON_STEPS = 60


def attain(
    difference: FloatArray, radius: float, deviations: FloatArray, norm: str
) -> tuple[FloatArray, FloatArray]:
    """Distances that the best shifts leave, rounded up, (...), and these shifts, (..., d)."""
    scale = power_of_two(difference)
    x, r = difference / scale, _scaled(radius, scale)
    z = nearest_in_ball(x, r, (deviations / deviations.max()) ** 2, norm)
    gap = (x - z) / deviations
    length = np.sqrt((gap * gap).sum(axis=-1))
    return np.asarray(length * (1.0 + ROUNDING) * scale[..., 0]), z * scale


def undercut(
    difference: FloatArray, shift: FloatArray, radius: float, deviations: FloatArray, norm: str
) -> FloatArray:
    """Lower ends, from dual vectors near Sigma^{-1} (Delta - shift), rounded down."""
    scale = power_of_two(difference)
    unit = deviations / deviations.max()
    x, r = difference / scale, _scaled(radius, scale)
    w = _dual_vector(x, shift / scale, unit**2, norm)
    length = np.sqrt(((w * unit) ** 2).sum(axis=-1)) * (1.0 + ROUNDING)
    gain = dual_support(w, x, r, norm)
    lower = np.where(length > 0.0, gain / np.where(length > 0.0, length, 1.0), 0.0)
    return np.asarray(lower / deviations.max() * (1.0 - ROUNDING) * scale[..., 0])


def _dual_vector(x: FloatArray, z: FloatArray, v: FloatArray, norm: str) -> FloatArray:
    """Return (x - z) / v, in the form that rounding of z spoils least.

    On the l_2 ball it is a multiple of z; on the l_1 ball it is x / v cut at one height.
    """
    plain = (x - z) / v
    if norm == "linf":
        return plain
    weight = z if norm == "l2" else np.sign(z)
    slope = (weight * weight * v).sum(axis=-1, keepdims=True)
    height = (weight * (x - z)).sum(axis=-1, keepdims=True) / np.where(slope > 0.0, slope, 1.0)
    cut = height * z if norm == "l2" else np.clip(x / v, -height, height)
    return np.asarray(np.where(slope > 0.0, cut, plain), dtype=np.float64)


def power_of_two(x: FloatArray) -> FloatArray:
    """Return a power of two near the largest entry of each row, (..., 1): squares stay finite."""
    largest = np.abs(x).max(axis=-1, keepdims=True)
    exponent = np.frexp(np.where(largest > 0.0, largest, 1.0))[1]
    return np.asarray(np.ldexp(1.0, np.clip(exponent, -1021, 1022)), dtype=np.float64)


def _scaled(radius: float, scale: FloatArray) -> FloatArray:
    """Express the radius in units of the scale, (..., 1); finite, far beyond any difference."""
    with np.errstate(over="ignore"):
        return np.asarray(np.minimum(radius / scale, 1e300), dtype=np.float64)


def nearest_in_ball(
    x: FloatArray, radius: FloatArray, variances: FloatArray, norm: str
) -> FloatArray:
    """Minimise sum_j (x_j - z_j)^2 / v_j over ||z||_p <= radius (THEORY.md, section 3).

    ``x`` has shape (..., d), ``radius`` (..., 1) and ``variances`` (d,). What rounding puts
    outside the ball is drawn back to it.
    """
    if norm == "linf":
        return np.asarray(np.clip(x, -radius, radius), dtype=np.float64)
    if norm == "l2":
        nearest = _by_secular_equation(x, radius, variances)
        size = np.linalg.norm(nearest, axis=-1, keepdims=True)
    else:
        nearest = _by_sorting(x, radius, variances)
        size = np.abs(nearest).sum(axis=-1, keepdims=True)
    outside = size > INSIDE * radius
    shrink = np.where(outside, INSIDE * radius / np.where(outside, size, 1.0), 1.0)
    return np.asarray(nearest * shrink, dtype=np.float64)


def _by_sorting(x: FloatArray, radius: FloatArray, v: FloatArray) -> FloatArray:
    """Solve for the l_1 ball: |z_j| = max(|x_j| - t v_j, 0), t the least that fits.

    With the coordinates in falling order of |x_j| / v_j, every prefix bounds t from below and
    the prefix of the nonzero z_j attains it.
    """
    magnitude = np.abs(x)
    order = np.argsort(-magnitude / v, axis=-1, kind="stable")
    excess = np.cumsum(np.take_along_axis(magnitude, order, axis=-1), axis=-1) - radius
    threshold = (excess / np.cumsum(v[order], axis=-1)).max(axis=-1, keepdims=True)
    shrunk = np.maximum(magnitude - np.maximum(threshold, 0.0) * v, 0.0)
    return np.asarray(np.copysign(shrunk, x), dtype=np.float64)


def _by_secular_equation(x: FloatArray, radius: FloatArray, v: FloatArray) -> FloatArray:
    """Solve for the l_2 ball: z_j = x_j / (1 + t v_j) with ||z||_2 = radius.

    1 / ||z|| is increasing and concave in t (Conn, Gould and Toint 2000, section 7.3), so
    that Newton's method climbs from t = 0 to the root and never passes it; for equal
    variances the function is linear and the first step exact.
    """
    r = np.where(radius > 0.0, radius, 1.0)
    t = np.zeros_like(r)
    z = x
    for _ in range(_NEWTON_STEPS):
        size = np.linalg.norm(z, axis=-1, keepdims=True)
        outside = size > r
        slope = np.where(outside, (z * z * v / (1.0 + t * v)).sum(axis=-1, keepdims=True), 1.0)
        step = np.where(outside, (size / r - 1.0) * size * size / slope, 0.0)
        t = t + step
        z = x / (1.0 + t * v)
        if not (step > 1e-15 * t).any():
            break
    return np.asarray(np.where(radius > 0.0, z, 0.0), dtype=np.float64)
