"""The pairwise network: what pairs of Gaussians alone force on every classifier (Theorem 3)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.bounds.constraints import PairwiseConstraints, pairwise_constraints
from theory.bounds.cutting_planes import CuttingPlanes
from theory.bounds.two_class import certified_two_class_bound
from theory.checks import (
    MOST_STEPS,
    FloatArray,
    instance,
    integer,
    positive,
    probability_array,
)
from theory.setting.curves import Curve, monotone_limit
from theory.setting.progress import Progress
from theory.setting.setting import Setting

__all__ = ["PairwiseBound", "adversarial_error_floor", "error_of", "pairwise_bound", "solve"]

# Below it errors are too close to the least doubles to be resolved.
_SMALLEST = 1e-300


@dataclass(frozen=True, eq=False, repr=False)
class PairwiseBound(Curve):
    """Lower bounds on the spatial error at given adversarial errors, certified.

    Called with any adversarial errors, it gives the bound at the next error above that was asked
    for, which holds there too; 0 above them all, 1 below the ``floor``.

    Attributes
    ----------
    adversarial_error : array of floats
        The errors asked for, any shape.
    spatial_error : array of floats
        No classifier whose adversarial error is at most ``adversarial_error`` has a smaller
        spatial error. Certified: holds whatever the solver did (THEORY.md, section 6).
    gap : array of floats
        How much the exact value of the programme may exceed ``spatial_error`` (a computed
        figure, below ``tolerance``; it says how tight the bound is and plays no part in its
        truth). Of pairs that are 16.2 deviations apart or more, which bind errors below 4e-16
        alone and are left out, it says nothing; nor within about ``tolerance`` of the least
        adversarial error of any classifier, where the slope of the curve is unbounded.
    attainable : array of booleans
        False where no classifier at all has so small an adversarial error, proved by the same
        programme; ``spatial_error`` is 1 there.
    floor : float
        Adversarial error that no classifier is below, certified.
    """

    adversarial_error: FloatArray
    spatial_error: FloatArray
    gap: FloatArray
    attainable: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    floor: float

    def lowered(self, defect: float) -> "PairwiseBound":
        """Return the bound for noise that a transformation changes by this total variation."""
        if defect == 0.0:
            return self
        error = np.where(
            self.attainable, np.maximum(0.0, self.spatial_error - defect), self.spatial_error
        )
        return replace(self, spatial_error=error)

    @property
    def spatial_accuracy(self) -> FloatArray:
        """Upper bound on the spatial accuracy, rounded up; 0 where no classifier can be."""
        rounded = np.minimum(1.0, np.nextafter(1.0 - self.spatial_error, 2.0))
        return np.where(self.spatial_error < 1.0, rounded, 0.0)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the points asked for, by column name."""
        return {
            "adversarial_error": self.adversarial_error.ravel(),
            "spatial_error": self.spatial_error.ravel(),
            "spatial_accuracy": self.spatial_accuracy.ravel(),
            "gap": self.gap.ravel(),
            "attainable": self.attainable.ravel(),
        }

    def __repr__(self) -> str:
        count = self.adversarial_error.size
        return (
            f"PairwiseBound({count} point{'s' * (count != 1)}, "
            f"no classifier has an adversarial error below {self.floor:.6g})"
        )

    def _at(self, errors: FloatArray) -> FloatArray:
        limit = monotone_limit(self.adversarial_error, self.spatial_error, errors)
        return np.where(errors < self.floor, 1.0, limit)

    def _drawn(self) -> FloatArray:
        return self.adversarial_error.ravel()


