"""The pairwise network: what pairs of Gaussians alone force on every classifier (Theorem 3)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from theory.bounds.certificate import lagrangian_bound
from theory.bounds.constraints import PairwiseNetwork, pairwise_network
from theory.bounds.tangents import sound_tangent
from theory.checks import FloatArray, InputError, IntArray, probability_array
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
# Slack beyond which a tangent is not carried to the next level, once there are many.
_FAR, _MANY = 0.02, 2000


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
    """

    adversarial_error: FloatArray
    spatial_error: FloatArray
    gap: FloatArray
    attainable: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

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
    return network_bound(pairwise_network(setting), adversarial_error, tolerance=tolerance)


def network_bound(
    network: PairwiseNetwork, adversarial_error: ArrayLike, *, tolerance: float
) -> PairwiseBound:
    """Solve the convex programme of a network of constraints at each adversarial error."""
    errors = probability_array("adversarial_error", adversarial_error)
    if not tolerance > 0:
        raise InputError(f"tolerance must be > 0, got {tolerance}")
    floor, _ = _CuttingPlanes(network.adversarial()).solve(1.0, tolerance)
    planes = _CuttingPlanes(network)
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
        errors, bound.reshape(shape), gap.reshape(shape), attainable.reshape(shape)
    )


def adversarial_error_floor(setting: Setting, *, tolerance: float = 1e-6) -> float:
    """Certified lower bound on the adversarial error of every classifier.

    The value of the pairwise network of the constraints (2) alone (THEORY.md, section 6).
    """
    network = pairwise_network(setting).adversarial()
    return max(0.0, _CuttingPlanes(network).solve(1.0, tolerance)[0])


class _CuttingPlanes:
    """The growing list of tangents of one network, and the linear programmes over it."""

    def __init__(self, network: PairwiseNetwork) -> None:
        self.network = network
        self.left: IntArray = np.zeros(0, dtype=np.int64)
        self.right: IntArray = np.zeros(0, dtype=np.int64)
        self.slope: FloatArray = np.zeros(0)
        self.intercept: FloatArray = np.zeros(0)
        self._slack: FloatArray = np.zeros(0)
        self._best, self._cost, self._spent = 0.0, np.inf, np.inf

    def add(self, chosen: IntArray, points: FloatArray) -> None:
        """Add the tangents of constraints ``chosen`` at the probits ``points``."""
        slope, intercept = sound_tangent(self.network.residual[chosen], points)
        self.left = np.concatenate([self.left, self.network.left[chosen]])
        self.right = np.concatenate([self.right, self.network.right[chosen]])
        self.slope = np.concatenate([self.slope, slope])
        self.intercept = np.concatenate([self.intercept, intercept])

    def solve(self, level: float, tolerance: float) -> tuple[float, float]:
        """Certified value at one adversarial error, and the distance to feasibility."""
        # a smaller budget never lowers the value, so the last bound still holds, and often
        # the last feasible point does too
        best, gap = self._best, np.inf
        if self._spent <= level and self._cost - best <= tolerance:
            return best, self._cost - best
        self._forget()
        for _ in range(60):
            point, bound, price = self._programme(level)
            best = max(best, bound)
            self._repair(point)
            gap = self._cost + price * max(0.0, self._spent - level) - best
            if gap <= tolerance or not self._separate(point, tolerance):
                break
        self._slack = point[self.left] + self.slope * point[self.right] - self.intercept
        self._best = best
        return best, max(gap, 0.0)

    def _forget(self) -> None:
        """Drop the tangents that were far from binding at the last level."""
        kept = (self._slack < _FAR) | (len(self._slack) < _MANY)
        self.left, self.right = self.left[kept], self.right[kept]
        self.slope, self.intercept = self.slope[kept], self.intercept[kept]
        self._slack = self._slack[kept]

    def _programme(self, level: float) -> tuple[FloatArray, float, float]:
        """Solve the linear programme; its point, its certified value, the budget's price."""
        from scipy.optimize import linprog

        size = len(self.network.cost)
        scale = self._scale(level)
        matrix, right = self._rows(scale, level)
        cost = np.append(self.network.cost, _ELASTIC_PRICE)
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
        bound = lagrangian_bound(cost, matrix, right, upper, multipliers)
        return result.x[:size] * scale, bound, float(multipliers[-1]) / level

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

    def _repair(self, point: FloatArray) -> None:
        """Raise the point until every constraint holds; note its cost and what it spends."""
        net = self.network
        z = _probit(point)
        raised = z.copy()
        np.minimum.at(raised, net.left, _projected(z[net.left], z[net.right], net.residual))
        np.minimum.at(raised, net.right, _projected(z[net.right], z[net.left], net.residual))
        x = ndtr(-raised)
        self._cost, self._spent = float(net.cost @ x), float(net.budget @ x)

    def _separate(self, point: FloatArray, tolerance: float) -> bool:
        """Cut off the point where it violates the network; False if it does not."""
        net = self.network
        z = _probit(point)
        left = _projected(z[net.left], z[net.right], net.residual)
        right = _projected(z[net.right], z[net.left], net.residual)
        # a violation matters as far as it moves an error
        depth = ndtr(-left) - ndtr(-z[net.left]) + ndtr(-right) - ndtr(-z[net.right])
        candidates = np.flatnonzero(depth > 0.1 * tolerance)
        if not candidates.size:
            return False
        # the deepest cuts of each variable, touching at the nearest pair that obeys
        order = candidates[np.argsort(-depth[candidates], kind="stable")]
        first_left = np.unique(net.left[order], return_index=True)[1]
        first_right = np.unique(net.right[order], return_index=True)[1]
        chosen = order[np.union1d(first_left, first_right)]
        self.add(chosen, right[chosen])
        return True


def _probit(errors: FloatArray) -> FloatArray:
    """Probits of the accuracies, finite."""
    return np.clip(-ndtri(np.clip(errors, 0.0, 1.0)), -38.0, 38.0)


def _projected(own: FloatArray, other: FloatArray, residual: FloatArray) -> FloatArray:
    """First of two probits after the larger ones are lowered until their sum is ``residual``."""
    return np.minimum(own, np.maximum(residual - other, residual / 2))
