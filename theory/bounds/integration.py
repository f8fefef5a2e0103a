"""Deterministic integrals of a maximum of mixtures in one, two or three dimensions."""

import numpy as np

from theory.checks import FloatArray, InputError, IntArray

__all__ = ["integrate_maximum"]

_REACH = 7.5
_POINTS = {1: 1 << 13, 2: 640, 3: 100}


def integrate_maximum(
    centres: FloatArray, mass: FloatArray, classes: IntArray
) -> tuple[float, float]:
    """Integral over x of the largest class density of a mixture, and an error estimate.

    Parameters
    ----------
    centres
        (n, m) means of unit normals, m <= 3.
    mass, classes
        (n,) weights and class indices.

    Returns
    -------
    tuple
        The trapezoidal sum on a grid that covers every component to 7.5 standard deviations,
        and four times its difference from the sum on a grid twice as coarse. Where classes
        have equal density the integrand has a kink, so the error falls with the square of the
        step; that factor is an estimate, not a proof.

    Raises
    ------
    ValueError
        If the centres have more than three coordinates.
    """
    m = centres.shape[1]
    if m not in _POINTS:
        raise InputError(f"centres must have 1, 2 or 3 coordinates, got {m}")
    keep = mass > 0.0
    centres, mass, classes = centres[keep], mass[keep], classes[keep]
    fine = _trapezoid(centres, mass, classes, _POINTS[m])
    coarse = _trapezoid(centres, mass, classes, _POINTS[m] // 2)
    return fine, 4.0 * abs(fine - coarse) + 1e-12


def _trapezoid(centres: FloatArray, mass: FloatArray, classes: IntArray, points: int) -> float:
    """Sum over a tensor grid, one slab of the first coordinate at a time."""
    low, high = centres.min(axis=0) - _REACH, centres.max(axis=0) + _REACH
    axes = [np.linspace(a, b, points) for a, b in zip(low, high, strict=True)]
    step = np.prod([axis[1] - axis[0] for axis in axes])
    factors = [
        np.exp(-0.5 * (axis[:, None] - centres[:, j]) ** 2) / np.sqrt(2.0 * np.pi)
        for j, axis in enumerate(axes)
    ]
    columns = mass[:, None] * (classes[:, None] == np.unique(classes))
    # density of the trailing coordinates, (points^(m-1), n)
    trailing = np.ones((1, len(mass)))
    for factor in factors[1:]:
        trailing = (trailing[:, None, :] * factor[None, :, :]).reshape(-1, len(mass))
    total = 0.0
    for row in factors[0]:
        total += float((trailing @ (row[:, None] * columns)).max(axis=1).sum())
    return total * float(step)
