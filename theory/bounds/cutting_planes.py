"""Kelley's cutting planes for a network of pairwise constraints, with a certificate.

Trade-off functions are replaced by tangents that rounding cannot lift above them; the linear
programmes over these tangents are solved by HiGHS, and their values recomputed from the
multipliers, whoever computed them (THEORY.md, section 6).
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from theory.bounds.constraints import PairwiseConstraints
from theory.checks import FloatArray, IntArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["CuttingPlanes", "lagrangian_bound", "sound_tangent"]

_UNIT = 2.0**-53
# Relative error of ndtr is below 2.2e-13 (reached near -37); the margin covers two of them,
# the exponential and the products.
_MARGIN = 2e-12
# Price of weakening every constraint in proportion. Where the programme is feasible its
# multipliers cost at most 2 (the value is convex and lies in [0, 1]), so this loses nothing
# there; elsewhere it keeps the programme solvable, and a value above 1 proves infeasibility.
_ELASTIC_PRICE = 100.0
# Weight of the budget spent in the objective proposed to the solver, far below any tolerance.
_THRIFT = 1e-9
# Probit of the smallest errors that doubles hold to full relative precision.
_FARTHEST = 37.5
# Multiple of its right-hand side beyond which a tangent is dropped, once there are many.
_FAR, _MANY = 4.0, 20000


class CuttingPlanes:
    """The growing list of tangents of one network, and the linear programmes over it.

    Errors are measured in units of the most that the budget allows them, so that tangents keep
    their meaning at adversarial errors of 1e-300.
    """

    def __init__(self, network: PairwiseConstraints) -> None:
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


def sound_tangent(residual: FloatArray, point: FloatArray) -> tuple[FloatArray, FloatArray]:
    r"""Slope ``m`` and intercept ``b`` of a line ``b - m * error`` below ``G_residual``.

    The line touches at the error :math:`\Phi(-z)`, where

    .. math:: m = e^{r z - r^2/2}, \qquad b = \Phi(z - r) + m \Phi(-z)

    (THEORY.md, section 6). Whatever ``z`` is, a line of slope ``-m`` through the point of
    tangency is sound; rounding enters through the two values of :math:`\Phi` and, to second
    order, through ``m``, and the intercept is lowered by more than both.

    Parameters
    ----------
    residual
        ``r >= 0``, any shape. Residuals below 1e-9 are raised to it unless they are zero, which
        only weakens the line; zero gives the exact ``1 - error``.
    point
        ``z``, the probit of the touching accuracy; clipped where the slope would overflow.

    Returns
    -------
    tuple
        ``(m, b)``, each of the broadcast shape.
    """
    r, z = np.broadcast_arrays(
        np.asarray(residual, dtype=np.float64), np.asarray(point, dtype=np.float64)
    )
    zero = r == 0.0
    # one part in 1e12 more: rounding of the residual itself
    r = np.where(zero, 1.0, np.maximum(r * (1.0 + 1e-12), 1e-9))
    z = np.clip(z, (r * r / 2 - 700.0) / r, (r * r / 2 + 700.0) / r)
    # beyond, ndtr has no longer its full relative precision
    z = np.clip(z, -37.5, 37.5)
    slope = np.exp(r * z - r * r / 2)
    intercept = (ndtr(z - r) + slope * ndtr(-z)) * (1.0 - _MARGIN)
    return np.where(zero, 1.0, slope), np.where(zero, 1.0, intercept)


def lagrangian_bound(
    cost: FloatArray,
    matrix: "csr_array",
    right: FloatArray,
    upper: FloatArray,
    multipliers: FloatArray,
) -> float:
    r"""Lower bound of ``min cost.x`` over ``matrix @ x >= right``, ``0 <= x <= upper``.

    Weak duality: for every :math:`\lambda \ge 0`,

    .. math:: c^T x \ge \lambda^T b + \sum_j \min(0, (c - A^T \lambda)_j)\, u_j

    (THEORY.md, section 6). Negative multipliers are set to zero, and a bound of the rounding
    error of the sums is subtracted, so the answer holds whatever the solver that proposed the
    multipliers did; a poor proposal gives a weak bound, never a wrong one.

    Parameters
    ----------
    cost, upper
        (n,) objective and box.
    matrix, right
        (m, n) rows and (m,) right-hand sides of the constraints.
    multipliers
        (m,) proposed multipliers.
    """
    weights = np.where(np.isfinite(multipliers), np.maximum(multipliers, 0.0), 0.0)
    magnitude = np.abs(cost) + abs(matrix).T @ weights
    rounding = (np.diff(matrix.tocsc().indptr) + 4) * _UNIT * magnitude
    reduced = np.minimum(0.0, cost - matrix.T @ weights - rounding)
    terms = np.concatenate([weights * right, reduced * upper])
    return float(np.sum(terms) - (terms.size + 4) * _UNIT * np.sum(np.abs(terms)))
