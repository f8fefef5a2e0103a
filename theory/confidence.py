"""Confidence limits: of a proportion, exact, and of the mean of bounded variables."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaincinv

from theory.checks import FloatArray, InputError, confidence_level, integer, shown

__all__ = [
    "bernstein_margin",
    "betting_limit",
    "clopper_pearson",
    "kind_of_limit",
    "lower_limit",
    "upper_limit",
]


def kind_of_limit(failure: float) -> str:
    """Return what a limit is that fails with at most this probability, in words.

    The probability is rounded up to two digits, but for what is lost in 1 - (1 - p).

    Examples
    --------
    >>> kind_of_limit(0.0), kind_of_limit(0.001 / 3), kind_of_limit(1.0 - (1.0 - 1e-7))
    ('certified', 'confidence limit at 1 - 0.00034', 'confidence limit at 1 - 1e-07')
    """
    if not failure:
        return "certified"
    unit, lost = 10.0 ** (np.floor(np.log10(failure)) - 1.0), min(2.0**-52, 1e-3 * failure)
    return f"confidence limit at 1 - {np.ceil((failure - lost) / unit) * unit:.2g}"


def _counts(successes: int, trials: int, confidence: float) -> tuple[int, int, float]:
    """Check the counts and the confidence."""
    n = integer("trials", trials, minimum=1)
    k = integer("successes", successes, minimum=0)
    if k > n:
        raise InputError(f"successes must be <= trials, got {k} of {n}")
    return k, n, confidence_level("confidence", confidence)


def lower_limit(successes: int, trials: int, confidence: float) -> float:
    """Lower limit of a proportion: below the truth with probability >= ``confidence``.

    The proportion p at which ``successes`` or more of ``trials`` have probability
    ``1 - confidence``, the quantile of Beta(k, n - k + 1); 0 when k = 0.

    Raises
    ------
    ValueError
        If the counts are not ``0 <= successes <= trials``, or confidence is not in (0, 1).
    """
    k, n, level = _counts(successes, trials, confidence)
    if k == 0:
        return 0.0
    return float(betaincinv(k, n - k + 1, 1.0 - level))


def upper_limit(successes: int, trials: int, confidence: float) -> float:
    """Upper limit of a proportion: above the truth with probability >= ``confidence``.

    The quantile of Beta(k + 1, n - k), so that a small limit keeps its digits; 1 when k = n.

    Raises
    ------
    ValueError
        If the counts are not ``0 <= successes <= trials``, or confidence is not in (0, 1).
    """
    k, n, level = _counts(successes, trials, confidence)
    if k == n:
        return 1.0
    return float(betaincinv(k + 1, n - k, level))


def clopper_pearson(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    """Exact two-sided interval of a proportion, with equal tails (Clopper and Pearson 1934).

    It covers the true proportion with probability at least ``confidence``, whatever the
    proportion; tested by exhaustive enumeration of small binomials.

    Returns
    -------
    (lower, upper) : tuple of float
        With ``lower = 0`` when there are no successes and ``upper = 1`` when there are only
        successes.

    Raises
    ------
    ValueError
        If the counts are not ``0 <= successes <= trials``, or confidence is not in (0, 1).
    """
    k, n, level = _counts(successes, trials, confidence)
    one_sided = 0.5 + level / 2.0
    return lower_limit(k, n, one_sided), upper_limit(k, n, one_sided)


def bernstein_margin(values: FloatArray, span: float, confidence: float) -> float:
    r"""Half-width of the empirical Bernstein limit of a mean.

    With probability at least ``confidence`` the mean of ``n`` independent variables, each in an
    interval of length ``span``, exceeds the average of ``values`` by less than

    .. math:: \sqrt{2 V \ln(2/\delta) / n} + 7\, b \ln(2/\delta) / (3 (n - 1)),
              \qquad \delta = 1 - confidence,

    ``V`` the sample variance and ``b`` the span (Maurer and Pontil 2009, Theorem 4; by symmetry
    the same holds below the average). Not asymptotic: true for every ``n >= 2``.

    Raises
    ------
    ValueError
        If there are fewer than two values or ``confidence`` is not inside (0, 1).
    """
    n = values.size
    if n < 2:
        raise InputError(f"values must be at least two, got {n}")
    logarithm = np.log(2.0 / (1.0 - confidence_level("confidence", confidence)))
    spread = np.sqrt(2.0 * values.var(ddof=1) * logarithm / n)
    return float(spread + 7.0 * span * logarithm / (3.0 * (n - 1)))


def betting_limit(values: FloatArray, confidence: float) -> float:
    r"""Upper limit of the mean of independent variables in [0, 1], in the order given.

    Who bets against a mean ``m`` holds, after ``n`` variables of that mean, the capital

    .. math:: K_n(m) = \prod_{i \le n} \bigl( 1 + b_i (m - X_i) \bigr), \qquad
              b_i = \min\Bigl( \sqrt{2 \ln(1/\delta) / (n \hat V_{i-1})},\ \tfrac34 \Bigr),
              \qquad \delta = 1 - confidence,

    where the variance ``V`` is estimated from what came before. It is never negative and its
    expectation is 1, so it exceeds ``1 / delta`` with probability at most ``delta`` (Markov);
    the limit is where it does, as it rises with ``m``. Waudby-Smith and Ramdas (2024). Not
    asymptotic, and narrower than `bernstein_margin`.

    Raises
    ------
    ValueError
        If a value lies outside [0, 1] by more than 1e-12, or ``confidence`` is not in (0, 1).
    """
    level = confidence_level("confidence", confidence)
    if not values.size or values.min() < -1e-12 or values.max() > 1.0 + 1e-12:
        raise InputError(f"values must lie in [0, 1], got {shown(values)}")
    x, n = np.clip(values.ravel(), 0.0, 1.0), values.size
    wanted = float(-np.log1p(-level))
    seen = np.arange(1, n + 1)
    running = (0.5 + np.cumsum(x)) / (seen + 1)
    spread = np.concatenate([[0.25], (0.25 + np.cumsum((x - running) ** 2)) / (seen + 1)])[:-1]
    bets = np.minimum(np.sqrt(2.0 * wanted / (n * spread)), 0.75)

    def gain(m: float) -> float:
        return float(np.log1p(bets * (m - x)).sum()) - wanted

    if gain(1.0) <= 0.0:
        return 1.0
    return float(brentq(gain, 0.0, 1.0, xtol=1e-12)) + 1e-11