def pairwise_bound(
    setting: Setting,
    adversarial_error: ArrayLike | None = None,
    *,
    tolerance: float = 1e-6,
    points: int = 65,
    progress: Progress | None = None,
) -> PairwiseBound:
    """Lower bound on the spatial error given the adversarial error (THEORY.md, Theorem 3).

    The convex programme

        minimise sum_i w_i nu_g s_{i,g}  subject to (1), (2), (3) and sum_i w_i a_i <= e_A

    is relaxed by tangents of the trade-off functions (Kelley's cutting planes); each linear
    programme is solved by HiGHS, and the bound is recomputed from its multipliers by weak
    duality with a margin for rounding. Any classifier obeys it, randomised ones included.

    Parameters
    ----------
    setting : Setting
        Any number of components, classes and transformations.
    adversarial_error : float or array of floats, optional
        In [0, 1]; tangents found for one level serve the others. By default a
        grid from 1 down to the least adversarial error.
    tolerance : float > 0
        Stop when the value is known to within this; a larger one is faster and still sound.
    points : int
        Of the default grid.
    progress : callable, optional
        Called with the number of finished hundredths of a level and that of all; the least
        adversarial error counts as one more level.

    Returns
    -------
    PairwiseBound
        Arrays of the shape of ``adversarial_error``.

    Raises
    ------
    ValueError
        If ``adversarial_error`` leaves [0, 1], ``tolerance`` is not positive or ``points`` not in
        2..10^6.
    """
    instance("setting", setting, Setting)
    count = integer("points", points, minimum=2, maximum=MOST_STEPS)
    errors = adversarial_error
    if errors is not None:
        errors = probability_array("adversarial_error", errors)
    positive("tolerance", tolerance)
    network = pairwise_constraints(setting)
    bound = solve(network, errors, tolerance=tolerance, points=count, progress=progress)
    bound = bound.lowered(setting.invariance_defect)
    if setting.mixture.components != 2:
        return bound
    # some of the constraints alone, but solved in the logarithm and not to a tolerance
    closed = certified_two_class_bound(setting, bound.adversarial_error)
    better = np.maximum(bound.spatial_error, closed)
    gap = np.maximum(0.0, bound.gap - (better - bound.spatial_error))
    return replace(bound, spatial_error=better, gap=gap)


def solve(
    network: PairwiseConstraints,
    adversarial_error: ArrayLike | None,
    *,
    tolerance: float,
    points: int = 0,
    progress: Progress | None = None,
) -> PairwiseBound:
    """Solve the convex programme of a network of constraints at each adversarial error.

    Without any, at ``points`` of them from 1 down to the least.
    """
    floor, cheapest = _least_adversarial_error(network, tolerance)
    # an accuracy of 1 in double precision stands for every error below half a unit of it
    errors = np.asarray(
        np.linspace(1.0, max(floor, 2.0**-53), points)
        if adversarial_error is None
        else adversarial_error,
        dtype=np.float64,
    )
    planes = CuttingPlanes(network)
    planes.know(np.concatenate([np.ones(network.spatial), cheapest]))
    flat = errors.ravel()
    done = 1

    def advance(share: float) -> None:
        if progress is not None:
            progress(int(100.0 * (done + share)), 100 * (1 + flat.size))

    advance(0.0)
    bound, gap = np.ones(flat.size), np.zeros(flat.size)
    attainable = np.ones(flat.size, dtype=np.bool_)
    for index in np.argsort(-flat, kind="stable"):
        level = float(flat[index])
        # G_r(0) = 1: with no adversarial error at all nothing is left to the other classes
        attainable[index] = level >= floor and level > 0.0
        if attainable[index]:
            value, excess = planes.solve(level, tolerance, advance)
            # the elastic programme costs at most 1 where any classifier is feasible
            attainable[index] = value <= 1.0
            bound[index] = min(1.0, max(0.0, value))
            gap[index] = min(excess, 1.0 - bound[index])
        done += 1
        advance(0.0)
    shape = errors.shape
    return PairwiseBound(
        errors, bound.reshape(shape), gap.reshape(shape), attainable.reshape(shape), floor
    )


def error_of(accuracy: ArrayLike) -> FloatArray:
    """Return 1 - accuracy, rounded up: only below one half may the difference be inexact."""
    given = np.asarray(accuracy, dtype=np.float64)
    error = 1.0 - given
    up: FloatArray = np.where(given < 0.5, np.minimum(1.0, np.nextafter(error, 2.0)), error)[()]
    return up


def adversarial_error_floor(setting: Setting, *, tolerance: float = 1e-6) -> float:
    """Certified lower bound on the adversarial error of every classifier.

    The value of the pairwise network of the constraints (2) alone (THEORY.md, section 6), within
    ``tolerance`` of it, relative to it, where it is above 4e-16; pairs that are 16.2 deviations
    apart or more are left out, so that below the floor may be 0.
    """
    instance("setting", setting, Setting)
    return _least_adversarial_error(
        pairwise_constraints(setting), positive("tolerance", tolerance)
    )[0]


def _least_adversarial_error(
    network: PairwiseConstraints, tolerance: float
) -> tuple[float, FloatArray]:
    """Certified value of the network of the constraints (2), and errors that nearly attain it.

    No optimal error exceeds what a feasible point costs, so that is the unit of the next solution.
    """
    planes = CuttingPlanes(network.adversarial())
    planes.know(np.ones(len(planes.network.cost)))
    floor, level = 0.0, 1.0
    while level > _SMALLEST:
        floor, gap = planes.solve(level, tolerance * level)
        if gap <= tolerance * floor or floor + gap > 0.5 * level:
            break
        level = floor + gap
    return max(0.0, floor), planes.cheapest()
