"""The pairwise network: what pairs of Gaussians alone force on every classifier (Theorem 3)."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, ndtr, ndtri

from theory.bounds.certificate import lagrangian_bound
from theory.bounds.constraints import PairwiseNetwork, pairwise_network
from theory.bounds.tangents import sound_tangent
from theory.bounds.two_class import two_class_bound
from theory.checks import FloatArray, IntArray, positive, probability_array
from theory.setting.setting import Setting

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["PairwiseBound", "adversarial_error_floor", "network_bound", "pairwise_bound"]

# Price of weakening every constraint in proportion. Where the programme is feasible its
# multipliers cost at most 2 (the value is convex and lies in [0, 1]), so this loses nothing
# there; elsewhere it keeps the programme solvable, and a value above 1 proves infeasibility.
_ELASTIC_PRICE = 100.0
# Weight of the budget spent in the objective proposed to the solver, far below any tolerance.
_THRIFT = 1e-9
# Probit of the smallest errors that doubles hold to full relative precision.
_FARTHEST = 37.5
# Below it errors are too close to the least doubles to be resolved.
_SMALLEST = 1e-300
# Multiple of its right-hand side beyond which a tangent is dropped, once there are many.
_FAR, _MANY = 4.0, 20000


@dataclass(frozen=True, eq=False)
class PairwiseBound:
    """Lower bounds on the spatial error at given adversarial errors, certified.

    Attributes
    ----------
    adversarial_error
        The errors asked for, any shape.
    spatial_error
        No classifier whose adversarial error is at most ``adversarial_error`` has a smaller
        spatial error. Certified: holds whatever the solver did (THEORY.md, section 6).
    gap
        How much the exact value of the programme may exceed ``spatial_error`` (a computed
        figure, below ``tolerance``; it says how tight the bound is and plays no part in its
        truth). Within about ``tolerance`` of the least adversarial error of any classifier it
        says nothing: the slope of the curve is unbounded there.
    attainable
        False where no classifier at all has so small an adversarial error, proved by the same
        programme; ``spatial_error`` is 1 there.
    floor
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


def pairwise_bound(
    setting: Setting, adversarial_error: ArrayLike, *, tolerance: float = 1e-6
) -> PairwiseBound:
    """Lower bound on the spatial error given the adversarial error (THEORY.md, Theorem 3).

    The convex programme

        minimise sum_i w_i nu_g s_{i,g}  subject to (1), (2), (3) and sum_i w_i a_i <= e_A

    is relaxed by tangents of the trade-off functions (Kelley's cutting planes); each linear
    programme is solved by HiGHS, and the bound is recomputed from its multipliers by weak
    duality with a margin for rounding. Any classifier obeys it, randomised ones included.

    Parameters
    ----------
    setting
        Any number of components, classes and transformations.
    adversarial_error
        Scalar or array in [0, 1]; tangents found for one level serve the others.
    tolerance
        Stop when the value is known to within this; a larger one is faster and still sound.

    Returns
    -------
    PairwiseBound
        Arrays of the shape of ``adversarial_error``.

    Raises
    ------
    ValueError
        If ``adversarial_error`` leaves [0, 1] or ``tolerance`` is not positive.
    """
    bound = network_bound(pairwise_network(setting), adversarial_error, tolerance=tolerance)
    bound = bound.lowered(setting.invariance_defect)
    if setting.mixture.components != 2:
        return bound
    # some of the constraints alone, but solved in the logarithm and not to a tolerance
    closed = two_class_bound(setting, bound.adversarial_error) * (1.0 - 1e-12)
    better = np.maximum(bound.spatial_error, closed)
    gap = np.maximum(0.0, bound.gap - (better - bound.spatial_error))
    return replace(bound, spatial_error=better, gap=gap)


def network_bound(
    network: PairwiseNetwork, adversarial_error: ArrayLike, *, tolerance: float
) -> PairwiseBound:
    """Solve the convex programme of a network of constraints at each adversarial error."""
    errors = probability_array("adversarial_error", adversarial_error)
    positive("tolerance", tolerance)
    floor, cheapest = _least_adversarial_error(network, tolerance)
    planes = _CuttingPlanes(network)
    planes.know(np.concatenate([np.ones(network.spatial), cheapest]))
    flat = errors.ravel()
    bound, gap = np.ones(flat.size), np.zeros(flat.size)
    attainable = np.ones(flat.size, dtype=np.bool_)
    for index in np.argsort(-flat, kind="stable"):
        level = float(flat[index])
        # G_r(0) = 1: with no adversarial error at all nothing is left to the other classes
        attainable[index] = level >= floor and level > 0.0
        if attainable[index]:
            value, excess = planes.solve(level, tolerance)
            # the elastic programme costs at most 1 where any classifier is feasible
            attainable[index] = value <= 1.0
            bound[index] = min(1.0, max(0.0, value))
            gap[index] = min(excess, 1.0 - bound[index])
    shape = errors.shape
    return PairwiseBound(
        errors, bound.reshape(shape), gap.reshape(shape), attainable.reshape(shape), floor
    )


