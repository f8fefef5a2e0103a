"""Tests of chance: a correct program fails with probability at most `LEVEL`.

Each of these asserts nothing by itself but returns a p-value bound or a verdict, so that a test
can also show that a slightly wrong value IS rejected.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

LEVEL = 1e-9


def proportion_agrees(
    successes: int, trials: int, probability: float, *, level: float = LEVEL
) -> bool:
    """Exact two-sided binomial test: could `probability` have given these counts?"""
    return bool(stats.binomtest(successes, trials, probability).pvalue >= level)


def proportion_at_least(
    successes: int, trials: int, probability: float, *, level: float = LEVEL
) -> bool:
    """Exact one-sided binomial test: could a probability of at least this have given these?"""
    test = stats.binomtest(successes, trials, probability, alternative="less")
    return bool(test.pvalue >= level)


def same_proportion(first: tuple[int, int], second: tuple[int, int]) -> bool:
    """Do exact intervals of (successes, trials) overlap, each at half the level?"""
    lower, upper = [], []
    for successes, trials in (first, second):
        result = stats.binomtest(successes, trials)
        interval = result.proportion_ci(confidence_level=1 - LEVEL / 2, method="exact")
        lower.append(interval.low)
        upper.append(interval.high)
    return bool(max(lower) <= min(upper))


def follows(
    sample: NDArray[np.float64], mean: float, deviation: float, *, level: float = LEVEL
) -> bool:
    """Kolmogorov-Smirnov test of a sample against a normal law."""
    return bool(stats.kstest(sample, "norm", args=(mean, deviation)).pvalue >= level)


def same_law(
    first: NDArray[np.float64], second: NDArray[np.float64], *, level: float = LEVEL
) -> bool:
    """Two-sample Kolmogorov-Smirnov test."""
    return bool(stats.ks_2samp(first, second, method="asymp").pvalue >= level)


def has_covariance(
    sample: NDArray[np.float64], covariance: NDArray[np.float64], *, level: float = LEVEL
) -> bool:
    """Test the covariance of a normal sample (n, k): |whitened Gram matrix - n I| is small.

    Every entry is compared on its own asymptotic scale; the level is shared between them.
    """
    count, size = sample.shape
    root = np.linalg.inv(np.linalg.cholesky(covariance))
    white = (sample - sample.mean(axis=0)) @ root.T
    excess = (white.T @ white / (count - 1) - np.eye(size)) * np.sqrt(count)
    excess /= np.sqrt(1.0 + np.eye(size))
    return bool(np.abs(excess).max() <= stats.norm.isf(level / (size * (size + 1))))


def converges_like(
    sizes: Sequence[int], errors: Sequence[float], exponent: float, tolerance: float
) -> bool:
    """Is the slope of log error against log size within `tolerance` of `exponent`?"""
    slope = np.polyfit(np.log(sizes), np.log(errors), 1)[0]
    return bool(abs(slope - exponent) <= tolerance)
