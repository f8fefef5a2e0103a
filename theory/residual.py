"""The residual of an attack: the Mahalanobis distance it cannot remove."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, finite_array, nonnegative, one_of, positive

__all__ = ["NORMS", "Residual", "attack_residual", "residuals"]

NORMS = ("linf", "l2", "l1")


@dataclass(frozen=True, eq=False)
class Residual:
    """The residual, from both sides, and the attack that attains the upper one."""

    value: float
    lower: float
    perturbation: FloatArray


def attack_residual(
    difference: ArrayLike,
    epsilon: float,
    *,
    sigma: float | None = None,
    covariance: ArrayLike | None = None,
    norm: str = "linf",
) -> Residual:
    """Least over ||delta||_p <= epsilon of ||Sigma^{-1/2}(difference - delta)||_2."""
    delta = finite_array("difference", difference, ndim=1)
    radius = nonnegative("epsilon", epsilon)
    one_of("norm", norm, NORMS)
    if covariance is not None:
        raise NotImplementedError
    scale = 1.0 if sigma is None else positive("sigma", sigma)
    shift = nearest_in_ball(delta, radius, norm)
    value = float(np.linalg.norm(delta - shift)) / scale
    return Residual(value, value, shift)


def residuals(
    differences: ArrayLike,
    epsilon: float,
    *,
    sigma: float | None = None,
    covariance: ArrayLike | None = None,
    norm: str = "linf",
) -> FloatArray:
    """Residuals of many differences, shape (..., d) to (...)."""
    delta = finite_array("differences", differences)
    radius = nonnegative("epsilon", epsilon)
    one_of("norm", norm, NORMS)
    if covariance is not None:
        raise NotImplementedError
    scale = 1.0 if sigma is None else positive("sigma", sigma)
    gap = delta - nearest_in_ball(delta, radius, norm)
    return np.asarray(np.sqrt(np.einsum("...j,...j->...", gap, gap)) / scale, dtype=np.float64)


def nearest_in_ball(x: FloatArray, radius: float, norm: str) -> FloatArray:
    """Euclidean projection of x, shape (..., d), on the l_p ball of the given radius."""
    if norm == "linf":
        return np.asarray(np.clip(x, -radius, radius), dtype=np.float64)
    if norm == "l2":
        length = np.linalg.norm(x, axis=-1, keepdims=True)
        shrink: FloatArray = np.minimum(1.0, radius / np.where(length > 0.0, length, 1.0))
        return x * shrink
    magnitude = np.abs(x)
    ordered = -np.sort(-magnitude, axis=-1)
    excess = np.cumsum(ordered, axis=-1) - radius
    threshold = (excess / np.arange(1, x.shape[-1] + 1)).max(axis=-1, keepdims=True)
    return np.sign(x) * np.maximum(magnitude - np.maximum(threshold, 0.0), 0.0)
