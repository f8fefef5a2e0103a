"""The frontier of a setting, enclosed between an outer and an inner curve."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from theory.bounds.joint import JointBound, joint_bounds
from theory.bounds.pairwise import PairwiseBound, error_of, pairwise_bound
from theory.checks import (
    MOST_STEPS,
    FloatArray,
    generator,
    instance,
    integer,
    probability,
    probability_array,
)
from theory.confidence import kind_of_limit
from theory.frontiers.inner import inner_points
from theory.frontiers.many_components import optimised_joint_bounds
from theory.frontiers.measurements import MeasurementVerdict, check_measurement
from theory.setting.curves import Curve, reached_accuracy
from theory.setting.progress import Progress, shares
from theory.setting.setting import Setting

__all__ = ["Frontier", "frontier"]

# Dimensions of the span of the natural shifts from which on one that is optimised, of each
# component, costs far less; and the size of the samples on which it is tried whether it serves.
_CROWDED, _TRIED = 128, 1 << 13


@dataclass(frozen=True, eq=False, repr=False)
class Frontier(Curve):
    """Outer and inner curves of spatial against adversarial accuracy.

    Called with adversarial errors, it gives lower limits of the spatial error of every classifier,
    at any error and not on the grid alone: the larger of the certified bound at the next grid
    point above (``certified``) and of the lines of the joint bounds, which hold everywhere.

    Attributes
    ----------
    setting : Setting
        What the curves are about.
    adversarial_accuracy : (n,) floats
        A grid, from 0 to the certified ceiling of the adversarial accuracy.
    certified : PairwiseBound
        The bound of Theorem 3 at the n adversarial errors of the grid.
    joint : (n,) floats
        Upper bound of Theorem 4, a confidence limit (see ``joint_bounds``).
    inner : (n,) floats
        Spatial accuracy reached: exact for halfspaces, a lower 1 - 1e-6 limit for
        templates, mixtures of both; NaN where no classifier was found.
    joint_bounds : tuple of JointBound
        The bounds behind ``joint``, one for each weight.
    achieved : (k, 2) floats
        Accuracies (S, A) of the classifiers behind ``inner``.
    adversarial_ceiling, spatial_ceiling : float
        No classifier exceeds them, certified.
    """

    setting: Setting
    adversarial_accuracy: FloatArray
    certified: PairwiseBound
    joint: FloatArray
    inner: FloatArray
    joint_bounds: tuple[JointBound, ...]
    achieved: FloatArray
    adversarial_ceiling: float
    spatial_ceiling: float

    @property
    def pairwise(self) -> FloatArray:
        """(n,) upper bound on the spatial accuracy of Theorem 3, certified."""
        return self.certified.spatial_accuracy

    @property
    def outer(self) -> FloatArray:
        """The smaller of both upper bounds."""
        return np.minimum(self.pairwise, self.joint)

    @property
    def joint_kind(self) -> str:
        """What ``joint`` is, in words: all its lines hold at once."""
        return kind_of_limit(self._joint_failure)

    @property
    def _joint_failure(self) -> float:
        """Probability with which some line of the joint bound is too low."""
        return sum(bound.failure for bound in self.joint_bounds)

    @property
    def gap(self) -> FloatArray:
        """What may be left to gain in ``lambda S + (1 - lambda) A``, per joint weight."""
        return np.array(
            [
                self._outer_support(bound) - float(np.max(self._mixed(bound.weight)))
                for bound in self.joint_bounds
            ]
        )

    def max_spatial_accuracy(self, adversarial_accuracy: ArrayLike) -> FloatArray:
        """Largest spatial accuracy not excluded at adversarial accuracies, any shape.

        The pairwise bound is solved anew at each of them: sharper between grid points than a call
        of the curve, and slower.

        Raises
        ------
        ValueError
            If an accuracy leaves [0, 1].
        """
        accuracy = probability_array("adversarial_accuracy", adversarial_accuracy)
        best = pairwise_bound(self.setting, error_of(accuracy)).spatial_accuracy
        for bound in self.joint_bounds:
            best = np.minimum(best, bound.spatial_accuracy(accuracy))
        found: FloatArray = best[()]
        return found

    def max_adversarial_accuracy(self, spatial_accuracy: float) -> float:
        """Largest adversarial accuracy not excluded at a spatial accuracy, to 1e-4 above.

        Raises
        ------
        ValueError
            If the accuracy leaves [0, 1].
        """
        # bounds agree to the tolerance of the pairwise network where the curve is flat
        target = probability("spatial_accuracy", spatial_accuracy) - 2e-6
        low, high = 0.0, self.adversarial_ceiling
        if self.max_spatial_accuracy(high) >= target:
            return high
        if self.max_spatial_accuracy(low) < target:
            return 0.0
        while high - low > 1e-4:
            middle = 0.5 * (low + high)
            if self.max_spatial_accuracy(middle) >= target:
                low = middle
            else:
                high = middle
        return high

    def check(
        self,
        spatial: tuple[int, int],
        adversarial: tuple[int, int],
        *,
        confidence: float = 0.999,
    ) -> MeasurementVerdict:
        """Compare counts ``(k, n)`` with both outer curves (THEORY.md, section 11).

        As ``check_measurement``, with the joint bound beside the certified one; where it is the
        smaller, it adds its own 1e-6 to the probability of a false alarm.
        """
        verdict = check_measurement(
            self.setting, spatial=spatial, adversarial=adversarial, confidence=confidence
        )
        robust = np.array(verdict.adversarial_lower)
        joint = min(float(bound.spatial_accuracy(robust)) for bound in self.joint_bounds)
        if joint >= verdict.limit:
            return verdict
        return replace(
            verdict,
            limit=joint,
            limit_kind=self.joint_kind,
            confidence=verdict.confidence - self._joint_failure,
        )

    def violates(
        self,
        spatial: tuple[int, int],
        adversarial: tuple[int, int],
        *,
        confidence: float = 0.999,
    ) -> bool:
        """Whether measured counts ``(k, n)`` are impossible; see ``check``."""
        return self.check(spatial, adversarial, confidence=confidence).violated

    def columns(self) -> dict[str, FloatArray]:
        """Return the curves at the grid, by column name."""
        return {
            "adversarial_accuracy": self.adversarial_accuracy,
            "pairwise": self.pairwise,
            "joint": self.joint,
            "outer": self.outer,
            "inner": self.inner,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON-ready values, each with its status."""
        curves = {
            name: [None if np.isnan(value) else float(value) for value in column]
            for name, column in self.columns().items()
        }
        return {
            "setting": self.setting.name,
            "epsilon": self.setting.epsilon,
            "adversarial_ceiling": self.adversarial_ceiling,
            "spatial_ceiling": self.spatial_ceiling,
            "curves": curves,
            "weights": [bound.weight for bound in self.joint_bounds],
            "gap": self.gap.tolist(),
            "status": {
                "pairwise": "certified",
                "joint": self.joint_kind,
                "inner": "achieved (halfspaces exact, templates at confidence 1 - 1e-6)",
                "gap": kind_of_limit(self._joint_failure + 1e-6),
            },
        }

    def __repr__(self) -> str:
        return (
            f"Frontier({self.setting.name}, epsilon={self.setting.epsilon:g}, "
            f"S <= {self.spatial_ceiling:.4f}, A <= {self.adversarial_ceiling:.4f}, "
            f"largest gap {self.gap.max():.4f})"
        )

    def _at(self, errors: FloatArray) -> FloatArray:
        best = self.certified(errors)
        for bound in self.joint_bounds:
            best = np.maximum(best, bound(errors))
        return best

    def _drawn(self) -> FloatArray:
        return np.append(super()._drawn(), self.certified.adversarial_error)

    def _mixed(self, weight: float) -> FloatArray:
        return weight * self.achieved[:, 0] + (1.0 - weight) * self.achieved[:, 1]

    def _outer_support(self, bound: JointBound) -> float:
        """Largest mixed accuracy below both outer curves; sound between grid points."""
        # on a cell the accuracies are at most its upper A and, falling, its S at the lower A
        upper = np.append(self.adversarial_accuracy[1:], self.adversarial_ceiling)
        cells = bound.weight * self.pairwise + (1.0 - bound.weight) * upper
        return min(bound.upper, float(cells.max()))


