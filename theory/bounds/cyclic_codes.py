"""Bounds for the words of cyclic codes (THEORY.md, Theorem 6), and their sharp form."""

from math import fsum

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from theory.bounds.constraints import setting_residuals
from theory.checks import (
    FloatArray,
    InputError,
    IntArray,
    integer,
    nonnegative,
    positive,
    probabilities as check_probabilities,
    probability,
    probability_array,
    shown,
)
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.setting.codes import cyclic_code_words
from theory.setting.setting import Setting

__all__ = [
    "certified_cyclic_code_bound",
    "conflict_distribution",
    "cyclic_code_bound",
    "free_probability",
    "sharp_cyclic_code_bound",
]

# Relative error of the sums of the dual: twice that of the normal law, and the products.
_ROUNDING = 2e-12
# From there on the trade-off function is 0 in double precision.
_FARTHEST = 1e150


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
    adversarial_error : float or array of floats
        In [0, 1].
    free : float in [0, 1]
        Probability of the shifts that make the label independent of the rotated label; see
        ``free_probability``.
    eta, epsilon : float >= 0
        Texture, and radius of the l_inf attack.
    sigma : float > 0
        Standard deviation of the noise.
    length : int >= 1
        Length ``d`` of the code.

    Raises
    ------
    ValueError
        If an error or ``free`` leaves [0, 1] or a parameter is out of range.
    """
    errors = probability_array("adversarial_error", adversarial_error)
    share = probability("free", free)
    rho = _distance(eta, sigma, epsilon, length)
    return 0.5 * share * np.asarray(gaussian_tradeoff(np.minimum(1.0, 2.0 * errors), rho))


def free_probability(generator: str, length: int, probabilities: ArrayLike | None = None) -> float:
    """Probability of a quarter shift ``g`` with ``c_0`` and ``c_{-g length/4}`` independent.

    Exact, by counting over the words of the code (THEORY.md, section 9). ``probabilities`` of
    the four shifts are uniform by default.

    Parameters
    ----------
    generator : str
        Generator polynomial of the code, as for ``cyclic_code``.
    length : int
        A multiple of 4.
    probabilities : (4,) floats >= 0 of sum 1, optional

    Raises
    ------
    ValueError
        If 4 does not divide the length, or the generator or the probabilities are wrong.
    """
    words, shares = _words(generator, length, probabilities)
    d = words.shape[1]
    first = words[:, 0]
    free = 0.0
    for g, weight in enumerate(shares):
        other = words[:, (-g * d // 4) % d]
        if len(words) * int(first @ other) == int(first.sum()) * int(other.sum()):
            free += float(weight) * (0 < first.sum() < len(words))
    return free


def conflict_distribution(
    generator: str, length: int, probabilities: ArrayLike | None = None
) -> tuple[FloatArray, FloatArray]:
    """Values of n(c) and their probabilities, for a word c drawn from the code.

    n(c) is the probability of the shifts that carry a word of the other label onto c
    (THEORY.md, section 9.1). Exact, by counting over the words.

    Parameters
    ----------
    generator : str
        Generator polynomial of the code.
    length : int
        Length of the code, a multiple of 4.
    probabilities : (4,) floats, optional
        Of the shifts by 0, 1, 2, 3 quarters of the length; uniform by default.

    Returns
    -------
    tuple
        The distinct values in increasing order, and the share of the words with each.

    Raises
    ------
    ValueError
        If 4 does not divide the length, or the generator or the probabilities are wrong.
    """
    words, shares = _words(generator, length, probabilities)
    d = words.shape[1]
    # shift g moves symbol j to j + g d/4, so the word before had c_{g d/4} at place 0
    differs = np.stack([words[:, g * d // 4] != words[:, 0] for g in range(4)])
    patterns, counts = np.unique(differs, axis=1, return_counts=True)
    sums = [fsum(shares[pattern]) for pattern in patterns.T]
    values, place = np.unique(sums, return_inverse=True)
    return values, np.bincount(place, counts) / len(words)


def sharp_cyclic_code_bound(
    adversarial_error: ArrayLike,
    law: tuple[ArrayLike, ArrayLike],
    *,
    eta: float,
    sigma: float,
    epsilon: float,
    length: int,
) -> FloatArray:
    r"""Lower bound on the spatial error for the words of a cyclic code (THEORY.md, eq. (9.4)).

    .. math:: e_S \ge \min \{ E[n G_{r_0}(a(n))] : E[a(n)] \le e_A \}
              = \max_{\lambda \ge 0} E[\min_a (n G_{r_0}(a) + \lambda a)] - \lambda e_A

    Never below ``cyclic_code_bound`` where the error is 0 or above 1e-300, and attained for small
    noise when the attack covers the texture. Every multiplier gives a valid bound; the best is
    found by bisection of the decreasing spending, for such errors to 1e-12.

    Parameters
    ----------
    adversarial_error : float or array of floats
        In [0, 1].
    law : pair of (n,) floats
        Values of n and their probabilities, from ``conflict_distribution``.
    eta, epsilon : float >= 0
        Texture, and radius of the l_inf attack.
    sigma : float > 0
        Standard deviation of the noise.
    length : int >= 1
        Length of the code.

    Raises
    ------
    ValueError
        If an error leaves [0, 1] or a parameter is out of range.
    """
    errors = probability_array("adversarial_error", adversarial_error)
    if not isinstance(law, (tuple, list)) or len(law) != 2:
        raise InputError(f"law must be a pair (values, probabilities), got {shown(law)}")
    values = probability_array("law[0]", law[0])
    if values.ndim != 1:
        raise InputError(f"law[0] must have 1 dimensions, got shape {values.shape}")
    shares = check_probabilities("law[1]", law[1], len(values))
    bound, _ = _dual(errors, values, shares, _distance(eta, sigma, epsilon, length))
    return bound


def certified_cyclic_code_bound(
    setting: Setting, adversarial_error: ArrayLike, *, generator: str
) -> FloatArray:
    """Bound (9.4) of a setting of ``catalogue.cyclic_code``, moved to its sound side.

    The distance ``r_0`` is the largest, rounded up, of the pairs behind the bound, for the
    setting as it is stored.

    Parameters
    ----------
    setting : Setting
        Words of the code of ``generator``, under shifts by quarters of their length.
    adversarial_error : float or array of floats
        In [0, 1].
    generator : str
        Of the code.

    Raises
    ------
    ValueError
        If an error leaves [0, 1], or ``generator`` is not of a code of this length.
    """
    errors = probability_array("adversarial_error", adversarial_error)
    mixture = setting.mixture
    values, shares = conflict_distribution(generator, mixture.dimension, setting.probabilities)
    words = cyclic_code_words(generator, mixture.dimension)
    place = {word.tobytes(): index for index, word in enumerate(words)}
    rho = 0.0
    for g, moved in enumerate(setting.transformed_means):
        shifted = np.roll(words, g * mixture.dimension // 4, axis=1)
        image = np.array([place[word.tobytes()] for word in shifted])
        other = mixture.labels[image] != mixture.labels
        found = setting_residuals(
            setting, moved[other], mixture.means[image[other]], setting.epsilon
        )
        rho = max(rho, float(found.max(initial=0.0)))
    bound, rounding = _dual(errors, values, shares, min(rho, _FARTHEST))
    return np.maximum(bound - rounding, 0.0)


def _words(
    generator: str, length: int, probabilities: ArrayLike | None
) -> tuple[IntArray, FloatArray]:
    """Words of a code that quarters of its length shift, and the probabilities of the shifts."""
    d = integer("length", length, minimum=1)
    if d % 4:
        raise InputError(f"length must be a multiple of 4, got {d}")
    shares = (
        np.full(4, 0.25)
        if probabilities is None
        else check_probabilities("probabilities", probabilities, 4)
    )
    return cyclic_code_words(generator, d), shares


def _distance(eta: float, sigma: float, epsilon: float, length: int) -> float:
    """Return r_0 of (9.3)."""
    removed = nonnegative("epsilon", epsilon)
    left = max(2.0 * nonnegative("eta", eta) - removed, 0.0)
    d, deviation = integer("length", length, minimum=1), positive("sigma", sigma)
    with np.errstate(over="ignore"):
        return float(min(left * np.sqrt(d) / deviation, _FARTHEST))


def _dual(
    errors: FloatArray, values: FloatArray, shares: FloatArray, rho: float
) -> tuple[FloatArray, FloatArray]:
    """Value of the dual of (9.4) at each error, and a bound of its rounding error."""
    n, p = values[values > 0.0], shares[values > 0.0]
    # the dual of the linear case has its corners where the multiplier is a value of n
    dual = _linear_dual if rho == 0.0 else _curved_dual
    bound, rounding = dual(errors.ravel(), n, p, rho)
    return np.maximum(bound, 0.0).reshape(errors.shape), rounding.reshape(errors.shape)


def _linear_dual(
    errors: FloatArray, n: FloatArray, p: FloatArray, _: float
) -> tuple[FloatArray, FloatArray]:
    """Best value over the corners of the dual; min_a (n (1 - a) + l a) = min(n, l)."""
    if not n.size:
        return np.zeros_like(errors), np.zeros_like(errors)
    values: FloatArray = np.minimum(n[:, None], n) @ p
    # sums of at most four products of numbers that are at most 1, known to 1e-15
    rounding = np.full_like(errors, 2.0**-48)
    return np.asarray((values[:, None] - n[:, None] * errors).max(axis=0)), rounding


def _curved_dual(
    errors: FloatArray, n: FloatArray, p: FloatArray, rho: float
) -> tuple[FloatArray, FloatArray]:
    """Value of the dual where the errors spent, Phi(-z) with z = ln(l/n)/rho + rho/2, are e."""
    low, high = np.full(errors.shape, -1e3), np.full(errors.shape, 1e3)
    for _ in range(90):
        middle = 0.5 * (low + high)
        too_much = ndtr(-_probits(middle, n, rho)) @ p > errors
        low, high = np.where(too_much, middle, low), np.where(too_much, high, middle)
    z, price = _probits(high, n, rho), np.exp(np.minimum(high, 700.0))
    spared = (n * ndtr(z - rho)) @ p
    spent = ndtr(-z) @ p
    rounding = _ROUNDING * (spared + price * (spent + errors))
    # G_r(0) = 1 for every finite r, which no finite price reaches
    none = (errors == 0.0) & (rho < _FARTHEST)
    bound = np.where(none, n @ p, spared + price * (spent - errors))
    return bound, np.where(none, _ROUNDING * bound, rounding)


def _probits(log_price: FloatArray, n: FloatArray, rho: float) -> FloatArray:
    """Where n G_rho has slope -price, one row per price."""
    return (log_price[:, None] - np.log(n)) / rho + 0.5 * rho
