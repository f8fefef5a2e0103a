"""The bounds that can be written down for any two classes, and for the rate of invariance."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logsumexp, ndtri

from theory.bounds.constraints import setting_residuals
from theory.checks import (
    FloatArray,
    InputError,
    broadcastable,
    instance,
    probability_array,
)
from theory.error_free import two_sum
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.setting.setting import Setting

__all__ = ["certified_two_class_bound", "invariance_bound", "two_class_bound"]

# Relative error of the trade-off function, twice.
_ROUNDING = 2e-12
# A difference of logarithms of slopes whose sign is not a matter of rounding.
_CLEAR = 1e-11


def two_class_bound(setting: Setting, adversarial_error: ArrayLike) -> FloatArray:
    r"""Lower bound on the spatial error in a setting of two components (THEORY.md, Theorem 2).

    .. math:: e_S \ge \min_{w_+ a_+ + w_- a_- = e_A}
              \sum_g \nu_g [w_+ G_{r_g^+}(a_-) + w_- G_{r_g^-}(a_+)]

    with the residuals of ``P_g mu_+ - mu_-`` and ``P_g mu_- - mu_+``. With equal weights and
    probabilities closed under inversion the minimum is :math:`\sum_g \nu_g G_{r_g}(e_A)`.

    Parameters
    ----------
    setting : Setting
        Of exactly two components, of different labels.
    adversarial_error : float or array of floats
        In [0, 1].

    Returns
    -------
    array
        Of the shape of ``adversarial_error``. Where the minimum has to be searched, the sound
        end of a proved bracket (THEORY.md, section 5), within 1e-9 relative of the minimum for
        errors from 1e-300 to 1 (tests/theory/bounds/test_two_class.py); else exact to rounding.

    Raises
    ------
    ValueError
        If the setting has more than two components or an error leaves [0, 1].
    """
    instance("setting", setting, Setting)
    mixture = setting.mixture
    if mixture.components != 2:
        raise InputError(f"setting must have two components, got {mixture.components}")
    errors = probability_array("adversarial_error", adversarial_error)
    values = setting_residuals(
        setting, setting.transformed_means, mixture.means[::-1], setting.epsilon
    )
    weights, shares = mixture.weights, setting.probabilities
    # the symmetry of the residuals under inversion is that of the noise
    symmetric = setting.closed_under_inversion and setting.invariance_defect == 0.0
    if weights[0] == weights[1] and symmetric:
        bound = np.asarray(gaussian_tradeoff(errors[..., None], values[:, 0]) @ shares)
    else:
        # component 0 is confused with attacked points of component 1, and conversely
        sides = _Average(values[:, 0], shares), _Average(values[:, 1], shares)
        bound = _least_split(errors.ravel(), weights, sides).reshape(errors.shape)
    return np.maximum(0.0, bound - setting.invariance_defect)


def certified_two_class_bound(setting: Setting, adversarial_error: ArrayLike) -> FloatArray:
    """Bound of Theorem 2 as ``two_class_bound`` has it, moved to its sound side."""
    return two_class_bound(setting, adversarial_error) * (1.0 - _ROUNDING)


@dataclass(frozen=True)
class _Average:
    """The convex function ``sum_g nu_g G_{r_g}`` and the logarithm of minus its slope."""

    residuals: FloatArray
    shares: FloatArray

    def value(self, errors: FloatArray) -> FloatArray:
        return np.asarray(gaussian_tradeoff(errors[..., None], self.residuals) @ self.shares)

    def log_steepness(self, errors: FloatArray) -> FloatArray:
        used = self.shares > 0.0
        z = -ndtri(errors)[..., None]
        r = self.residuals[used]
        # the slope of G_0 is -1 everywhere, at the ends too
        exponent = np.where(r > 0.0, r * (np.where(r > 0.0, z, 0.0) - r / 2), 0.0)
        return np.asarray(logsumexp(exponent, axis=-1, b=self.shares[used]))


def _least_split(
    errors: FloatArray, weights: FloatArray, sides: tuple[_Average, _Average]
) -> FloatArray:
    """Lower end of a bracket of the minimum over the splits of each error.

    The split is ``a_+ = e/w_+ s``, ``a_- = e/w_- (1 - s)`` with ``s`` logistic in ``u``, so that
    either part keeps its relative precision however small it is. The bound is convex in ``s``:
    between a point where it falls and one where it rises it stays above both tangents.
    """
    # rounded up, which covers the rounding of the two parts
    bound = np.where(errors > 0.0, 0.0, 1.0)
    given = (errors > 0.0) & (errors < 1.0)
    e = np.minimum(1.0, errors[given] * (1.0 + 2.0**-50))
    if not e.size:
        return bound
    first, second = weights
    start, stop = -_farthest(e, second), _farthest(e, first)

    def log_ratio(u: FloatArray) -> FloatArray:
        """Logarithm of what the fall of one side is of the rise of the other; grows with u."""
        a, b = _split(e, weights, u)
        with np.errstate(invalid="ignore"):
            ratio = sides[0].log_steepness(b) - sides[1].log_steepness(a)
        return ratio + 2.0 * float(np.log(first / second))

    low, high = start.copy(), stop.copy()
    falls, rises = _turn(log_ratio, low, high, -_CLEAR)[0], _turn(log_ratio, low, high, _CLEAR)[1]
    ends = []
    for u, sign in ((falls, 1.0), (rises, -1.0)):
        a, b = _split(e, weights, u)
        value = first * sides[0].value(b) + second * sides[1].value(a)
        with np.errstate(over="ignore", invalid="ignore"):
            scale = np.exp(np.log(e) + sides[0].log_steepness(b)) * first / second
            tilt = sign * scale * -np.expm1(-log_ratio(u)) * (expit(rises) - expit(falls))
        tangent = value * (1.0 - _ROUNDING) + np.minimum(0.0, tilt)
        ends.append(np.where(np.isnan(tangent), 0.0, tangent))
    bound[given] = np.clip(np.maximum(*ends), 0.0, 1.0)
    return bound


def _turn(
    grows: Callable[[FloatArray], FloatArray], low: FloatArray, high: FloatArray, level: float
) -> tuple[FloatArray, FloatArray]:
    """Bracket where a growing function passes a level, by bisection."""
    for _ in range(70):
        middle = 0.5 * (low + high)
        above = grows(middle) > level
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return low, high


def _split(errors: FloatArray, weights: FloatArray, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the adversarial errors of both components, each at most 1."""
    return (
        np.minimum(1.0, errors / weights[0] * expit(u)),
        np.minimum(1.0, errors / weights[1] * expit(-u)),
    )


