"""Derivation of the bound for the rotating bump (THEORY.md, section 9.3)."""

from typing import Any

import sympy as sp

from theory.derivations.intervals import IntervalProof
from theory.derivations.lemmas import (
    ARGUMENT,
    averaging_steps,
    movement_steps,
    residual_steps,
    small_shift_steps,
    texture_residual,
    tradeoff_steps,
)
from theory.derivations.methods import Assumption, Identity, Sign
from theory.derivations.notation import Phi, alpha, e, epsilon, eta, plus, rho, sigma, tradeoff, z
from theory.derivations.proof import Derivation, Step

__all__ = ["derivation", "lemma_steps"]

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
    left_end = Assumption(sp.Le(_l, sp.pi - _s), _l)
    half_circle = Assumption(sp.Le(_s, sp.pi / 2), _s)
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
                Assumption(sp.Eq(up - _near, _level), up),
                Assumption(sp.Eq(down - _far, _level), down),
            ),
        ),
        Step(
            "nearer on the circle, first side",
            sp.Ge(_l + 3 * _s, _l - _s),
            "the point 2 pi - 2 s - l is as far from the second bump as l, and not nearer to the "
            "first: |l - s| is at most l + 3 s",
            Sign(),
            (Assumption(sp.Ge(_s, 0), _s),),
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


_K, _R = sp.symbols("K R", integer=True, positive=True)
_j, _k = sp.symbols("j k", integer=True)
_steps = sp.Symbol("n", integer=True, nonnegative=True)
_width = sp.Symbol("width", positive=True)


def _bump(place: Any, angles: Any = _K, width: Any = _width) -> Any:
    """Height of the bump at a place of the circle, in steps from its centre."""
    distance = abs(sp.Mod(place + angles / 2, angles) - angles / 2)
    return sp.exp(-((2 * sp.pi * distance / (angles * width)) ** 2) / 2)


def _square(turn: Any, angles: Any = _K, width: Any = _width) -> Any:
    """sigma^2 r_j^2 / R of THEORY.md, eq. (9.11)."""
    apart = _bump(_k - turn, angles, width) - _bump(_k - angles / 2, angles, width)
    return sp.Sum(plus(abs(alpha * apart + 2 * eta) - epsilon) ** 2, (_k, 0, angles - 1))


_RESIDUAL = sp.sqrt(_R * _square(_j)) / sigma
_BOUND = sp.Sum(tradeoff(e, _RESIDUAL), (_j, -_steps, _steps)) / (2 * _steps + 1)


def derivation() -> Derivation:
    """Theorem 2 for a progressive range of rotations, and its growth with the range."""
    return Derivation(
        name="rotating-bump",
        title="Two opposite bumps under rotations of at most n steps (Theorem 2)",
        outline=ARGUMENT
        + "Averaging over the turns in range and the two classes gives the bound. The nearer a "
        "turn brings the bumps, the smaller its residual (lemma of two bumps), so the bound on "
        "e_S grows with the range.",
        steps=(
            *tradeoff_steps(),
            *averaging_steps(),
            *residual_steps(),
            *_bound_steps(),
            *lemma_steps(),
            *_range_steps(),
            *movement_steps(Phi(z - texture_residual(_K * _R)) / _K),
            *_regime_steps(),
            *small_shift_steps(),
        ),
    )


def _bound_steps() -> tuple[Step, ...]:
    at_z = sp.Sum(Phi(z - _RESIDUAL), (_j, -_steps, _steps)) / (2 * _steps + 1)
    half = sp.Symbol("h", integer=True, positive=True)
    opposite = _square(_K / 2).subs(_K, 2 * half)
    return (
        Step(
            "bound",
            sp.Eq(at_z, _BOUND),
            "Theorem 2 with the 2n + 1 turns of at most n < K/2 steps equally likely: the bound "
            "on e_S in the adversarial error e",
            Identity(),
            (Assumption(sp.Eq(e, Phi(-z)), e),),
        ),
        Step(
            "opposite bumps coincide",
            sp.Eq(_R * opposite / sigma**2, texture_residual(2 * half * _R) ** 2),
            "turned by half a circle, K = 2h, the bumps cancel and the texture remains in all "
            "K R coordinates",
            Identity(split=((2 * eta - epsilon, eta),)),
        ),
    )


def _range_steps() -> tuple[Step, ...]:
    before, more = sp.symbols("B_n G_next", real=True)
    after = ((2 * _steps + 1) * before + 2 * more) / (2 * _steps + 3)
    fixed = {alpha: sp.Rational(9, 10), eta: sp.Rational(1, 10)}
    default = {
        turn: _square(turn, sp.Integer(24), sp.Rational(3, 5)).subs(fixed)
        for turn in (0, 1, 11, 12)
    }
    return (
        Step(
            "a wider range",
            sp.Eq(after - before, 2 * (more - before) / (2 * _steps + 3)),
            "two more turns, each with the term G_next, join the mean B_n (eq. (9.16))",
            Identity(),
        ),
        Step(
            "monotone in theta",
            sp.Ge(after, before),
            "r_j falls with |j| by the lemma, so G_next is at least every earlier term, hence at "
            "least their mean: a wider range can only raise the bound on e_S",
            Sign(),
            (Assumption(sp.Ge(more, before), more),),
        ),
        *(
            Step(
                f"default setting, turns {turn} and {turn + 1}",
                sp.Ge(default[turn], default[turn + 1], evaluate=False),
                "the lemma once more, without its proof: K = 24, width 0.6, alpha 0.9, eta 0.1",
                IntervalProof(((epsilon, sp.Rational(99, 1000), sp.Rational(101, 1000)),)),
            )
            for turn in (0, 11)
        ),
    )


def _regime_steps() -> tuple[Step, ...]:
    others = sp.Symbol("others", nonnegative=True)
    covered = tradeoff(e, texture_residual(_K * _R))
    c, root = sp.symbols("c n", positive=True)
    return (
        Step(
            "regime epsilon >= 2 eta",
            sp.Ge((covered + others) / _K, (1 - e) / _K, evaluate=False),
            "over the full circle the half turn alone costs this much, once the attack covers "
            "the texture",
            Sign(),
            (Assumption(sp.Ge(epsilon, 2 * eta), epsilon),),
        ),
        Step(
            "regime alpha -> infinity, residuals",
            sp.Ge(plus(alpha * c + 2 * eta - epsilon), alpha * c + 2 * eta - epsilon),
            "where the bumps differ by c > 0 the residual grows with alpha without bound",
            Sign(split=((alpha * c + 2 * eta - epsilon, alpha),)),
        ),
        Step(
            "regime alpha -> infinity, bound",
            sp.Eq(sp.Limit(Phi(z - rho), rho, sp.oo), 0),
            "so every turn but the half turn drops out",
            Identity(),
        ),
        Step(
            "regime of many rings",
            sp.Eq(sp.Limit(Phi(z - c * root), root, sp.oo), 0),
            "with eta fixed above epsilon/2 (residual c > 0 on one ring) R = n^2 rings make the "
            "texture readable and the bound empty",
            Identity(),
        ),
    )
