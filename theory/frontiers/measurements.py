"""Is a measured pair of accuracies possible? The bound as a check on attacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np
from numpy.typing import ArrayLike

from theory.bounds.pairwise import error_of, pairwise_bound
from theory.checks import (
    FloatArray,
    InputError,
    confidence_level,
    finite_array,
    instance,
    integer,
    shown,
)
from theory.confidence import lower_limit, upper_limit
from theory.setting.progress import Progress
from theory.setting.setting import Setting

__all__ = [
    "MeasuredLimits",
    "MeasurementVerdict",
    "check_measurement",
    "check_measurements",
    "measured_limits",
]

Counts = tuple[int, int]


@dataclass(frozen=True)
class MeasurementVerdict:
    """Whether counts on data from a setting can belong to one classifier.

    Attributes
    ----------
    spatial_lower, adversarial_lower
        Exact lower confidence limits of the two accuracies; together they hold with
        probability at least ``confidence``.
    limit
        Largest spatial accuracy that any classifier has whose adversarial accuracy is at least
        ``adversarial_lower``.
    confidence
        Of the whole family of points.
    adversarial_limit
        Largest adversarial accuracy that any classifier has; certified, rounded up.
    limit_kind
        What ``limit`` is: certified, or a confidence limit that may fail besides.
    """

    spatial_lower: float
    adversarial_lower: float
    limit: float
    confidence: float
    adversarial_limit: float = 1.0
    limit_kind: str = "certified"

    @property
    def violated(self) -> bool:
        """Whether the point lies above the outer curve by more than its confidence interval."""
        return self.spatial_lower > self.limit or self.adversarial_lower > self.adversarial_limit

    def __str__(self) -> str:
        if self.adversarial_lower > self.adversarial_limit:
            return (
                f"impossible at confidence {self.confidence:.9g}: no classifier has adversarial "
                f"accuracy above {_up(self.adversarial_limit)}, yet at least "
                f"{_down(self.adversarial_lower)} was measured; the attack was too weak, or the "
                "data or the code is wrong"
            )
        if self.violated:
            return (
                f"impossible at confidence {self.confidence:.9g}: no classifier has spatial "
                f"accuracy above {_up(self.limit)} at this adversarial accuracy, yet at least "
                f"{_down(self.spatial_lower)} was measured; the attack was too weak, or the data "
                "or the code is wrong"
            )
        limit = f"the certified limit is {_up(self.limit)}"
        if self.limit_kind != "certified":
            limit = f"the limit is {_up(self.limit)} ({self.limit_kind})"
        return (
            f"possible at confidence {self.confidence:.9g}: spatial accuracy is at least "
            f"{_down(self.spatial_lower)}, {limit}"
        )


@dataclass(frozen=True, eq=False)
class MeasuredLimits:
    """Exact limits of measured pairs of accuracies, which hold together.

    Attributes
    ----------
    spatial, adversarial
        (n,) lower limits of the accuracies.
    adversarial_error
        (n,) upper limits of the adversarial errors, at the level of ``adversarial``, but with all
        their digits where they are small.
    confidence
        Of the whole family of points.
    """

    spatial: FloatArray
    adversarial: FloatArray
    adversarial_error: FloatArray
    confidence: float

    def least_sums(self, weights: ArrayLike) -> FloatArray:
        """Lower limits of ``weight * S + (1 - weight) * A``, (n, k) for k weights in [0, 1].

        They all hold with probability at least ``confidence``, so a sum above what joint bounds
        allow every classifier is impossible.
        """
        share = np.atleast_1d(finite_array("weights", weights, ndim=1))
        if not ((share >= 0.0) & (share <= 1.0)).all():
            raise InputError(f"weights must lie in [0, 1], got {share.tolist()}")
        return np.outer(self.spatial, share) + np.outer(self.adversarial, 1.0 - share)

    def verdicts(
        self, limit: ArrayLike, *, adversarial_limit: float = 1.0
    ) -> list[MeasurementVerdict]:
        """Compare with a curve.

        Parameters
        ----------
        limit
            (n,) largest spatial accuracies at the adversarial errors.
        adversarial_limit
            Largest adversarial accuracy of any classifier.
        """
        return [
            MeasurementVerdict(
                float(spatial), float(adversarial), float(most), self.confidence, adversarial_limit
            )
            for spatial, adversarial, most in zip(
                self.spatial, self.adversarial, np.asarray(limit).ravel(), strict=True
            )
        ]


def measured_limits(
    measured: Sequence[tuple[Counts, Counts]],
    *,
    confidence: float = 0.999,
    points: int | None = None,
) -> MeasuredLimits:
    """Replace counts by exact one-sided limits at level ``(1 - confidence) / (2 points)``.

    Parameters
    ----------
    measured
        Pairs ``(spatial, adversarial)`` of ``(successes, trials)``.
    confidence
        In (0, 1), of ``points`` pairs together; by default of those measured.

    Raises
    ------
    ValueError
        If a count is not ``0 <= successes <= trials``, ``confidence`` is not inside (0, 1), or
        ``points`` < 1.
    """
    confidence = confidence_level("confidence", confidence)
    count = integer("points", len(measured) if points is None else points, minimum=1)
    level = 1.0 - (1.0 - confidence) / (2.0 * count)
    pairs = [(_counts("spatial", s), _counts("adversarial", a)) for s, a in measured]
    return MeasuredLimits(
        np.array([lower_limit(k, n, level) for (k, n), _ in pairs]),
        np.array([lower_limit(k, n, level) for _, (k, n) in pairs]),
        np.array([upper_limit(n - k, n, level) for _, (k, n) in pairs]),
        confidence,
    )


def check_measurement(
    setting: Setting,
    *,
    spatial: Counts,
    adversarial: Counts,
    confidence: float = 0.999,
    points: int = 1,
    progress: Progress | None = None,
) -> MeasurementVerdict:
    """Compare counts with the certified outer curve (THEORY.md, section 11 and Theorem 3).

    Both accuracies are replaced by exact one-sided lower limits (Clopper and Pearson), each at
    level ``(1 - confidence) / (2 points)``, so that a family of ``points`` true measurements
    raises a false alarm with probability at most ``1 - confidence`` (Bonferroni; the counts may
    depend on each other in any way).

    Parameters
    ----------
    setting
        What the data were drawn from.
    spatial, adversarial
        ``(successes, trials)`` under the setting's transformation and under attack.
    confidence
        In (0, 1), of the whole family.
    points
        Number of measurements that are checked together.
    progress : callable, optional
        As that of ``pairwise_bound``.

    Raises
    ------
    ValueError
        If a count is not ``0 <= successes <= trials``, ``confidence`` is not inside (0, 1), or
        ``points`` < 1.
    """
    (verdict,) = check_measurements(
        setting, [(spatial, adversarial)], confidence=confidence, points=points, progress=progress
    )
    return verdict


def check_measurements(
    setting: Setting,
    measured: Sequence[tuple[Counts, Counts]],
    *,
    confidence: float = 0.999,
    points: int | None = None,
    progress: Progress | None = None,
) -> list[MeasurementVerdict]:
    """Compare several pairs of counts with one setting; as ``check_measurement``.

    Parameters
    ----------
    measured
        Pairs ``(spatial, adversarial)`` of ``(successes, trials)``.
    points
        Number of measurements that are checked together, by default and at least these.
    progress : callable, optional
        As that of ``pairwise_bound``.
    """
    instance("setting", setting, Setting)
    count = integer("points", len(measured) if points is None else points, minimum=1)
    if count < len(measured):
        raise InputError(f"points must be >= {len(measured)}, those measured, got {count}")
    limits = measured_limits(measured, confidence=confidence, points=count)
    bound = pairwise_bound(setting, error_of(limits.adversarial), progress=progress)
    ceiling = min(1.0, float(np.nextafter(1.0 - bound.floor, 2.0)))
    return limits.verdicts(bound.spatial_accuracy, adversarial_limit=ceiling)


def _up(value: float) -> str:
    """Six digits of an upper limit, which hold as well."""
    return str(Decimal(value).quantize(Decimal("1e-6"), ROUND_CEILING))


def _down(value: float) -> str:
    """Six digits of a lower limit, which hold as well."""
    return str(Decimal(value).quantize(Decimal("1e-6"), ROUND_FLOOR))


def _counts(name: str, pair: Counts) -> Counts:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        raise InputError(f"{name} must be a pair (successes, trials), got {shown(pair)}")
    return pair[0], pair[1]
