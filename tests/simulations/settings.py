"""Small settings for tests, with every feature that a formula could get wrong."""

import numpy as np

from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts

__all__ = ["D", "circulant", "small_setting"]

D = 8


def circulant() -> np.ndarray:
    """A covariance that cyclic shifts leave unchanged."""
    column = np.array([1.0, 0.3, 0.1, 0.0, 0.0, 0.0, 0.1, 0.3])
    return np.array([np.roll(column, shift) for shift in range(D)])


def small_setting(
    *, norm: str = "linf", epsilon: float = 0.15, labels=(0, 1, 1), covariance=None
) -> Setting:
    """Three components of unequal weights, three shifts of unequal probabilities."""
    means = np.random.default_rng(17).normal(size=(3, D))
    mixture = GaussianMixture(means, list(labels), [0.5, 0.3, 0.2], _sigma(covariance), covariance)
    shifts = cyclic_shifts(D, [0, 2, 5], [0.5, 0.3, 0.2])
    return Setting(mixture, shifts, epsilon, norm)


def _sigma(covariance) -> float:
    """A covariance comes instead of a standard deviation."""
    return 0.9 if covariance is None else 1.0