def frontier(
    setting: Setting,
    *,
    rng: np.random.Generator | int = 0,
    points: int = 33,
    weights: int = 9,
    samples: int = 1 << 18,
    steps: int = 200,
    progress: Progress | None = None,
) -> Frontier:
    """Enclose the frontier of a setting (THEORY.md, sections 6 to 8).

    Parameters
    ----------
    setting : Setting
        Any setting; halfspaces serve only where it has two classes.
    rng : numpy.random.Generator or int seed
        Source of all samples, or a seed; the bounds hold whatever it is.
    points : int
        Number of adversarial accuracies of the curves.
    weights : int
        Number of weights ``lambda`` of the joint bound and of the search for classifiers.
    samples : int
        Sample size of each joint bound.
    steps : int
        Steps of the search for templates at each weight; 0 keeps those of the joint bounds.
    progress : callable, optional
        Called with the number of finished parts and that of all, during the pairwise curve and
        after each joint bound and each search for classifiers.

    Raises
    ------
    ValueError
        If ``points`` is not in 2..10^6, ``weights`` in 1..10^6, ``samples`` in 1024..10^12 or
        ``steps`` in 0..10^6.
    """
    instance("setting", setting, Setting)
    count = integer("points", points, minimum=2, maximum=MOST_STEPS)
    steps = integer("steps", steps, minimum=0, maximum=MOST_STEPS)
    size = integer("weights", weights, minimum=1, maximum=MOST_STEPS)
    levels = np.arange(1, size + 1) / (size + 1)
    source = generator("rng", rng)
    report = shares(progress, 1 + 2 * size)
    certified = pairwise_bound(setting, points=count, progress=report(0, 1))
    accuracy = 1.0 - certified.adversarial_error
    single = _crowded(setting) and _one_shift_serves(setting, levels[size // 2], source)
    bounded = optimised_joint_bounds if single else joint_bounds
    bounds = tuple(bounded(setting, levels, rng=source, samples=samples, progress=report(1, size)))
    joint = np.min([bound.spatial_accuracy(accuracy) for bound in bounds], axis=0)
    achieved = inner_points(
        setting, bounds, rng=source, steps=steps, progress=report(1 + size, size)
    )
    return Frontier(
        setting=setting,
        adversarial_accuracy=accuracy,
        certified=certified,
        joint=joint,
        inner=reached_accuracy(achieved, accuracy),
        joint_bounds=bounds,
        achieved=achieved,
        adversarial_ceiling=min(1.0, float(np.nextafter(1.0 - certified.floor, 2.0))),
        spatial_ceiling=float(certified.spatial_accuracy[0]),
    )


def _crowded(setting: Setting) -> bool:
    """Whether there are many natural shifts, and noise for which one can be optimised."""
    mixture, turns = setting.mixture, len(setting.probabilities)
    natural = mixture.components * (turns + (turns + 1) * (mixture.components - 1))
    return mixture.covariance is None and min(mixture.dimension, natural) > _CROWDED


def _one_shift_serves(setting: Setting, weight: float, rng: np.random.Generator) -> bool:
    """Whether one optimised shift for each component gives a bound as small as weights on many.

    It does unless the ball reaches several rivals, between which the weights hedge.
    """
    natural, optimised = (
        bounded(setting, [weight], rng=rng, samples=_TRIED)[0].estimate
        for bounded in (joint_bounds, optimised_joint_bounds)
    )
    return optimised <= natural
