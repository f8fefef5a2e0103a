"""Proof of inequalities by interval arithmetic, where SymPy finds no sign."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from statistics import NormalDist
from typing import Any

import sympy as sp
from mpmath.ctx_iv import MPIntervalContext

from theory.derivations.methods import Assumption, UnprovedError, is_strict
from theory.derivations.notation import Phi, Quantile

__all__ = ["IntervalProof", "enclose"]

# a context of our own: nothing else sees its precision
_IV = MPIntervalContext()
_IV.prec = 80
_FAR = 6.0


@dataclass(frozen=True)
class IntervalProof:
    """The difference of the sides is >= 0 on a box, by interval arithmetic and bisection.

    The intervals are those of mpmath with outward rounding; Phi is enclosed by its power
    series with a bound on the remainder. The claim is proved on the box and nowhere else.
    """

    box: tuple[tuple[Any, Any, Any], ...]
    pieces: int = 4000

    def prove(self, claim: Any, where: tuple[Assumption, ...]) -> str:
        """Return how the claim was proved, or raise UnprovedError."""
        if where:
            raise UnprovedError("an interval proof takes its hypotheses from the box alone")
        strict = is_strict(claim)
        gap = (claim.lhs - claim.rhs).doit()
        if isinstance(claim, sp.LessThan | sp.StrictLessThan):
            gap = -gap
        if not all(low <= high for _, low, high in self.box):
            raise UnprovedError(f"box must have sides that begin before they end, got {self.box}")
        names = [symbol for symbol, _, _ in self.box]
        if not gap.free_symbols <= set(names):
            raise UnprovedError(f"the box must bound {gap.free_symbols - set(names)}")
        pending = [[(sp.Rational(low), sp.Rational(high)) for _, low, high in self.box]]
        count = 0
        fixed: dict[Any, Any] = {}
        while pending:
            count += 1
            sides = pending.pop()
            values = {s: _between(*side) for s, side in zip(names, sides, strict=True)}
            bounds = enclose(gap, values, fixed)
            if bounds.a > 0 or (bounds.a >= 0 and not strict):
                continue
            if bounds.b < 0 or count >= self.pieces:
                raise UnprovedError(
                    f"intervals do not prove {claim}: difference {bounds} at {sides}"
                )
            widest = max(range(len(sides)), key=lambda i: sides[i][1] - sides[i][0])
            low, high = sides[widest]
            middle = (low + high) / 2
            pending += [
                [*sides[:widest], half, *sides[widest + 1 :]]
                for half in ((low, middle), (middle, high))
            ]
        ranges = ", ".join(f"{low} <= {symbol} <= {high}" for symbol, low, high in self.box)
        return f"interval arithmetic proves it for {ranges} ({count} boxes), and only there"


def _between(low: Any, high: Any) -> Any:
    """Interval that contains two rationals."""
    ends = [_IV.mpf(r.p) / _IV.mpf(r.q) for r in (low, high)]
    return _IV.mpf([ends[0].a, ends[1].b])


def enclose(expression: Any, values: dict[Any, Any], fixed: dict[Any, Any]) -> Any:
    """Interval that contains an expression for all values of its symbols in their intervals.

    ``fixed`` keeps the intervals of parts without symbols from one call to the next.
    """
    if expression in values:
        return values[expression]
    if expression in fixed:
        return fixed[expression]
    if expression.is_Rational:
        return _IV.mpf(expression.p) / _IV.mpf(expression.q)
    if expression is sp.pi:
        return _IV.pi
    if expression.func not in _RULES:
        raise UnprovedError(f"no interval rule for {expression.func}")
    parts = [enclose(part, values, fixed) for part in expression.args]
    found = _RULES[expression.func](*parts)
    if not expression.free_symbols:
        fixed[expression] = found
    return found


def _power(base: Any, exponent: Any) -> Any:
    """Power to an integer, or to a multiple of one half of a nonnegative base."""
    twice = 2 * float(exponent.a)
    if exponent.a != exponent.b or not twice.is_integer():
        raise UnprovedError(f"no interval rule for the power {exponent}")
    if twice % 2 == 0:
        return base ** int(twice / 2)
    if base.a < 0:
        raise UnprovedError(f"root of {base}, which reaches below 0")
    return _IV.sqrt(base) ** int(twice)


def _greatest(*parts: Any) -> Any:
    return _IV.mpf([max(part.a for part in parts), max(part.b for part in parts)])


def _phi_between(argument: Any) -> Any:
    return _IV.mpf([_phi(argument.a).a, _phi(argument.b).b])


def _phi(point: Any) -> Any:
    """Interval that contains Phi at one point.

    Phi(t) = 1/2 + phi(t) (t + t^3/3 + t^5/15 + ...) for 0 <= t <= 6: once a term has fallen
    below half of the term before, the rest is at most that term. Beyond 6,
    0 <= 1 - Phi(t) <= phi(t)/t.
    """
    t = _IV.mpf(point)
    if t.b < 0:
        return 1 - _phi(-point)
    slope = _IV.exp(-t * t / 2) / _IV.sqrt(2 * _IV.pi)
    if t.b > _FAR:
        return _IV.mpf([(1 - slope / t).a, 1])
    term = total = t
    k = 1
    while not (t * t / (k + 2)).b < 0.5 or term.b > 1e-22:
        k += 2
        term = term * t * t / k
        total = total + term
    return _IV.mpf(1) / 2 + slope * (total + _IV.mpf([0, term.b]))


def _quantile(level: Any) -> Any:
    """Interval that contains the quantile: a guess moved outward until Phi confirms it."""
    if not (level.a > 0 and level.b < 1):
        raise UnprovedError(f"quantile of {level}, which leaves (0, 1)")
    guess, ends = NormalDist().inv_cdf, []
    for target, sign in ((level.a, -1), (level.b, 1)):
        centre, margin = guess(min(max(float(target), 1e-300), 1 - 1e-16)), 1e-12
        while True:
            end = _IV.mpf(centre) + sign * margin
            value = _phi(end.a)
            if (sign < 0 and value.b <= target) or (sign > 0 and value.a >= target):
                break
            margin *= 4
        ends.append(end)
    return _IV.mpf([ends[0].a, ends[1].b])


_RULES: dict[Any, Callable[..., Any]] = {
    sp.Add: lambda *parts: reduce(add, parts),
    sp.Mul: lambda *parts: reduce(mul, parts),
    sp.Pow: _power,
    sp.exp: _IV.exp,
    sp.Abs: abs,
    sp.Max: _greatest,
    Phi: _phi_between,
    Quantile: _quantile,
}