def adversarial_error_floor(setting: Setting, *, tolerance: float = 1e-6) -> float:
    """Certified lower bound on the adversarial error of every classifier.

    The value of the pairwise network of the constraints (2) alone (THEORY.md, section 6), within
    ``tolerance`` of it, relative to it.
    """
    return _least_adversarial_error(pairwise_network(setting), positive("tolerance", tolerance))[0]


def _least_adversarial_error(
    network: PairwiseNetwork, tolerance: float
) -> tuple[float, FloatArray]:
    """Certified value of the network of the constraints (2), and errors that nearly attain it.

    No optimal error exceeds what a feasible point costs, so that is the unit of the next solution.
    """
    planes = _CuttingPlanes(network.adversarial())
    floor, level = 0.0, 1.0
    while level > _SMALLEST:
        floor, gap = planes.solve(level, tolerance * level)
        if gap <= tolerance * floor or floor + gap > 0.5 * level:
            break
        level = floor + gap
    return max(0.0, floor), planes.cheapest


class _CuttingPlanes:
    """The growing list of tangents of one network, and the linear programmes over it.

    Errors are measured in units of the most that the budget allows them, so that tangents keep
    their meaning at adversarial errors of 1e-300.
    """

    def __init__(self, network: PairwiseNetwork) -> None:
        self.network = network
        self.left: IntArray = np.zeros(0, dtype=np.int64)
        self.right: IntArray = np.zeros(0, dtype=np.int64)
        self.slope: FloatArray = np.zeros(0)
        self.intercept: FloatArray = np.zeros(0)
        self._best = 0.0
        # what feasible points spend and cost, and the errors of the cheapest
        self._spent: FloatArray = np.zeros(0)
        self._cost: FloatArray = np.zeros(0)
        self.cheapest: FloatArray = np.ones(len(network.cost))

    def know(self, errors: FloatArray) -> None:
        """Take note of errors that satisfy every constraint."""
        net = self.network
        cost = float(net.cost @ errors)
        if not self._cost.size or cost < self._cost.min():
            self.cheapest = errors
        self._spent = np.append(self._spent, float(net.budget @ errors))
        self._cost = np.append(self._cost, cost)

    def add(self, chosen: IntArray, points: FloatArray) -> None:
        """Add the tangents of constraints ``chosen`` at the probits ``points``."""
        slope, intercept = sound_tangent(self.network.residual[chosen], points)
        self.left = np.concatenate([self.left, self.network.left[chosen]])
        self.right = np.concatenate([self.right, self.network.right[chosen]])
        self.slope = np.concatenate([self.slope, slope])
        self.intercept = np.concatenate([self.intercept, intercept])

    def solve(self, level: float, tolerance: float) -> tuple[float, float]:
        """Certified value at one adversarial error, and how far above it a feasible point is."""
        # a smaller budget never lowers the value, so the last bound still holds
        best = self._best
        gap = self._attained(level) - best
        scale = self._scale(level)
        for _ in range(60):
            if gap <= tolerance:
                break
            point, bound = self._programme(level, scale)
            best = max(best, bound)
            self._forget(point)
            # cuts between the optimum of the tangents and a feasible point are deeper than those
            # at the optimum, a corner with many errors zero
            middle, _ = self._repair(0.5 * (point + self.cheapest), scale, tolerance)
            self.know(middle)
            repaired, cuts = self._repair(point, scale, tolerance)
            self.know(repaired)
            gap = self._attained(level) - best
            if not cuts:
                break
        for less in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3):
            # what the repaired point spends beyond the level, an optimum for less does not
            if gap <= tolerance:
                break
            point, _ = self._programme((1.0 - less) * level, scale)
            self.know(self._repair(point, scale, np.inf)[0])
            gap = self._attained(level) - best
        self._best = best
        return best, max(gap, 0.0)

    def _attained(self, level: float) -> float:
        """Least cost of a feasible point, or of a mixture of two, within the budget.

        The network is convex: mixtures of feasible errors are feasible.
        """
        within = self._spent <= level
        if not within.any():
            return np.inf
        spent, cost = self._spent[within][:, None], self._cost[within][:, None]
        best = float(cost.min())
        if within.all():
            return best
        more, cheaper = self._spent[~within], self._cost[~within]
        share = (level - spent) / (more - spent)
        return min(best, float((cost + share * (cheaper - cost)).min()))

    def _forget(self, point: FloatArray) -> None:
        """Drop tangents that are far from binding, once there are many."""
        if len(self.left) < _MANY:
            return
        kept = point[self.left] + self.slope * point[self.right] < _FAR * self.intercept
        self.left, self.right = self.left[kept], self.right[kept]
        self.slope, self.intercept = self.slope[kept], self.intercept[kept]

    def _programme(self, level: float, scale: FloatArray) -> tuple[FloatArray, float]:
        """Solve the linear programme; its point and its certified value."""
        from scipy.optimize import linprog

        size = len(self.network.cost)
        matrix, right = self._rows(scale, level)
        # the value of the network of the constraints (2) is of the size of its budget
        unit = 1.0 if self.network.spatial else level
        cost = np.append(self.network.cost * scale / unit, _ELASTIC_PRICE)
        # the stubs of linprog know dense matrices only
        sparse: Any = -matrix
        # of equal optima, one that spends little serves smaller levels as well
        thrifty = cost + _THRIFT * np.append(self.network.budget * scale / level, 0.0)
        result = linprog(thrifty, A_ub=sparse, b_ub=-right, bounds=(0.0, 1.0), method="highs-ipm")
        if result.x is None:
            raise ArithmeticError(f"the linear programme was not solved: {result.message}")
        multipliers = -np.asarray(result.ineqlin.marginals)
        # the errors of a classifier within the budget need no elasticity
        upper = np.append(np.ones(size), 0.0)
        bound = unit * lagrangian_bound(cost, matrix, right, upper, multipliers)
        return result.x[:size] * scale, bound

    def _scale(self, level: float) -> FloatArray:
        """Largest value of each error within the budget, the unit it is measured in."""
        budget = self.network.budget
        with np.errstate(divide="ignore"):
            return np.minimum(1.0, np.where(budget > 0.0, level / budget, 1.0))

    def _rows(self, scale: FloatArray, level: float) -> "tuple[csr_array, FloatArray]":
        """Rows ``x[left] + m x[right] + b t >= b`` and, last, the budget; t is the elasticity."""
        from scipy.sparse import csr_array

        net, count = self.network, len(self.left)
        adversarial = np.flatnonzero(net.budget)
        size = len(net.cost)
        # rounding up the coefficients of a nonnegative variable weakens a row
        up = 1.0 + 1e-15
        first, second = scale[self.left] * up, self.slope * scale[self.right] * up
        unit = np.maximum(np.maximum(first, second), self.intercept)
        data = [
            first / unit * up,
            second / unit * up,
            self.intercept / unit,
            -(net.budget * scale)[adversarial] / level / up,
        ]
        rows = [*[np.arange(count)] * 3, np.full(len(adversarial), count)]
        columns = [self.left, self.right, np.full(count, size), adversarial]
        matrix = csr_array(
            (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))),
            shape=(count + 1, size + 1),
        )
        return matrix, np.append(self.intercept / unit / up, -1.0)

    def _repair(
        self, point: FloatArray, scale: FloatArray, tolerance: float
    ) -> tuple[FloatArray, bool]:
        """Raise errors until every constraint holds, and cut the point off where one did not.

        Returns the raised errors, and whether there were cuts deeper than the tolerance.
        """
        net = self.network
        z = _probit(point)
        broken = np.flatnonzero(z[net.left] + z[net.right] > net.residual)
        first, second, residual = net.left[broken], net.right[broken], net.residual[broken]
        balance = _balance(residual, scale[first], scale[second])
        left, right = _projected(z[first], z[second], residual, balance)
        raised = z.copy()
        np.minimum.at(raised, first, left)
        np.minimum.at(raised, second, right)
        # a violation matters as far as it moves an error, in the unit of that error
        depth = (ndtr(-left) - ndtr(-z[first])) / scale[first]
        depth += (ndtr(-right) - ndtr(-z[second])) / scale[second]
        deep = np.flatnonzero(depth > 0.1 * tolerance)
        # the deepest cuts of each variable, touching at the nearest pair that obeys
        order = deep[np.argsort(-depth[deep], kind="stable")]
        first_left = np.unique(first[order], return_index=True)[1]
        first_right = np.unique(second[order], return_index=True)[1]
        chosen = order[np.union1d(first_left, first_right)]
        self.add(broken[chosen], right[chosen])
        return np.asarray(ndtr(-raised)), bool(len(chosen))


def _probit(errors: FloatArray) -> FloatArray:
    """Probits of the accuracies, finite."""
    return np.asarray(np.clip(-ndtri(np.clip(errors, 0.0, 1.0)), -_FARTHEST, _FARTHEST))


def _projected(
    left: FloatArray, right: FloatArray, residual: FloatArray, balance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Pairs of probits after the larger ones are lowered until their sum is ``residual``."""
    return (
        np.minimum(left, np.maximum(residual - right, residual - balance)),
        np.minimum(right, np.maximum(residual - left, balance)),
    )


def _balance(residual: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """Probit z of the right error where ``Phi(z - r) / left = Phi(-z) / right``, roughly.

    Halfway on the constraint if both errors are of the same unit; any value is sound.
    """
    wanted = np.log(left) - np.log(right)
    low, high = np.full(residual.shape, -40.0), np.full(residual.shape, 60.0)
    for _ in range(24):
        middle = 0.5 * (low + high)
        above = log_ndtr(middle - residual) - log_ndtr(-middle) > wanted
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.asarray(0.5 * (low + high))
