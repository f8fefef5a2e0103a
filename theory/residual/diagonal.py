"""Residuals in a diagonal metric, for many differences at once."""

import math

import numpy as np
from numpy.typing import NDArray

from theory.checks import FloatArray, IntArray
from theory.error_free import sum_of_products
from theory.norms import power_of_two
from theory.residual.dual import ROUNDING, dual_support

__all__ = [
    "INSIDE",
    "covered",
    "enclose_diagonal",
    "lowered",
    "nearest_in_ball",
    "raised",
    "restored",
    "scaled_radius",
    "upper_residuals",
]

INSIDE = 1.0 - 2.0**-48  # keeps the rounded norm of a shift below the radius
_NEWTON_STEPS = 60
# Radii beyond these multiples of a difference are as good as infinite, or as none at all.
_HUGE, _NOTHING = 1e300, 1e-140
# Norms nearer than this to the radius are compared with it exactly.
_CLOSE = 1e-12


def enclose_diagonal(
    difference: FloatArray, radius: float, deviations: FloatArray, norm: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Residuals rounded up, (...), and down, and the shifts that attain the upper ends, (..., d).

    The largest deviation is at most 1e6 times the least. Lower ends are from dual vectors near
    Sigma^{-1} (Delta - shift).
    """
    scale, top = power_of_two(difference), power_of_two(deviations)[0]
    x, r, unit = difference / scale, scaled_radius(radius, scale), deviations / top
    z = _nearest(x, r, unit, norm)
    exponent = _exponent(scale[..., 0]) - _exponent(top)
    w = _dual_vector(x, z, unit**2, norm)
    length = np.sqrt(((w * unit) ** 2).sum(axis=-1)) * (1.0 + ROUNDING)
    gain = dual_support(w, x, r, norm) * (1.0 - ROUNDING)
    least = np.where(length > 0.0, gain / np.where(length > 0.0, length, 1.0), 0.0)
    upper = raised(_length((x - z) / unit), exponent)
    return upper, lowered(least, exponent), restored(z, scale)


def upper_residuals(
    difference: FloatArray, radius: float, deviations: FloatArray, norm: str
) -> FloatArray:
    """Upper ends (...) alone, of differences (..., d)."""
    scale, top = power_of_two(difference), power_of_two(deviations)[0]
    x, r, unit = difference / scale, scaled_radius(radius, scale), deviations / top
    length = _length((x - _nearest(x, r, unit, norm)) / unit)
    return raised(length, _exponent(scale[..., 0]) - _exponent(top))


def _nearest(x: FloatArray, r: FloatArray, unit: FloatArray, norm: str) -> FloatArray:
    """Return the nearest points of the balls; what a ball covers stays where it is."""
    inside = covered(x, r[..., 0], norm)
    return np.where(inside[..., None], x, nearest_in_ball(x, r, unit**2, norm))


def _length(gap: FloatArray) -> FloatArray:
    return np.asarray(np.sqrt((gap * gap).sum(axis=-1)) * (1.0 + ROUNDING))


def restored(z: FloatArray, scale: FloatArray | float) -> FloatArray:
    """Return z times its scale, a power of two; subnormal numbers are rounded toward zero."""
    shift = z * scale
    outward = np.abs(shift / scale) > np.abs(z)
    return np.where(outward, np.nextafter(shift, 0.0), shift) if outward.any() else shift


def raised(value: FloatArray, exponent: IntArray) -> FloatArray:
    """Return value 2^exponent, rounded up where it is too small for a normal double."""
    with np.errstate(over="ignore"):
        result = np.ldexp(value, exponent)
    short = (result < np.finfo(np.float64).tiny) & (np.ldexp(result, -exponent) < value)
    return np.asarray(np.where(short, np.nextafter(result, np.inf), result))


def lowered(value: FloatArray, exponent: IntArray) -> FloatArray:
    """Return value 2^exponent, rounded down where it is too small or too large for a double."""
    limits = np.finfo(np.float64)
    with np.errstate(over="ignore"):
        result = np.minimum(np.ldexp(value, exponent), limits.max)
    long = (result < limits.tiny) & (np.ldexp(result, -exponent) > value)
    return np.asarray(np.where(long, np.nextafter(result, 0.0), result))


def covered(x: FloatArray, radius: FloatArray, norm: str) -> NDArray[np.bool_]:
    """Whether each row (..., d) lies in its ball, (...), decided exactly; entries at most 1."""
    if norm == "linf":
        return np.asarray(np.abs(x).max(axis=-1) <= radius)
    size = np.linalg.norm(x, 2 if norm == "l2" else 1, axis=-1)
    inside = np.asarray(size <= radius)
    for index in np.argwhere(np.abs(size - radius) <= _CLOSE * radius):
        row, r = x[tuple(index)], radius[tuple(index)]
        if norm == "l1":
            excess = math.fsum([*np.abs(row), -r])
        else:
            excess = sum_of_products((row, row), (np.array([r]), np.array([-r])))
        inside[tuple(index)] = excess <= 0.0
    return inside


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


def _exponent(power: FloatArray) -> IntArray:
    """Return the exponents of powers of two."""
    return np.asarray(np.frexp(power)[1] - 1)


def scaled_radius(radius: float, scale: FloatArray) -> FloatArray:
    """Express the radius in units of the scale; finite, and 0 where it is as good as that."""
    with np.errstate(over="ignore"):
        scaled = np.minimum(radius / scale, _HUGE)
    return np.asarray(np.where(scaled < _NOTHING, 0.0, scaled), dtype=np.float64)


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
        unit = z / np.where(outside, size, 1.0)
        slope = (unit * unit * v / (1.0 + t * v)).sum(axis=-1, keepdims=True)
        step = np.where(outside, (size / r - 1.0) / np.where(outside, slope, 1.0), 0.0)
        t = t + step
        z = x / (1.0 + t * v)
        if not (step > 1e-15 * t).any():
            break
    return np.asarray(np.where(radius > 0.0, z, 0.0), dtype=np.float64)
