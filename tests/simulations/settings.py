"""Small settings for tests, with every feature that a formula could get wrong, and a wrong one."""

from collections.abc import Callable

import numpy as np

from theory.frontiers.halfspaces import halfspace_accuracies
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts

__all__ = ["D", "circulant", "small_setting", "wrong_accuracies"]

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


def wrong_accuracies(side: int) -> Callable[..., tuple[float, ...]]:
    """Return the closed form of halfspaces, with one of the two accuracies ten percent off."""

    def wrong(*arguments) -> tuple[float, ...]:
        right = list(halfspace_accuracies(*arguments))
        right[side] *= 0.9
        return tuple(right)

    return wrong


def _sigma(covariance) -> float:
    """A covariance comes instead of a standard deviation."""
    return 0.9 if covariance is None else 1.0
