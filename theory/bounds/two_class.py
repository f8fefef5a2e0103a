"""The bounds that can be written down: two classes, cyclic codes, the rate of invariance."""

import numpy as np
from numpy.typing import ArrayLike

from theory.bounds.constraints import setting_residuals
from theory.checks import FloatArray, InputError, finite_array, nonnegative, positive, probability
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.setting.codes import cyclic_code_words
from theory.setting.setting import Setting

__all__ = ["cyclic_code_bound", "free_probability", "invariance_bound", "two_class_bound"]


def two_class_bound(setting: Setting, adversarial_error: ArrayLike) -> FloatArray:
    r"""Lower bound on the spatial error in a setting of two components (THEORY.md, Theorem 2).

    .. math:: e_S \ge \min_{w_+ a_+ + w_- a_- = e_A}
              \sum_g \nu_g [w_+ G_{r_g^+}(a_-) + w_- G_{r_g^-}(a_+)]

    with the residuals of ``P_g mu_+ - mu_-`` and ``P_g mu_- - mu_+``. With equal weights and
    probabilities closed under inversion the minimum is :math:`\sum_g \nu_g G_{r_g}(e_A)`.

    Parameters
    ----------
    setting
        Of exactly two components, of different labels.
    adversarial_error
        Scalar or array in [0, 1].

    Returns
    -------
    array
        Of the shape of ``adversarial_error``; relative accuracy 1e-9 (tested against the
        symmetric formula and against the pairwise network).

    Raises
    ------
    ValueError
        If the setting has more than two components or an error leaves [0, 1].
    """
    from scipy.optimize import minimize_scalar

    mixture = setting.mixture
    if mixture.components != 2:
        raise InputError(f"setting must have two components, got {mixture.components}")
    errors = _errors(adversarial_error)
    differences = setting.rotated_means - mixture.means[::-1]
    values = setting_residuals(setting, differences, setting.epsilon)
    weights = mixture.weights
    if weights[0] == weights[1] and setting.closed_under_inversion:
        return np.asarray(
            gaussian_tradeoff(errors[..., None], values[:, 0]) @ setting.probabilities
        )

    def at_split(first: float, error: float) -> float:
        second = min(1.0, max(0.0, (error - weights[0] * first) / weights[1]))
        # component 0 is confused with attacked points of component 1, and conversely
        pairs = gaussian_tradeoff(np.array([second, first]), values)
        return float(setting.probabilities @ pairs @ weights)

    bound = np.empty(errors.size)
    for index, error in enumerate(errors.ravel()):
        low = max(0.0, (error - weights[1]) / weights[0])
        high = min(1.0, error / weights[0])
        ends = min(at_split(low, error), at_split(high, error))
        inside = minimize_scalar(
            at_split, args=(error,), bounds=(low, high), method="bounded", options={"xatol": 1e-12}
        )
        bound[index] = min(ends, float(inside.fun))
    return bound.reshape(errors.shape)


def cyclic_code_bound(
    adversarial_error: ArrayLike,
    *,
    free: float,
    eta: float,
    sigma: float,
    epsilon: float,
    length: int,
) -> FloatArray:
    r"""Lower bound on the spatial error for the words of a cyclic code (THEORY.md, Theorem 6).

    .. math:: e_S \ge \tfrac12 \nu_{free} G_{r_0}(\min(1, 2 e_A)), \qquad
              r_0 = \max(2 \eta - \epsilon, 0) \sqrt{d} / \sigma

    It does not depend on the amplitude of the code words.

    Parameters
    ----------
    adversarial_error
        Scalar or array in [0, 1].
    free
        Probability of the shifts that make the label independent of the rotated label; see
        ``free_probability``.
    eta, sigma, epsilon, length
        Texture, noise, radius of the l_inf attack and length ``d`` of the code.
    """
    errors = _errors(adversarial_error)
    share = probability("free", free)
    removed = nonnegative("epsilon", epsilon)
    left = max(2.0 * nonnegative("eta", eta) - removed, 0.0)
    rho = left * np.sqrt(positive("length", length)) / positive("sigma", sigma)
    return 0.5 * share * np.asarray(gaussian_tradeoff(np.minimum(1.0, 2.0 * errors), rho))


def free_probability(generator: str, length: int, probabilities: ArrayLike | None = None) -> float:
    """Probability of a quarter shift ``g`` with ``c_0`` and ``c_{-g length/4}`` independent.

    Exact, by counting over the words of the code (THEORY.md, section 9). ``probabilities`` of
    the four shifts are uniform by default.
    """
    words = cyclic_code_words(generator, length)
    weights = (
        np.full(4, 0.25)
        if probabilities is None
        else finite_array("probabilities", probabilities, shape=(4,))
    )
    first = words[:, 0]
    free = 0.0
    for g, weight in enumerate(weights):
        other = words[:, (-g * length // 4) % length]
        if len(words) * int(first @ other) == int(first.sum()) * int(other.sum()):
            free += float(weight) * (0 < first.sum() < len(words))
    return free


def invariance_bound(spatial_error: ArrayLike, adversarial_error: ArrayLike) -> FloatArray:
    """Upper bound on the rate of invariance ``P(f(TX) = f(X))`` (THEORY.md, section 5).

    ``R <= 1 - e_S + e_A``: the prediction agrees with the label on all but ``e_A`` of the
    untransformed inputs, for any number of classes.

    Parameters
    ----------
    spatial_error
        A lower bound on the spatial error that holds at ``adversarial_error``.
    adversarial_error
        Scalar or array in [0, 1].
    """
    errors = _errors(adversarial_error)
    spatial = finite_array("spatial_error", spatial_error)
    return np.minimum(1.0, 1.0 - (spatial - errors))


def _errors(value: ArrayLike) -> FloatArray:
    errors = finite_array("adversarial_error", value)
    outside = (errors < 0.0) | (errors > 1.0)
    if outside.any():
        raise InputError(f"adversarial_error must lie in [0, 1], got {errors[outside][0]:g}")
    return errors
