"""The norms of attacks and their duals."""

import numpy as np

from theory.checks import FloatArray, one_of

__all__ = ["NORMS", "dual_gradient", "dual_norm", "power_of_two"]

NORMS = ("linf", "l2", "l1")


def dual_norm(vectors: FloatArray, norm: str) -> FloatArray:
    """Return the dual norm along the last axis: the maximum of <v, delta> over the unit ball.

    Raises
    ------
    ValueError
        If `norm` is none of `NORMS`.
    """
    if one_of("norm", norm, NORMS) == "linf":
        return np.asarray(np.abs(vectors).sum(axis=-1))
    if norm == "l2":
        scale = power_of_two(vectors)
        unit = vectors / scale
        return np.asarray(np.sqrt(np.einsum("...j,...j->...", unit, unit)) * scale[..., 0])
    return np.asarray(np.abs(vectors).max(axis=-1))


def dual_gradient(vectors: FloatArray, norm: str) -> FloatArray:
    """Return a subgradient of the dual norm along the last axis, (..., d).

    It is a perturbation of the unit ball that attains the maximum of <v, delta>, and 0 at v = 0;
    of equally large coordinates the attack of the l_1 ball takes the first.
    """
    if one_of("norm", norm, NORMS) == "linf":
        return np.sign(vectors)
    if norm == "l2":
        return vectors / np.maximum(dual_norm(vectors, norm), 1e-300)[..., None]
    largest = np.abs(vectors) >= np.abs(vectors).max(axis=-1, keepdims=True)
    first = largest & (np.cumsum(largest, axis=-1) == 1)
    return np.where(first, np.sign(vectors), 0.0)


def power_of_two(x: FloatArray) -> FloatArray:
    """Return a power of two near the largest entry of each row, (..., 1): squares stay finite."""
    largest = np.abs(x).max(axis=-1, keepdims=True)
    exponent = np.frexp(np.where(largest > 0.0, largest, 1.0))[1]
    return np.asarray(np.ldexp(1.0, np.clip(exponent, -1021, 1022)), dtype=np.float64)
