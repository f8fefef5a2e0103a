"""Kelley's cutting planes for a network of pairwise constraints, with a certificate.

Trade-off functions are replaced by tangents that rounding cannot lift above them; the linear
programmes over these tangents are solved by HiGHS, and their values recomputed from the
multipliers, whoever computed them (THEORY.md, section 6).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
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
# HiGHS allows itself errors of 1e-7, more than what is left in the last programmes.
_SLOPPY, _PRECISE = 1e-7, 1e-10
# Probit of the smallest errors that doubles hold to full relative precision.
_FARTHEST = 37.5
# Programmes of one level, and passes that raise the errors of one point.
_ROUNDS, _PASSES = 60, 40
# Passes after which residuals are computed of every pair that may be broken, not of the worst.
_WORST_ONLY = 8
# Programmes in which a tangent has not served after which it is dropped, once there are many.
_PATIENCE, _MANY = 4, 5000
# Once the value is known to within this factor, the programme looks within so many probits of the
# best feasible point at first, half as many whenever that has not helped.
_CLOSE, _TRUST, _LEAST_TRUST, _FLAT, _STALLED = 1.2, 3.0, 1e-2, 2.0, 0.8
# Parts of the way from the best feasible point to the optimum of a programme that are repaired.
_WAYS = (0.5, 1.0)
# A sum of probits within this of the residual obeys the constraint.
_SLACK = 1e-12
# Entries of one block of a matrix: as many as stay in the cache.
_BLOCK = 1 << 17


@dataclass(frozen=True, eq=False)
class _Tangents:
    """Lines ``x[left] >= intercept - slope x[right]``, and for how long they have not served."""

    left: IntArray
    right: IntArray
    residual: FloatArray
    point: FloatArray
    slope: FloatArray
    intercept: FloatArray
    idle: IntArray

    @classmethod
    def at(
        cls, left: IntArray, right: IntArray, residual: FloatArray, point: FloatArray
    ) -> "_Tangents":
        """Return the tangents that touch at the probits ``point``."""
        slope, intercept = sound_tangent(residual, point)
        idle = np.zeros(len(left), dtype=np.int64)
        return cls(left, right, residual, point, slope, intercept, idle)

    def joined(self, *others: "_Tangents") -> "_Tangents":
        return _Tangents(
            *(
                np.concatenate([getattr(one, name) for one in (self, *others)])
                for name in self.__dataclass_fields__
            )
        )

    def of(self, chosen: Any) -> "_Tangents":
        return _Tangents(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


class CuttingPlanes:
    """The growing list of tangents of one network, and the linear programmes over it.

    Errors are measured in units of the most that the budget allows them, so that tangents keep
    their meaning at adversarial errors of 1e-300.
    """

    def __init__(self, network: PairwiseConstraints) -> None:
        self.network = network
        nothing = np.zeros(0, dtype=np.int64)
        self.tangents = _Tangents.at(nothing, nothing, np.zeros(0), np.zeros(0))
        self._best = 0.0
        # what feasible points spend and cost, and the points
        self._spent: FloatArray = np.zeros(0)
        self._cost: FloatArray = np.zeros(0)
        self._points: list[FloatArray] = []

    def know(self, errors: FloatArray) -> None:
        """Take note of errors that satisfy every constraint."""
        net = self.network
        # sums of products by the processor's kernel would differ from machine to machine
        self._spent = np.append(self._spent, float(np.sum(net.budget * errors)))
        self._cost = np.append(self._cost, float(np.sum(net.cost * errors)))
        self._points.append(errors)

    def solve(
        self,
        level: float,
        tolerance: float,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[float, float]:
        """Certified value at one adversarial error, and how far above it a feasible point is.

        ``progress`` receives the share done after each programme, as if the gap fell steadily.
        """
        # a smaller budget never lowers the value, so the last bound still holds
        best = self._best
        gap = self._attained(level)[0] - best
        scale = self._scale(level)
        trust, bold, first = _TRUST, False, min(gap, 1.0)
        for _ in range(_ROUNDS):
            if gap <= tolerance:
                break
            # near the best feasible point the programme finds better ones, further away the bound
            corner, bound = self._programme(level, scale, np.inf if bold else trust)
            # the optimum of the tangents is a corner with many errors zero; cuts between it and
            # a feasible point are deeper
            centre = self._attained(level)[1]
            stuck = bound <= best
            for way in _WAYS:
                repaired, cuts = self._repair(centre + way * (corner - centre), scale, tolerance)
                self.know(repaired)
                stuck = stuck and not cuts
            self._best = best = max(best, bound)
            before, gap = gap, self._attained(level)[0] - best
            if progress is not None and tolerance < gap <= first:
                progress(float(np.log(first / gap) / np.log(first / tolerance)))
            if stuck and bold:
                break
            if gap > 0.5 * before and not bold:
                trust = max(0.5 * trust, _LEAST_TRUST)
            bold = gap > _STALLED * before and not bold
        for less in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3):
            # what the repaired point spends beyond the level, an optimum for less does not
            if gap <= tolerance:
                break
            point, _ = self._programme((1.0 - less) * level, scale, np.inf)
            self.know(self._repair(point, scale, np.inf)[0])
            gap = self._attained(level)[0] - best
        return best, max(gap, 0.0)

    def _attained(self, level: float) -> tuple[float, FloatArray]:
        """Cheapest feasible point, or mixture of two, within the budget: its cost and errors.

        The network is convex: mixtures of feasible errors are feasible.
        """
        within, beyond = np.flatnonzero(self._spent <= level), np.flatnonzero(self._spent > level)
        if not within.size:
            return np.inf, np.ones(len(self.network.cost))
        spent, cost = self._spent[within], self._cost[within]
        k = int(np.argmin(cost))
        best, errors = float(cost[k]), self._points[within[k]]
        if beyond.size:
            more, cheaper = self._spent[beyond], self._cost[beyond]
            share = (level - spent[:, None]) / (more - spent[:, None])
            mixed = cost[:, None] + share * (cheaper - cost[:, None])
            i, j = np.unravel_index(int(np.argmin(mixed)), mixed.shape)
            if mixed[i, j] < best:
                best, part = float(mixed[i, j]), share[i, j]
                errors = (1.0 - part) * self._points[within[i]] + part * self._points[beyond[j]]
        return best, errors

    def cheapest(self) -> FloatArray:
        """Errors that satisfy every constraint at the least cost known."""
        return self._points[int(np.argmin(self._cost))]

    def _programme(self, level: float, scale: FloatArray, trust: float) -> tuple[FloatArray, float]:
        """Solve the linear programme; its point and its certified value."""
        from scipy.optimize import linprog

        size = len(self.network.cost)
        matrix, right, unit = self._rows(self.tangents, scale, level)
        # the value of the network of the constraints (2) is of the size of its budget
        value = 1.0 if self.network.spatial else level
        cost = np.append(self.network.cost * scale / value, _ELASTIC_PRICE)
        # the stubs of linprog know dense matrices and whole numbers only
        sparse: Any = -matrix
        # of equal optima, one that spends little serves smaller levels as well
        thrifty = cost + _THRIFT * np.append(self.network.budget * scale / level, 0.0)
        # reduced costs are wrong by 1e-7 of the unit: that of the greatest cost
        cost_unit = float(thrifty[:size].max())
        thrifty /= cost_unit
        attained = self._attained(level)[0]
        missing = 1.0 - self._best / attained if self._best < attained < np.inf else 1.0
        error = float(np.clip(1e-5 * missing, _PRECISE, _SLOPPY))
        options: Any = {
            "primal_feasibility_tolerance": error,
            "dual_feasibility_tolerance": error,
            "ipm_optimality_tolerance": 0.1 * error,
        }
        whole = np.tile([0.0, 1.0], (size + 1, 1))
        # within rounding the errors trusted may be none
        for bounds in (self._trusted(level, scale, trust), whole):
            box: Any = bounds
            result = linprog(
                thrifty, A_ub=sparse, b_ub=-right, bounds=box, method="highs-ipm", options=options
            )
            if result.x is not None:
                break
        else:
            raise ArithmeticError(f"the linear programme was not solved: {result.message}")
        multipliers = cost_unit * np.maximum(-np.asarray(result.ineqlin.marginals), 0.0)
        # the errors of a classifier within the budget need no elasticity
        upper = np.append(np.ones(size), 0.0)
        bound = lagrangian_bound(cost, matrix, right, upper, multipliers)
        capacity = self.network.cost / value + multipliers[-1] * self.network.budget / level
        merged, shares = self._merged(multipliers[:-1] / unit, capacity)
        matrix, right, unit = self._rows(merged, scale, level)
        weights = np.append(shares * unit, multipliers[-1])
        bound = max(bound, lagrangian_bound(cost, matrix, right, upper, weights))
        corner = result.x[:size] * scale
        self._renew(multipliers[:-1] > 0.0, merged)
        return corner, value * bound

    def _merged(self, weights: FloatArray, capacity: FloatArray) -> tuple[_Tangents, FloatArray]:
        """One tangent for each constraint that weighs on the programme, and the weights.

        It loads both errors as those it replaces do, scaled so that each error that is loaded is
        loaded to its capacity, and touches where the ratio of the loads is the slope, so that its
        intercept is the greatest.
        """
        lines, size = self.tangents, len(capacity)
        used = np.flatnonzero(weights > 0.0)
        key = lines.left[used] * np.int64(size) + lines.right[used]
        _, first, place = np.unique(key, return_index=True, return_inverse=True)
        one = used[first]
        left, right, r = lines.left[one], lines.right[one], lines.residual[one]
        above, below = (
            np.asarray(np.bincount(place, loads, len(one)), dtype=np.float64)
            for loads in (weights[used], weights[used] * lines.slope[used])
        )
        load = np.bincount(left, above, size) + np.bincount(right, below, size)
        # weights that are no longer numbers count as zero
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            fit = capacity / np.where(load > 0.0, load, 1.0)
            above, below = above * fit[left], below * fit[right]
            point = np.where(r > 0.0, (np.log(below / above) + r * r / 2.0) / r, 0.0)
        # the tangent without a residual has slope 1
        return (
            _Tangents.at(left, right, r, np.nan_to_num(point)),
            np.where(r > 0.0, above, np.minimum(above, below)),
        )

    def _renew(self, served: np.ndarray[Any, np.dtype[np.bool_]], merged: _Tangents) -> None:
        """Drop tangents that have not served for long, and add the merged ones."""
        lines = replace(self.tangents, idle=np.where(served, 0, self.tangents.idle + 1))
        if len(lines.left) > _MANY:
            lines = lines.of(lines.idle <= _PATIENCE)
        self.tangents = lines.joined(merged)

    def _trusted(self, level: float, scale: FloatArray, trust: float) -> FloatArray:
        """Bounds of the errors in which the programme looks, and of the elasticity, (n + 1, 2).

        Far from the best feasible point no tangents may be left; the certificate does not care.
        """
        best, centre = self._attained(level)
        box = np.tile([0.0, 1.0], (len(scale) + 1, 1))
        if trust == np.inf or not best < _CLOSE * self._best:
            return box
        reach = trust * np.sqrt(max(best - self._best, 0.0) / best)
        z = -ndtri(centre)
        # errors above Phi(2) move as that one does
        least = ndtr(-np.maximum(z, -_FLAT) - reach)
        most = np.where(z < reach - _FLAT, 1.0, ndtr(reach - z))
        box[:-1] = np.clip(np.stack([least, most], axis=1) / scale[:, None], 0.0, 1.0)
        # a feasible point needs no elasticity
        box[-1] = 0.0
        return box

    def _scale(self, level: float) -> FloatArray:
        """Largest value of each error within the budget, the unit it is measured in."""
        budget = self.network.budget
        with np.errstate(divide="ignore"):
            return np.minimum(1.0, np.where(budget > 0.0, level / budget, 1.0))

    def _rows(
        self, lines: _Tangents, scale: FloatArray, level: float
    ) -> "tuple[csr_array, FloatArray, FloatArray]":
        """Rows ``x[left] + m x[right] + b t >= b`` over their units, and last the budget.

        t is the elasticity.
        """
        from scipy.sparse import csr_array

        net, count = self.network, len(lines.left)
        adversarial = np.flatnonzero(net.budget)
        size = len(net.cost)
        # rounding up the coefficients of a nonnegative variable weakens a row
        up = 1.0 + 1e-15
        first, second = scale[lines.left] * up, lines.slope * scale[lines.right] * up
        unit = np.maximum(np.maximum(first, second), lines.intercept)
        data = [
            first / unit * up,
            second / unit * up,
            lines.intercept / unit,
            -(net.budget * scale)[adversarial] / level / up,
        ]
        rows = [*[np.arange(count)] * 3, np.full(len(adversarial), count)]
        columns = [lines.left, lines.right, np.full(count, size), adversarial]
        matrix = csr_array(
            (np.concatenate(data), (np.concatenate(rows), np.concatenate(columns))),
            shape=(count + 1, size + 1),
        )
        return matrix, np.append(lines.intercept / unit / up, -1.0), unit

    def _repair(
        self, point: FloatArray, scale: FloatArray, tolerance: float
    ) -> tuple[FloatArray, bool]:
        """Raise errors until every constraint holds, and cut the point off where one did not.

        Returns the raised errors, and whether there were cuts deeper than the tolerance.
        """
        net = self.network
        z = _probit(point)
        cut = False
        # lowering probits breaks no constraint: only rows broken before can be broken still
        rows = np.arange(len(z))
        for number in range(_PASSES):
            partner, excess = self._worst(z, rows)
            broken = excess > _SLACK
            rows = rows[broken]
            if not len(rows):
                break
            pairs = (rows, partner[broken])
            if number == _WORST_ONLY:
                pairs = self._suspects(z, rows)
            first, second = _ordered(*pairs)
            residual = net.residuals(first, second)
            broken = z[first] + z[second] > residual + _SLACK
            first, second, residual = first[broken], second[broken], residual[broken]
            balance = _balance(residual, scale[first], scale[second])
            left, right = _projected(z[first], z[second], residual, balance)
            # a violation matters as far as it moves an error, in the unit of that error
            depth = (ndtr(-left) - ndtr(-z[first])) / scale[first]
            depth += (ndtr(-right) - ndtr(-z[second])) / scale[second]
            deep = depth > 0.1 * tolerance
            if deep.any():
                cut = True
                lines = _Tangents.at(first[deep], second[deep], residual[deep], right[deep])
                self.tangents = self.tangents.joined(lines)
            np.minimum.at(z, first, left)
            np.minimum.at(z, second, right)
        else:
            # half of the worst violation of either side is enough for both
            z[rows] -= 0.5 * np.maximum(self._worst(z, rows)[1], 0.0)
        return np.asarray(ndtr(-z)), cut

    def _worst(self, z: FloatArray, rows: IntArray) -> tuple[IntArray, FloatArray]:
        """Partner with which each of ``rows`` breaks its constraint most, and by how much."""
        floors, size = self.network.floors, len(z)
        partner, excess = np.empty(len(rows), dtype=np.int64), np.empty(len(rows))
        step = max(1, _BLOCK // size)
        whole = len(rows) == size
        for start in range(0, len(rows), step):
            part = slice(start, start + step)
            over = z - floors[part if whole else rows[part]]
            partner[part] = over.argmax(axis=1)
            excess[part] = over[np.arange(len(over)), partner[part]]
        return partner, excess + z[rows]

    def _suspects(self, z: FloatArray, rows: IntArray) -> tuple[IntArray, IntArray]:
        """All pairs with one of ``rows`` that may be broken."""
        first, second = [], []
        for row in rows:
            partners = np.flatnonzero(z + z[row] > self.network.floors[row] + _SLACK)
            first.append(np.full(len(partners), row))
            second.append(partners)
        return np.concatenate(first), np.concatenate(second)


def _ordered(first: IntArray, second: IntArray) -> tuple[IntArray, IntArray]:
    """Distinct pairs, the smaller index first."""
    pairs = np.stack([np.minimum(first, second), np.maximum(first, second)])
    left, right = np.unique(pairs, axis=1)
    return left, right


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
    balance = 0.5 * residual
    unlike = np.flatnonzero(left != right)
    wanted, r = np.log(left[unlike]) - np.log(right[unlike]), residual[unlike]
    low, high = np.full(r.shape, -40.0), np.full(r.shape, 60.0)
    for _ in range(24):
        middle = 0.5 * (low + high)
        above = log_ndtr(middle - r) - log_ndtr(-middle) > wanted
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    balance[unlike] = 0.5 * (low + high)
    return np.asarray(balance)


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
