"""The probit law: models of a family near a line of slope -1 on probit axes, or not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from simulations.estimates import Estimate, pairs_of_estimates
from theory.checks import MOST_STEPS, FloatArray, InputError, generator, integer

__all__ = ["ProbitLaw", "probit", "probit_law", "probit_sum"]


@dataclass(frozen=True)
class ProbitLaw:
    """A line through models on the axes (Phi^{-1}(A), Phi^{-1}(S)).

    Parameters
    ----------
    slope : float
        Of the line; theory predicts -1 along the frontier of one pair (THEORY.md, section 4).
    lower, upper : float
        95 % interval of the slope by the bootstrap.
    reach : float
        Mean of Phi^{-1}(S) + Phi^{-1}(A), the effective residual.
    models : int
        Number of models.
    """

    slope: float
    lower: float
    upper: float
    reach: float
    models: int

    @property
    def agrees(self) -> bool:
        """Whether the interval of the slope holds -1."""
        return self.lower <= -1.0 <= self.upper


def probit(estimate: Estimate) -> float:
    """Phi^{-1} of the proportion (k + 1/2) / (n + 1), finite for every count."""
    return float(ndtri((estimate.successes + 0.5) / (estimate.trials + 1)))


def probit_sum(spatial: Estimate, adversarial: Estimate) -> float:
    """Phi^{-1}(S) + Phi^{-1}(A), which orders recipes by joint robustness (THEORY.md, 10)."""
    return probit(spatial) + probit(adversarial)


def probit_law(
    measured: Sequence[tuple[Estimate, Estimate]],
    *,
    rng: np.random.Generator | int,
    repetitions: int = 2000,
) -> ProbitLaw:
    """Fit the line of least orthogonal distance, and bootstrap its slope.

    Both coordinates carry errors, so ordinary regression would flatten the line.  The
    bootstrap draws models with replacement and their counts anew, and so covers the spread of
    models and of images.

    Parameters
    ----------
    measured : sequence of (spatial, adversarial) estimates
        One pair per model.
    rng : numpy.random.Generator or int seed
        Source of the bootstrap.
    repetitions : int
        Number of bootstrap samples.

    Raises
    ------
    ValueError
        With fewer than three models, or models that all lie at one point.

    Notes
    -----
    Tested in ``tests/empirical/comparison/test_probit.py``: on families drawn from the law the
    interval covers -1 at its level, and rejects families of slope -2.
    """
    measured = pairs_of_estimates("measured", measured)
    source = generator("rng", rng)
    if len(measured) < 3:
        raise InputError(f"measured must hold at least 3 models, got {len(measured)}")
    integer("repetitions", repetitions, minimum=100, maximum=MOST_STEPS)
    counts = np.array([[e.successes for e in pair] for pair in measured], dtype=np.float64)
    trials = np.array([[e.trials for e in pair] for pair in measured], dtype=np.int64)
    points = _probits(counts, trials)
    if np.ptp(points, axis=0).max() == 0.0:
        raise InputError("measured must hold different models, got one point")
    shares = (counts + 0.5) / (trials + 1)
    slopes = []
    for _ in range(repetitions):
        chosen = source.integers(len(points), size=len(points))
        drawn = source.binomial(trials[chosen], shares[chosen]).astype(np.float64)
        slopes.append(_slope(_probits(drawn, trials[chosen])))
    lower, upper = np.quantile(slopes, [0.025, 0.975])
    return ProbitLaw(
        _slope(points), float(lower), float(upper), float(points.sum(1).mean()), len(points)
    )


def _probits(
    counts: FloatArray, trials: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> FloatArray:
    values: FloatArray = ndtri((counts + 0.5) / (trials + 1))
    return values


def _slope(points: FloatArray) -> float:
    """Slope dS/dA of the first principal axis of (S, A)."""
    _, _, axes = np.linalg.svd(points - points.mean(axis=0))
    across, along = axes[0, 1], axes[0, 0]
    return float(along / across) if across else float(np.copysign(np.inf, along))
