"""Steps of the lemma of two bumps (THEORY.md, section 9.3)."""

import sympy as sp

from theory.derivations.methods import Hypothesis, Identity, Sign
from theory.derivations.notation import plus
from theory.derivations.proof import Step

__all__ = ["lemma_steps"]

_l, _u, _s, _level = sp.symbols("l u s tau", real=True)
_near, _far = sp.symbols("b_l b_u", real=True)


def lemma_steps() -> tuple[Step, ...]:
    """Show that the excess of one bump over the other grows with their distance."""
    total = sp.Function("B")
    excess = total(_u - _s) - total(_l - _s) - total(_u + _s) + total(_l + _s) - _level * (_u - _l)
    argument = sp.Symbol("t", real=True)

    def bump(place: sp.Expr) -> sp.Expr:
        return sp.Derivative(total(argument), argument).subs(argument, place)

    up, down = sp.symbols("b_(l-s) b_(u-s)", real=True)
    y, q = sp.Symbol("y", real=True), sp.Symbol("q", nonnegative=True)
    left_end = Hypothesis(sp.Le(_l, sp.pi - _s), _l)
    half_circle = Hypothesis(sp.Le(_s, sp.pi / 2), _s)
    return (
        Step(
            "the positive part does not decrease",
            sp.Ge(plus(y + q), plus(y), evaluate=False),
            "so neither does the soft threshold (t - eps)_+ - (-t - eps)_+, and "
            "(|t + c| - eps)_+^2 + (|t - c| - eps)_+^2 grows with c >= 0 and with t >= 0: "
            "the residual is an even convex function of the texture and of the bumps' difference",
            Sign(split=((y, y),)),
        ),
        Step(
            "excess above a level",
            sp.Eq(
                sp.Derivative(excess, _s),
                bump(_l - _s) - bump(_u - _s) + bump(_l + _s) - bump(_u + _s),
            ),
            "with B' = b: the integral of b(t - s) - b(t + s) - tau over an interval (l, u), "
            "differentiated in the half distance s of the bumps",
            Identity(),
        ),
        Step(
            "excess at the ends",
            sp.Eq(up - down + _near - _far, 2 * (_near - _far)),
            "the interval ends where the difference is tau, b_l = b(l + s) and b_u = b(u + s): "
            "the derivative is 2 (b(l + s) - b(u + s)), and >= 0 if l + s is nearer to the top "
            "than u + s",
            Identity(),
            (
                Hypothesis(sp.Eq(up - _near, _level), up),
                Hypothesis(sp.Eq(down - _far, _level), down),
            ),
        ),
        Step(
            "nearer on the circle, first side",
            sp.Ge(_l + 3 * _s, _l - _s),
            "the point 2 pi - 2 s - l is as far from the second bump as l, and not nearer to the "
            "first: |l - s| is at most l + 3 s",
            Sign(),
            (Hypothesis(sp.Ge(_s, 0), _s),),
        ),
        Step(
            "nearer on the circle, second side",
            sp.Ge(2 * sp.pi - _l - 3 * _s, _l - _s),
            "and at most 2 pi - l - 3 s, if l > s, since l <= pi - s",
            Sign(),
            (left_end,),
        ),
        Step(
            "nearer on the circle, third side",
            sp.Ge(2 * sp.pi - _l - 3 * _s, _s - _l),
            "and if l < s, since s <= pi/2; hence u <= 2 pi - 2 s - l, and u + s is not nearer to "
            "the top than l + s",
            Sign(),
            (half_circle,),
        ),
    )
