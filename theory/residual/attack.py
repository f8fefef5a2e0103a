"""The residual of an attack: the Mahalanobis distance that no admissible shift removes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import (
    FloatArray,
    InputError,
    covariance_matrix,
    finite_array,
    nonnegative,
    one_of,
    positive,
    rectangular,
    shown,
    variances,
)
from theory.norms import NORMS
from theory.residual.diagonal import enclose_diagonal
from theory.residual.general import enclose_general

__all__ = ["Residual", "attack_residual", "best_perturbations", "residuals"]


@dataclass(frozen=True, eq=False, repr=False)
class Residual:
    """The residual enclosed from both sides, and the attack that attains the upper one.

    Attributes
    ----------
    value : float
        Upper end: the distance that ``perturbation`` leaves, rounded up. G_r falls with r, so
        this is the sound side for a lower bound on an error (THEORY.md, Theorem 1).
    lower : float
        Lower end, from a dual vector and rounded down: the sound side for a claim that no
        attack does better.
    perturbation : (d,) floats
        A shift of norm at most epsilon.
    """

    value: float
    lower: float
    perturbation: FloatArray

    def __repr__(self) -> str:
        return f"Residual({self.lower!r} to {self.value!r}, in dimension {self.perturbation.size})"


def attack_residual(
    difference: ArrayLike,
    epsilon: float,
    *,
    sigma: float | None = None,
    covariance: ArrayLike | None = None,
    norm: str = "linf",
) -> Residual:
    """Enclose the residual of an attack, for any covariance (THEORY.md, section 3).

        r_epsilon(Delta) = min { ||Sigma^{-1/2} (Delta - delta)||_2 : ||delta||_p <= epsilon }

    The upper end is attained by a shift; the lower one comes from the dual problem,
    r = max_w (w^T Delta - epsilon ||w||_q) / ||Sigma^{1/2} w||_2 with 1/p + 1/q = 1, where any w
    gives a valid bound. The ends differ by at most 1e-11 ||Sigma^{-1/2} Delta||_2 for condition
    numbers up to 1e8, whatever the unit (tests/theory/residual/test_attack.py); beyond, rounding
    widens them, to at most 1e-5 of it in 2,500 random settings of condition number 8e11, and they
    stay valid. The upper end is 0 when the ball covers Delta, and then only. Entries of the shift
    below 1e-308 are rounded toward zero. For a general covariance soft-thresholding is wrong.

    Parameters
    ----------
    difference : (d,) floats
        Delta, the difference of two means, in units of the inputs.
    epsilon : float >= 0
        Radius of the ball, in units of the inputs.
    sigma : float > 0, optional
        Standard deviation of every coordinate; 1 if no covariance is given.
    covariance : (d,) variances or (d, d) symmetric positive definite, optional
        Of condition number at most 1e12; instead of ``sigma``.
    norm : {"linf", "l2", "l1"}

    Raises
    ------
    ValueError
        If a shape, sign, norm or covariance breaks a rule above.

    Examples
    --------
    >>> result = attack_residual([1.0, 0.5, -0.25, 0.05], 0.1)
    >>> round(result.value, 12)
    0.996242942259
    """
    delta = finite_array("difference", difference, ndim=1)
    if not delta.size:
        raise InputError(f"difference must not be empty, got shape {delta.shape}")
    radius = nonnegative("epsilon", epsilon)
    one_of("norm", norm, NORMS)
    spread = _spread(delta.shape[0], sigma, covariance)
    if spread.ndim == 2:
        value, lower, shift = enclose_general(delta, radius, spread, norm)
        return Residual(value, lower, shift)
    upper, least, shift = enclose_diagonal(delta, radius, spread, norm)
    return Residual(float(upper), float(least), shift)


def residuals(
    differences: ArrayLike,
    epsilon: float,
    *,
    sigma: float | None = None,
    covariance: ArrayLike | None = None,
    norm: str = "linf",
) -> FloatArray:
    """Upper ends of the residuals of many differences, shape (..., d) to (...).

    The same numbers as ``attack_residual(...).value`` to 1e-13; vectorised unless the
    covariance is general.

    Parameters
    ----------
    differences : (..., d) floats
        Differences of two means each.
    epsilon, sigma, covariance, norm
        As for :func:`attack_residual`.

    Raises
    ------
    ValueError
        As :func:`attack_residual`.
    """
    return best_perturbations(differences, epsilon, sigma=sigma, covariance=covariance, norm=norm)[
        0
    ]


def best_perturbations(
    differences: ArrayLike,
    epsilon: float,
    *,
    sigma: float | None = None,
    covariance: ArrayLike | None = None,
    norm: str = "linf",
) -> tuple[FloatArray, FloatArray]:
    """Residuals of differences (..., d), rounded up, and the shifts that attain them.

    Raises
    ------
    ValueError
        As :func:`attack_residual`.
    """
    delta = finite_array("differences", differences)
    if delta.ndim == 0 or not delta.shape[-1]:
        raise InputError(f"differences must have shape (..., d), got shape {delta.shape}")
    radius = nonnegative("epsilon", epsilon)
    one_of("norm", norm, NORMS)
    spread = _spread(delta.shape[-1], sigma, covariance)
    if spread.ndim == 1:
        upper, _, shifts = enclose_diagonal(delta, radius, spread, norm)
        return upper, shifts
    rows = delta.reshape(-1, delta.shape[-1])
    values, moved = np.zeros(len(rows)), np.zeros_like(rows)
    for k, row in enumerate(rows):
        values[k], _, moved[k] = enclose_general(row, radius, spread, norm)
    return values.reshape(delta.shape[:-1]), moved.reshape(delta.shape)


def _spread(d: int, sigma: float | None, covariance: ArrayLike | None) -> FloatArray:
    """Return standard deviations, shape (d,), or a covariance that is not diagonal."""
    if covariance is None:
        return np.full(d, 1.0 if sigma is None else positive("sigma", sigma))
    if sigma is not None:
        raise InputError(f"sigma must be left out when covariance is given, got {shown(sigma)}")
    if rectangular("covariance", covariance, "real numbers", "iuf").ndim == 1:
        return np.asarray(np.sqrt(variances("covariance", covariance, d)), dtype=np.float64)
    matrix = covariance_matrix("covariance", covariance, d)
    diagonal = np.diagonal(matrix)
    if (matrix == np.diag(diagonal)).all():
        return np.asarray(np.sqrt(diagonal), dtype=np.float64)
    return matrix
