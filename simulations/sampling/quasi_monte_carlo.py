"""Randomised quasi-Monte Carlo: scrambled Sobol points instead of independent normals."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri, stdtrit
from scipy.stats import qmc

from simulations.classifiers.halfspace import Criterion, count_met
from simulations.sampling.scores import ScoreSampler
from theory.checks import (
    MOST_STEPS,
    FloatArray,
    InputError,
    confidence_level,
    function,
    generator,
    instance,
    integer,
)

__all__ = ["ReplicatedMean", "quasi_accuracy"]

_BITS = 30  # of scipy's Sobol points
_BLOCK_POINTS = 1 << 13


@dataclass(frozen=True, eq=False)
class ReplicatedMean:
    """The mean of independent unbiased replicates, with an error from their spread."""

    replicates: FloatArray

    @property
    def value(self) -> float:
        """Mean of the replicates."""
        return float(self.replicates.mean())

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return float(self.replicates.std(ddof=1) / np.sqrt(len(self.replicates)))

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Student interval over the replicates.

        It takes the replicates as normal, which is an approximation, unlike the intervals of
        `simulations.estimates`; its coverage is measured in ``test_quasi_monte_carlo.py``.
        """
        confidence = confidence_level("confidence", confidence)
        quantile = float(stdtrit(len(self.replicates) - 1, 0.5 + confidence / 2.0))
        return self.value - quantile * self.error, self.value + quantile * self.error


def quasi_accuracy(
    law: ScoreSampler,
    criterion: Criterion,
    points: int,
    replicates: int,
    *,
    rng: np.random.Generator | int,
) -> ReplicatedMean:
    """Estimate a probability from `replicates` independent scramblings of a Sobol sequence.

    Every cell of the mixture is evaluated at the same points and weighted by its probability,
    so that nothing random but the noise is left.  The error of a replicate falls like n^-1 for
    one score and at least like n^-(1/2 + 1/(2 rank)) for several (He and Wang 2015), instead of
    n^-1/2.

    Parameters
    ----------
    law : ScoreSampler
    criterion : callable
        What is counted, as in `simulations.sampling.accuracy.accuracy`.
    points : int, a power of two in 2..2^30
        Points of each replicate.
    replicates : int in 2..10^6
    rng : numpy.random.Generator or int seed

    Raises
    ------
    ValueError
        If points or replicates is none of these, or the scores do not vary.
    """
    instance("law", law, ScoreSampler)
    function("criterion", criterion)
    size = integer("points", points, minimum=2, maximum=1 << _BITS)
    if size & (size - 1):
        raise InputError(f"points must be a power of two, got {size}")
    count = integer("replicates", replicates, minimum=2, maximum=MOST_STEPS)
    source = generator("rng", rng)
    rank = law.root.shape[1]
    if not rank:
        raise InputError("scores must vary for quasi-Monte Carlo, got a constant classifier")
    weights, labels = law.observation.weights, law.observation.labels
    values = np.zeros(count)
    for replicate in range(count):
        sequence = qmc.Sobol(rank, scramble=True, bits=_BITS, rng=source)
        for start in range(0, size, _BLOCK_POINTS):
            # half a unit in the last place keeps the points off 0 and the mean unbiased
            u = sequence.random(min(_BLOCK_POINTS, size - start)) + 0.5 ** (_BITS + 1)
            noise = law.noise(ndtri(u).T)
            for weight, label, centre in zip(weights, labels, law.centres, strict=True):
                hits = count_met(criterion, noise + centre[:, None], int(label))
                values[replicate] += weight * hits / size
    return ReplicatedMean(values)
