"""Calculus of the Gaussian trade-off function: slope, inverse, composition, excess."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from theory.checks import FloatArray, InputError, broadcastable
from theory.gaussian.double import cdf
from theory.gaussian.evaluation import level_array, shift_array

__all__ = ["composed_mu", "gaussian_advantage", "gaussian_distance", "gaussian_slope"]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(10)


def gaussian_slope(error: ArrayLike, rho: ArrayLike) -> FloatArray:
    """Slope of the trade-off function, minus a likelihood ratio.

    dG_rho/da = -exp(rho Phi^{-1}(1 - a) - rho^2 / 2) (THEORY.md, section 2); -inf at a = 0,
    and the relative error is at most 1.5e-12 where it neither over- nor underflows
    (tests/theory/gaussian/test_calculus.py).

    Parameters
    ----------
    error, rho : float or array of floats
        In [0, 1] and finite >= 0; they broadcast.

    Raises
    ------
    ValueError
        If error is not in [0, 1], or rho is not finite and >= 0.
    """
    a, distance = level_array("error", error), _finite(rho)
    broadcastable(error=a, rho=distance)
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        slope = -np.exp(-distance * (ndtri(a) + 0.5 * distance))
    return np.where(distance == 0.0, -1.0, slope)[()]


def gaussian_advantage(error: ArrayLike, rho: ArrayLike) -> FloatArray:
    """How far the trade-off function lies below that of indistinguishable laws.

    (1 - a) - G_rho(a), the advantage of the best test, without cancellation: where the two
    are within a factor of two, their difference is the integral of the density between the
    two quantiles, by ten Gauss-Legendre nodes; elsewhere they are subtracted, in the tail in
    which both are small. Relative error <= 1e-12 (tests/theory/gaussian/test_calculus.py).

    Parameters
    ----------
    error, rho : float or array of floats
        In [0, 1] and finite >= 0; they broadcast.

    Raises
    ------
    ValueError
        If error is not in [0, 1], or rho is not finite and >= 0.
    """
    a, distance = level_array("error", error), _finite(rho)
    broadcastable(error=a, rho=distance)
    a, distance = np.broadcast_arrays(a, distance)
    z = ndtri(a)
    with np.errstate(invalid="ignore"):
        left = z + 0.5 * distance < 0.0
        lower, upper = np.where(left, z, -z - distance), np.where(left, z + distance, -z)
    low, high = cdf(lower), cdf(upper)
    half = 0.5 * distance
    near = (low > 0.5 * high) & (high > 0.0)
    centre = np.where(near, lower + half, 0.0)
    offset = np.where(near, half, 0.0)[..., None] * _NODES
    ratio = np.exp(-offset * (centre[..., None] + 0.5 * offset)) @ _WEIGHTS
    with np.errstate(under="ignore"):
        density = np.exp(-0.5 * centre * centre) / np.sqrt(2.0 * np.pi)
        integral = np.where(near, half * ratio * density, 0.0)
    return np.where(near, integral, high - low)[()]


def gaussian_distance(error: ArrayLike, other_error: ArrayLike) -> FloatArray:
    """Return the rho >= 0 at which G_rho(error) = other_error: the inverse in rho.

    rho = max(0, -Phi^{-1}(a) - Phi^{-1}(b)): two errors that sum to 1 or more need no distance.
    As a function of the level G_rho is its own inverse.

    Parameters
    ----------
    error, other_error : float or array of floats
        In [0, 1]; they broadcast.

    Raises
    ------
    ValueError
        If an error is not in [0, 1].
    """
    a, b = level_array("error", error), level_array("other_error", other_error)
    broadcastable(error=a, other_error=b)
    with np.errstate(invalid="ignore"):
        distance = -(ndtri(a) + ndtri(b))
    trivial = (a == 1.0) | (b == 1.0)
    return np.where(trivial, 0.0, np.maximum(distance, 0.0))[()]


def composed_mu(*rhos: ArrayLike) -> FloatArray:
    """Return the distance of independent observations taken together, sqrt(sum rho_k^2).

    The trade-off function of product measures is G at this distance (Dong, Roth and Su 2022,
    Corollary 3.3). Tests in sequence add instead: G_rho(1 - G_tau(a)) = G_{rho + tau}(a).

    Raises
    ------
    ValueError
        If a distance is not >= 0.
    """
    total: FloatArray = np.zeros(())
    for rho in rhos:
        distance = shift_array("rho", rho)
        broadcastable(rho=distance, others=total)
        total = np.hypot(total, distance)
    return total[()]


def _finite(rho: ArrayLike) -> FloatArray:
    """Return finite distances >= 0."""
    distance = shift_array("rho", rho)
    if np.isinf(distance).any():
        raise InputError("rho must be finite, got inf")
    return distance
