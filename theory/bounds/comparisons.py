"""What is known without this project's theorems, for comparison: older and weaker bounds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from theory.bounds.constraints import setting_residuals
from theory.checks import FloatArray, InputError, instance, probability_array
from theory.setting.setting import GaussianMixture, Setting

__all__ = ["optimal_adversarial_error", "pinsker_bound", "total_variation_bound"]


def optimal_adversarial_error(setting: Setting) -> float:
    r"""Least adversarial error of any classifier of two components (THEORY.md, eq. (4.1)).

    .. math:: w_+ \Phi(-r/2 - \ell/r) + w_- \Phi(-r/2 + \ell/r), \qquad
              r = r_{2 \epsilon}(\mu_+ - \mu_-), \quad \ell = \ln(w_+ / w_-)

    and ``min(w_+, w_-)`` where ``r = 0``. The transformation plays no part; a halfspace attains
    it (Bhagoji, Cullina and Mittal 2019).

    Raises
    ------
    ValueError
        If the setting has more than two components.
    """
    instance("setting", setting, Setting)
    mixture = _pair(setting)
    means, (first, second) = mixture.means, mixture.weights
    r = float(setting_residuals(setting, means[0], means[1], 2.0 * setting.epsilon))
    least = float(min(first, second))
    if r == 0.0:
        return least
    tilt = float(np.log(first / second)) / r
    return min(least, float(first * ndtr(-r / 2 - tilt) + second * ndtr(-r / 2 + tilt)))


def total_variation_bound(setting: Setting, adversarial_error: ArrayLike) -> FloatArray:
    r"""Theorem 2 with the trade-off function relaxed to total variation (THEORY.md, eq. (2.4)).

    .. math:: e_S \ge \sum_g \nu_g (2 \Phi(-r_g/2) - e_A)_+

    for two components of equal weight; ``r_g`` is the larger of the residuals of the two
    directions, so that no symmetry of the transformations is needed.

    Parameters
    ----------
    setting : Setting
        Of two components of equal weight.
    adversarial_error : float or array of floats in [0, 1]

    Returns
    -------
    array
        Of the shape of ``adversarial_error``.

    Raises
    ------
    ValueError
        If the setting has not two components of equal weight, or an error leaves [0, 1].
    """
    instance("setting", setting, Setting)
    return _relaxed(setting, adversarial_error, lambda r: 2.0 * ndtr(-r / 2.0))


def pinsker_bound(setting: Setting, adversarial_error: ArrayLike) -> FloatArray:
    r"""Theorem 2 relaxed by Pinsker's inequality (THEORY.md, eq. (2.4)).

    .. math:: e_S \ge \sum_g \nu_g (1 - r_g/2 - e_A)_+

    Parameters
    ----------
    setting, adversarial_error
        As for ``total_variation_bound``.

    Returns
    -------
    array
        Of the shape of ``adversarial_error``; never above ``total_variation_bound``.

    Raises
    ------
    ValueError
        As ``total_variation_bound``.
    """
    instance("setting", setting, Setting)
    return _relaxed(setting, adversarial_error, lambda r: 1.0 - r / 2.0)


def _relaxed(
    setting: Setting, adversarial_error: ArrayLike, height: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """Average over g of the positive part of height(r_g) - e_A, by Jensen's inequality."""
    mixture = _pair(setting)
    if mixture.weights[0] != mixture.weights[1]:
        raise InputError(f"setting must have equal weights, got {mixture.weights}")
    errors = probability_array("adversarial_error", adversarial_error)
    values = setting_residuals(
        setting, setting.transformed_means, mixture.means[::-1], setting.epsilon
    ).max(axis=1)
    bound = np.maximum(0.0, height(values) - errors[..., None]) @ setting.probabilities
    return np.maximum(0.0, bound - setting.invariance_defect)


def _pair(setting: Setting) -> GaussianMixture:
    if setting.mixture.components != 2:
        raise InputError(f"setting must have two components, got {setting.mixture.components}")
    return setting.mixture
