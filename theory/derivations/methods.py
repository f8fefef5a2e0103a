"""Ways to prove a relation with SymPy; each looks only at the claim it is given."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import sympy as sp

from theory.derivations.notation import Phi, Quantile

__all__ = ["Assumption", "Identity", "MinimumAt", "Sign", "UnprovedError"]


class UnprovedError(ArithmeticError):
    """A claim that its method did not prove: false, or beyond the method."""


_ORDERS = sp.GreaterThan, sp.StrictGreaterThan, sp.LessThan, sp.StrictLessThan
# Not smooth, or not everywhere.
_ROUGH = sp.Max, sp.Min, sp.Abs, sp.Piecewise, sp.sign, sp.floor, sp.ceiling, sp.Heaviside


@dataclass(frozen=True)
class Assumption:
    """A relation that a step assumes, linear in one symbol, for which it is solved.

    An inequality is used by substituting ``symbol`` so that left - right (or right - left) is a
    new symbol >= 0 (> 0 if strict); both describe the same set of values.
    """

    relation: Any
    symbol: Any

    def substitution(self, known: dict[Any, Any]) -> Any:
        """Return what ``symbol`` is replaced by, in terms of the slack."""
        if not isinstance(self.relation, (sp.Equality, *_ORDERS)):
            raise UnprovedError(f"hypothesis must be an equation or an order, got {self.relation}")
        gap = (self.relation.lhs - self.relation.rhs).subs(known)
        if isinstance(self.relation, sp.LessThan | sp.StrictLessThan):
            gap = -gap
        slack: Any = sp.Dummy("q", nonnegative=True)
        if isinstance(self.relation, sp.Equality):
            slack = sp.S.Zero
        elif isinstance(self.relation, sp.StrictGreaterThan | sp.StrictLessThan):
            slack = sp.Dummy("q", positive=True)
        coefficient = sp.diff(gap, self.symbol)
        if coefficient.has(self.symbol) or coefficient.is_zero is not False:
            raise UnprovedError(f"hypothesis {self.relation} must be linear in {self.symbol}")
        return sp.expand((slack - gap.subs(self.symbol, 0)) / coefficient)


def _solved(hypotheses: Iterable[Assumption]) -> dict[Any, Any]:
    """Solve the hypotheses in order; the later ones see the earlier."""
    known: dict[Any, Any] = {}
    for item in hypotheses:
        value = item.substitution(known)
        known = {symbol: old.subs(item.symbol, value) for symbol, old in known.items()}
        known[item.symbol] = value
    return known


def _cases(claim: Any, where: tuple[Assumption, ...], split: tuple[Any, ...]) -> list[Any]:
    """Greater minus lesser side under the hypotheses, once for each side of every split."""
    if not isinstance(claim, sp.Rel):
        raise UnprovedError(f"a claim must be a relation, got {claim}")
    gap = (claim.lhs - claim.rhs).doit()
    if isinstance(claim, sp.LessThan | sp.StrictLessThan):
        gap = -gap
    found = []
    for relations in product((sp.Ge, sp.Le), repeat=len(split)):
        sides = (
            Assumption(relation(value, 0), symbol)
            for relation, (value, symbol) in zip(relations, split, strict=True)
        )
        known = _solved((*where, *sides))
        found.append(gap.subs(known, simultaneous=True).doit())
    return found


def _become_one(claim: Any, where: tuple[Assumption, ...]) -> bool:
    """Whether the hypotheses and Phi^{-1}(Phi(t)) = t make the sides literally equal."""
    known = _solved(where)
    cancelled = (
        side.subs(known, simultaneous=True).replace(
            lambda part: isinstance(part, Quantile) and isinstance(part.args[0], Phi),
            lambda part: part.args[0].args[0],
        )
        for side in claim.args
    )
    left, right = cancelled
    return bool(left == right)


@dataclass(frozen=True)
class Identity:
    """Both sides of an equation are the same expression, under the step's hypotheses.

    ``split`` names values whose sign divides the proof into cases, each with the symbol for
    which it is solved.
    """

    split: tuple[tuple[Any, Any], ...] = ()

    def prove(self, claim: Any, where: tuple[Assumption, ...]) -> str:
        """Return how the claim was proved, or raise UnprovedError."""
        if not isinstance(claim, sp.Equality):
            raise UnprovedError(f"an identity must be an equation, got {claim}")
        if not self.split and _become_one(claim, where):
            return "the two sides become the same expression"
        for gap in _cases(claim, where, self.split):
            if not any(form(gap) == 0 for form in (sp.expand, sp.simplify, _through_erf)):
                raise UnprovedError(f"SymPy does not reduce {gap} to 0")
        return "SymPy reduces the difference of the two sides to 0"


@dataclass(frozen=True)
class Sign:
    """The difference of the two sides has a sign that SymPy reads off its assumptions."""

    split: tuple[tuple[Any, Any], ...] = ()

    def prove(self, claim: Any, where: tuple[Assumption, ...]) -> str:
        """Return how the claim was proved, or raise UnprovedError."""
        for gap in _cases(claim, where, self.split):
            require_sign(gap, strict=is_strict(claim))
        cases = f", in each of {2 ** len(self.split)} cases" if self.split else ""
        return f"SymPy derives the sign of the difference from those of its parts{cases}"


@dataclass(frozen=True)
class MinimumAt:
    """The difference of the sides is least at a point, where it is >= 0.

    It falls before and rises after the point: the sign of its derivative is proved on both
    sides, or to the right alone if the symbol starts at the point. The difference must be
    built of smooth functions.
    """

    symbol: Any
    point: Any
    from_point: bool = False

    def prove(self, claim: Any, where: tuple[Assumption, ...]) -> str:
        """Return how the claim was proved, or raise UnprovedError."""
        (gap,) = _cases(claim, where, ())
        if gap.has(*_ROUGH):
            raise UnprovedError(f"the derivative of {gap} need not exist everywhere")
        require_sign(_through_erf(gap.subs(self.symbol, self.point)), strict=is_strict(claim))
        step = sp.Dummy("q", nonnegative=True)
        slope = sp.diff(gap, self.symbol)
        require_sign(slope.subs(self.symbol, self.point + step), strict=False)
        if not self.from_point:
            require_sign(-slope.subs(self.symbol, self.point - step), strict=False)
        elif not (self.symbol - self.point).is_nonnegative:
            raise UnprovedError(f"{self.symbol} must start at {self.point}")
        return (
            f"SymPy finds the difference to be least at {self.symbol} = {self.point}, "
            "by the sign of its derivative, and >= 0 there"
        )


def is_strict(claim: Any) -> bool:
    """Whether the claim is a strict inequality; an equation is refused."""
    if isinstance(claim, sp.StrictGreaterThan | sp.StrictLessThan):
        return True
    if isinstance(claim, sp.GreaterThan | sp.LessThan):
        return False
    raise UnprovedError(f"an inequality is needed, got {claim}")


def require_sign(gap: Any, *, strict: bool) -> None:
    """Raise UnprovedError unless SymPy proves gap >= 0 (> 0 if strict)."""
    value = gap.doit()
    for form in (_same, _as_sinh, sp.expand, sp.factor, sp.simplify, _sinh_last, _through_erf):
        found = form(value)
        if found.is_positive or (not strict and found.is_nonnegative):
            return
    raise UnprovedError(f"SymPy does not find a sign of {gap}")


def _same(gap: Any) -> Any:
    return gap


def _through_erf(gap: Any) -> Any:
    return sp.simplify(gap.rewrite(sp.erf))


def _sinh_last(gap: Any) -> Any:
    return _as_sinh(sp.simplify(gap))


def _as_sinh(gap: Any) -> Any:
    """Write k e^a - k e^b as 2 k e^((a+b)/2) sinh((a-b)/2), whose sign is that of k (a-b)."""
    terms = sp.Add.make_args(sp.expand(gap))
    if len(terms) != 2:
        return gap
    (k, a), (m, b) = (_exponential(term) for term in terms)
    if sp.simplify(k + m) != 0:
        return gap
    return 2 * k * sp.exp(sp.expand((a + b) / 2)) * sp.sinh(sp.factor(sp.expand((a - b) / 2)))


def _exponential(term: Any) -> tuple[Any, Any]:
    """Split a term into a coefficient and the exponent of its exponentials."""
    factors = sp.Mul.make_args(term)
    powers = [factor.exp for factor in factors if isinstance(factor, sp.exp)]
    return sp.Mul(*(f for f in factors if not isinstance(f, sp.exp))), sp.Add(*powers)
