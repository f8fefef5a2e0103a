"""Check that estimates converge at the rates they should."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import gammaincinv

from simulations.classifiers.families import halfspaces
from simulations.classifiers.halfspace import Halfspace
from simulations.sampling.accuracy import spatial_accuracy, streams
from simulations.sampling.quasi_monte_carlo import quasi_accuracy
from simulations.sampling.scores import ScoreModel, ScoreSampler
from simulations.validation.findings import LEVEL, figures
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.setting.setting import Setting

__all__ = ["convergence"]

_REPEATS = 250
_QUASI_SIZES = tuple(2**m for m in range(5, 12))
_QUASI_REPEATS = 16
# Quasi-Monte Carlo of an indicator of one score converges like 1/n; the slope measured over
# the sizes above has a standard deviation of about 0.03, ten of which lie between the two.
_QUASI_SLOPE = -0.7


def convergence(
    setting: Setting, samples: int, seed: np.random.SeedSequence
) -> list[dict[str, Any]]:
    """Check the root mean square error of both kinds of sampling against the sample size.

    Independent samples: the variance at every size is p (1 - p) / n, by a chi-square test on
    repetitions.  Scrambled Sobol points: the slope on logarithmic axes is clearly steeper.
    """
    plain, quasi = streams(seed, 2)
    members = [member for member in halfspaces(setting).values() if member.normal.any()]
    return [_independent(setting, members, samples, plain), _sobol(setting, members, quasi)]


def _independent(
    setting: Setting, members: Sequence[Halfspace], samples: int, rng: np.random.Generator
) -> dict[str, Any]:
    """Repeat the estimate of the S closest to one half at growing sizes."""
    closed = [figures(halfspace_accuracies(setting, m.normal, m.offset)[0]) for m in members]
    chosen = int(np.argmin(np.abs(np.array(closed) - 0.5)))
    truth, member = closed[chosen], members[chosen]
    # at least 100 errors are expected at every size, so that counts are nearly normal
    base = max(samples // 1000, math.ceil(100.0 / min(truth, 1.0 - truth)))
    sizes = [base * 4**power for power in range(4)]
    errors, passed = [], True
    lower, upper = (2.0 * gammaincinv(_REPEATS / 2.0, q) for q in (LEVEL / 8, 1.0 - LEVEL / 8))
    for size in sizes:
        estimates = [
            spatial_accuracy(setting, member, size, rng=rng).value for _ in range(_REPEATS)
        ]
        square = float(np.mean((np.array(estimates) - truth) ** 2))
        errors.append(square**0.5)
        passed &= bool(lower <= _REPEATS * square * size / (truth * (1.0 - truth)) <= upper)
    return _row("independent samples", sizes, errors, -0.5, passed)


def _sobol(
    setting: Setting, members: Sequence[Halfspace], rng: np.random.Generator
) -> dict[str, Any]:
    """Measure the spread of scrambled Sobol estimates of all S together."""
    mixture, transformations = setting.mixture, setting.transformations
    squares = np.zeros(len(_QUASI_SIZES))
    for member in members:
        law = ScoreSampler(ScoreModel(mixture, transformations, member.normals, member.offsets))
        for index, size in enumerate(_QUASI_SIZES):
            estimate = quasi_accuracy(law, member.correct, size, _QUASI_REPEATS, rng=rng)
            squares[index] += estimate.replicates.var(ddof=1)
    errors = np.sqrt(squares / len(members)).tolist()
    passed = _slope(_QUASI_SIZES, errors) <= _QUASI_SLOPE
    return _row("scrambled Sobol points", _QUASI_SIZES, errors, -1.0, passed)


def _slope(sizes: Sequence[int], errors: Sequence[float]) -> float:
    """Return the slope of log error against log size."""
    return float(np.polyfit(np.log(sizes), np.log(errors), 1)[0])


def _row(
    subject: str, sizes: Sequence[int], errors: Sequence[float], expected: float, passed: bool
) -> dict[str, Any]:
    """Return a finding about a rate."""
    return {
        "kind": "rate",
        "subject": subject,
        "sizes": list(sizes),
        "errors": [figures(error) for error in errors],
        "slope": figures(_slope(sizes, errors)),
        "expected": expected,
        "passed": passed,
    }
