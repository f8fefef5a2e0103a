"""Sampling until it is good enough: intervals that hold at every time at once.

Looking at an ordinary interval after every block and stopping when it looks good breaks its
level.  A confidence sequence may be looked at as often as one likes, and sampling may stop at
any moment for any reason, at the price of a slightly larger width.
"""

from collections.abc import Callable
from enum import Enum

import numpy as np
from scipy.optimize import brentq
from scipy.special import betaln, xlog1py

from simulations.estimates import Estimate
from theory.checks import (
    MOST_DRAWS,
    InputError,
    confidence_level,
    function,
    instance,
    integer,
    probability,
)

__all__ = ["Draw", "Side", "anytime_interval", "decide_crossing"]

Draw = Callable[[int], Estimate]

_FIRST = 1000  # samples of the first look; every look then adds a quarter
_LIMIT = 10**10


class Side(Enum):
    """On which side of a curve a pair of accuracies lies."""

    below = "below"
    above = "above"
    undecided = "undecided"


def anytime_interval(estimate: Estimate, confidence: float) -> tuple[float, float]:
    r"""Interval for a proportion that is valid at all sample sizes simultaneously.

    It holds the p with ``M_n(p) < 1 / (1 - confidence)``, where

    .. math:: M_n(p) = \frac{B(k + 1/2, n - k + 1/2)}{B(1/2, 1/2) p^k (1 - p)^{n - k}}

    is a nonnegative martingale of mean 1 under p (Robbins 1970; Ville's inequality).  Tested:
    fewer than 1 - confidence of 10,000 runs ever leave it (``test_confidence_sequences.py``).

    Parameters
    ----------
    estimate : Estimate
        What was counted so far.
    confidence : float in (0, 1)

    Returns
    -------
    tuple of two floats
        Lower and upper end.

    Raises
    ------
    ValueError
        If confidence is not in (0, 1).
    """
    level = _level(confidence)
    k, n = instance("estimate", estimate, Estimate).successes, estimate.trials
    threshold = betaln(k + 0.5, n - k + 0.5) - betaln(0.5, 0.5) + np.log(level)
    return _lower(k, n, threshold), 1.0 - _lower(n - k, n, threshold)


def _lower(k: int, n: int, threshold: float) -> float:
    """Return the p <= k/n at which the log likelihood of k in n falls to the threshold."""
    if k == 0:
        return 0.0

    def excess(log_p: float) -> float:
        return float(k * log_p + xlog1py(n - k, -np.exp(log_p)) - threshold)

    top = float(np.log(k / n))
    bottom = (threshold - 1.0) / k  # as (1 - p)^(n - k) <= 1
    return float(np.exp(brentq(excess, bottom, top, rtol=1e-12)))


def decide_crossing(
    draw_spatial: Draw,
    draw_adversarial: Draw,
    curve: Callable[[float], float],
    confidence: float,
    *,
    limit: int = _LIMIT,
) -> tuple[Side, Estimate, Estimate]:
    """Decide whether (S, A) lies above a curve, sampling no longer than that needs.

    Parameters
    ----------
    draw_spatial, draw_adversarial : callable
        ``draw(n)`` counts the successes of n fresh independent samples.
    curve : callable
        Decreasing: the largest spatial accuracy allowed at an adversarial accuracy.
    confidence : float in (0, 1)
        The verdicts "above" and "below" are wrong with probability at most 1 - confidence.
    limit : int >= 1
        Samples of each kind after which the verdict is "undecided".

    Raises
    ------
    ValueError
        If confidence is not in (0, 1), limit is not in 1..10^12, a draw is not of as many trials
        as asked, or the curve leaves [0, 1].
    """
    each = 1.0 - _level(confidence) / 2.0
    limit = integer("limit", limit, minimum=1, maximum=MOST_DRAWS)
    draws = {"draw_spatial": draw_spatial, "draw_adversarial": draw_adversarial}
    for name, called in {**draws, "curve": curve}.items():
        function(name, called)

    def drawn(count: int) -> tuple[Estimate, Estimate]:
        spatial, adversarial = (_drawn(name, draw, count) for name, draw in draws.items())
        return spatial, adversarial

    def allowed(accuracy: float) -> float:
        return probability(f"curve({accuracy:.6g})", curve(accuracy))

    spatial, adversarial = drawn(min(_FIRST, limit))
    while True:
        low, high = (
            tuple(anytime_interval(e, each)[side] for e in (spatial, adversarial))
            for side in (0, 1)
        )
        if low[0] > allowed(low[1]):
            return Side.above, spatial, adversarial
        if high[0] <= allowed(high[1]):
            return Side.below, spatial, adversarial
        if spatial.trials >= limit:
            return Side.undecided, spatial, adversarial
        more = drawn(_more(spatial.trials, limit))
        spatial, adversarial = spatial + more[0], adversarial + more[1]


def _more(trials: int, limit: int) -> int:
    """Return the size of the next block."""
    return min(max(trials // 4, 1), limit - trials)


def _level(confidence: float) -> float:
    """Return the probability of error that a confidence leaves."""
    return 1.0 - confidence_level("confidence", confidence)


def _drawn(name: str, draw: Draw, count: int) -> Estimate:
    """Draw, and see that it was as much as asked."""
    estimate = instance(f"{name}({count})", draw(count), Estimate)
    if estimate.trials != count:
        raise InputError(f"{name}({count}) must be of {count} trials, got {estimate.trials}")
    return estimate
