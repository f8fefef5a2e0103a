"""Proportions estimated from counts, and means of bounded values, with honest intervals."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import stdtrit

from theory.checks import InputError, confidence_level, integer, items, nonnegative, shown
from theory.confidence import clopper_pearson

__all__ = ["BoundedMean", "CrossedMean", "Estimate", "pairs_of_estimates"]


@dataclass(frozen=True)
class Estimate:
    """A proportion, known from `successes` of `trials` independent trials.

    Keeping the two integers, never a percentage, lets intervals and joint statistics be
    recomputed at any time.

    Parameters
    ----------
    successes, trials : int

    Raises
    ------
    ValueError
        Unless ``0 <= successes <= trials`` and ``trials >= 1`` are integers.

    Examples
    --------
    >>> print(Estimate(8121, 10000))
    0.812 [0.804, 0.820]
    """

    successes: int
    trials: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "trials", integer("trials", self.trials, minimum=1))
        object.__setattr__(self, "successes", integer("successes", self.successes, minimum=0))
        if self.successes > self.trials:
            raise InputError(f"successes must be <= trials, got {self.successes} of {self.trials}")

    @property
    def counts(self) -> tuple[int, int]:
        """Successes and trials."""
        return self.successes, self.trials

    @property
    def value(self) -> float:
        """The observed proportion."""
        return self.successes / self.trials

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Exact (Clopper-Pearson) two-sided interval for the proportion.

        It covers at least at its nominal level for every proportion and every number of
        trials; tested by 10,000 repetitions in ``tests/simulations/test_estimates.py``.
        """
        lower, upper = clopper_pearson(self.successes, self.trials, confidence)
        return float(lower), float(upper)

    def __add__(self, other: "Estimate") -> "Estimate":
        """Pool two independent estimates of one proportion."""
        return Estimate(self.successes + other.successes, self.trials + other.trials)

    def __str__(self) -> str:
        lower, upper = self.interval()
        return f"{self.value:.3f} [{lower:.3f}, {upper:.3f}]"


@dataclass(frozen=True)
class CrossedMean:
    """The mean accuracy of networks trained from several seeds and tested on the same images.

    Seeds and images are both drawn at random and crossed: networks share the images, so their
    accuracies are not independent trials, and few seeds say little about their spread.

    Parameters
    ----------
    successes : tuple of int
        Images classified correctly by each network, of at least two.
    shared : int
        Sum, over all ordered pairs of networks, a network with itself included, of the images
        that both classify correctly; equally, the sum over the images of the squared number of
        networks that classify it correctly.
    images : int
        Number of images, at least two.

    Raises
    ------
    ValueError
        If a count is out of range, or no outcomes on the images have these counts.
    """

    successes: tuple[int, ...]
    shared: int
    images: int

    def __post_init__(self) -> None:
        integer("images", self.images, minimum=2)
        if len(self.successes) < 2:
            raise InputError(f"successes must be of >= 2 networks, got {len(self.successes)}")
        for count in self.successes:
            if integer("successes", count, minimum=0) > self.images:
                raise InputError(f"successes must be <= images, got {count} of {self.images}")
        total, networks = sum(self.successes), len(self.successes)
        # between the same number of networks on every image and all or none
        if not total * total <= self.shared * self.images <= networks * total * self.images:
            raise InputError(
                f"shared must fit {total} successes of {networks} networks, got {self.shared}"
            )

    @property
    def value(self) -> float:
        """The observed mean."""
        return sum(self.successes) / (len(self.successes) * self.images)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Two-sided interval for the mean over new seeds and new images.

        The two mean squares of the crossed model, of seeds and of images, each give a half-width
        by Student's law; the root of the sum of their squares is the interval's.  Where that is
        less than Clopper and Pearson's for the images alone, as near 0 and 1, the latter holds.
        Coverage is at least nominal in simulations with up to 0.1 probit standard deviations
        between seeds (tested in ``tests/simulations/test_estimates.py``); it is not exact.

        Source: Graybill and Wang, Confidence intervals on nonnegative linear combinations of
        variances, JASA 75 (1980), for the combination.
        """
        confidence = confidence_level("confidence", confidence)
        seeds, images, mean = len(self.successes), self.images, self.value
        between_seeds = math.fsum((k / images - mean) ** 2 for k in self.successes) / (seeds - 1)
        # seeds x images x variance of the images' means, from integers
        spread = self.shared * images - sum(self.successes) ** 2
        between_images = spread / (seeds * images) ** 2 * images / (images - 1)
        level = (1.0 + confidence) / 2.0
        half = math.sqrt(
            float(stdtrit(seeds - 1, level)) ** 2 * between_seeds / seeds
            + float(stdtrit(images - 1, level)) ** 2 * between_images / images
        )
        total = sum(self.successes)
        lower, _ = clopper_pearson(total // seeds, images, confidence)
        _, upper = clopper_pearson(-(-total // seeds), images, confidence)
        return (
            max(min(mean - half, float(lower)), 0.0),
            min(max(mean + half, float(upper)), 1.0),
        )

    def __str__(self) -> str:
        lower, upper = self.interval()
        return f"{self.value:.3f} [{lower:.3f}, {upper:.3f}]"


@dataclass(frozen=True)
class BoundedMean:
    """The mean of `count` independent values in [0, bound], from their two moments.

    Parameters
    ----------
    mean, variance : float >= 0
        Of the values; the variance is the unbiased estimate.
    count : int >= 2
    bound : float >= 0
        What no value exceeds.

    Raises
    ------
    ValueError
        If count < 2, a number is negative or not finite, or the mean exceeds the bound.
    """

    mean: float
    variance: float
    count: int
    bound: float

    def __post_init__(self) -> None:
        integer("count", self.count, minimum=2)
        for name in ("mean", "variance", "bound"):
            object.__setattr__(self, name, nonnegative(name, getattr(self, name)))
        if self.mean > self.bound:
            raise InputError(f"mean must be <= bound, got {self.mean:g} > {self.bound:g}")

    @property
    def value(self) -> float:
        """The observed mean."""
        return self.mean

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Two-sided empirical Bernstein interval (Maurer and Pontil 2009, Theorem 4).

        It covers at least at its nominal level for every law on [0, bound] and every count:
        no normal approximation.  `variance` is the unbiased sample variance.

        Raises
        ------
        ValueError
            If confidence is not in (0, 1).
        """
        confidence = confidence_level("confidence", confidence)
        log = math.log(4.0 / (1.0 - confidence))
        reach = math.sqrt(2.0 * self.variance * log / self.count)
        reach += 7.0 * self.bound * log / (3.0 * (self.count - 1))
        return max(self.mean - reach, 0.0), min(self.mean + reach, self.bound)

    def __str__(self) -> str:
        lower, upper = self.interval()
        return f"{self.mean:.3g} [{lower:.3g}, {upper:.3g}]"


def pairs_of_estimates(
    name: str, value: Iterable[tuple[Estimate, Estimate]]
) -> list[tuple[Estimate, Estimate]]:
    """Return pairs of estimates, at least one."""
    pairs = items(name, value, "pairs of estimates")
    for pair in pairs:
        two = isinstance(pair, (tuple, list)) and len(pair) == 2
        if not two or not all(isinstance(one, Estimate) for one in pair):
            raise InputError(f"{name} must be pairs of estimates, got {shown(pair)}")
    return pairs
