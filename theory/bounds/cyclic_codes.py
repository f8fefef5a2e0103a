"""The sharp bound for cyclic codes: words weighted by how often they come from the other class."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from theory.checks import (
    FloatArray,
    InputError,
    integer,
    nonnegative,
    positive,
    probabilities as check_probabilities,
    probability_array,
    shown,
)
from theory.setting.codes import cyclic_code_words

__all__ = ["conflict_distribution", "sharp_cyclic_code_bound"]


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
    d = integer("length", length, minimum=1)
    if d % 4:
        raise InputError(f"length must be a multiple of 4, got {d}")
    shares = (
        np.full(4, 0.25)
        if probabilities is None
        else check_probabilities("probabilities", probabilities, 4)
    )
    words = cyclic_code_words(generator, d)
    # shift g moves symbol j to j + g d/4, so the word before had c_{g d/4} at place 0
    differs = np.stack([words[:, g * d // 4] != words[:, 0] for g in range(4)])
    values, counts = np.unique(np.round(shares @ differs, 15), return_counts=True)
    return values, counts / len(words)


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

    Never below ``cyclic_code_bound``, and attained for small noise when the attack covers the
    texture. Every multiplier gives a valid bound; the best is found by bisection of the
    decreasing spending, to 1e-12.

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
    left = max(2.0 * nonnegative("eta", eta) - nonnegative("epsilon", epsilon), 0.0)
    d, deviation = integer("length", length, minimum=1), positive("sigma", sigma)
    with np.errstate(over="ignore"):
        # from there on the trade-off function is 0 in double precision
        rho = min(left * np.sqrt(d) / deviation, 1e150)
    n, p = values[values > 0.0], shares[values > 0.0]
    # the dual of the linear case has its corners where the multiplier is a value of n
    dual = _linear_dual if rho == 0.0 else _curved_dual
    return np.maximum(dual(errors.ravel(), n, p, float(rho)), 0.0).reshape(errors.shape)


def _linear_dual(errors: FloatArray, n: FloatArray, p: FloatArray, _: float) -> FloatArray:
    """Best value over the corners of the dual; min_a (n (1 - a) + l a) = min(n, l)."""
    if not n.size:
        return np.zeros_like(errors)
    values: FloatArray = np.minimum(n[:, None], n) @ p
    return np.asarray((values[:, None] - n[:, None] * errors).max(axis=0))


def _curved_dual(errors: FloatArray, n: FloatArray, p: FloatArray, rho: float) -> FloatArray:
    """Value of the dual where the errors spent, Phi(-z) with z = ln(l/n)/rho + rho/2, are e."""
    low, high = np.full(errors.shape, -1e3), np.full(errors.shape, 1e3)
    for _ in range(90):
        middle = 0.5 * (low + high)
        too_much = ndtr(-_probits(middle, n, rho)) @ p > errors
        low, high = np.where(too_much, middle, low), np.where(too_much, high, middle)
    z, price = _probits(high, n, rho), np.exp(np.minimum(high, 700.0))
    spared = (n * ndtr(z - rho)) @ p
    spent = ndtr(-z) @ p
    return np.asarray(spared + price * (spent - errors))


def _probits(log_price: FloatArray, n: FloatArray, rho: float) -> FloatArray:
    """Where n G_rho has slope -price, one row per price."""
    return (log_price[:, None] - np.log(n)) / rho + 0.5 * rho