def _farthest(errors: FloatArray, weight: float) -> FloatArray:
    """Log odds at which a component of this weight errs always, bounded where it never does."""
    left = errors - weight
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.log(weight) - np.log(np.maximum(left, 0.0))
    return np.asarray(np.clip(odds, -800.0, 800.0))


def invariance_bound(spatial_error: ArrayLike, adversarial_error: ArrayLike) -> FloatArray:
    """Upper bound on the rate of invariance ``P(f(TX) = f(X))``, rounded up (THEORY.md, section 5).

    ``R <= 1 - e_S + e_A``: the prediction agrees with the label on all but ``e_A`` of the
    untransformed inputs, for any number of classes.

    Parameters
    ----------
    spatial_error : float or array of floats
        A lower bound on the spatial error that holds at ``adversarial_error``.
    adversarial_error : float or array of floats
        In [0, 1].

    Raises
    ------
    ValueError
        If an error leaves [0, 1], or the shapes do not broadcast.
    """
    errors = probability_array("adversarial_error", adversarial_error)
    spatial = probability_array("spatial_error", spatial_error)
    broadcastable(spatial_error=spatial, adversarial_error=errors)
    right, first = two_sum(np.ones_like(spatial), -spatial)
    invariant, second = two_sum(right, errors)
    up = np.nextafter(invariant, 2.0)
    return np.minimum(1.0, np.where(first + second > 0.0, up, invariant))
