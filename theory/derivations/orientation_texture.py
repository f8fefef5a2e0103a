"""Derivation of the bound for orientation and texture (THEORY.md, section 9.2)."""

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
    weak_texture_step,
)
from theory.derivations.methods import Assumption, Identity, MinimumAt, Sign
from theory.derivations.notation import (
    Phi,
    alpha,
    d,
    e,
    epsilon,
    eta,
    plus,
    rho,
    sigma,
    tau,
    tradeoff,
    z,
)
from theory.derivations.proof import Derivation, Step

__all__ = ["derivation"]

_N = sp.Symbol("N", positive=True)
_COUNTS = sp.symbols("N_0 N_2 N_3", nonnegative=True)


def _residual(count: Any) -> Any:
    """r_g of THEORY.md, eq. (9.9), for a turn with 2 N_g = 2 count differing pixels."""
    apart = plus(2 * alpha + 2 * eta - epsilon) ** 2 + plus(abs(2 * alpha - 2 * eta) - epsilon) ** 2
    alike = plus(2 * eta - epsilon) ** 2
    return sp.sqrt(count * apart + (d - 2 * count) * alike) / sigma


_BOUND = (
    tradeoff(e, texture_residual()) + sum(tradeoff(e, _residual(count)) for count in _COUNTS)
) / 4


def derivation() -> Derivation:
    """Theorem 2 for a pattern and its quarter turn, with its regimes."""
    return Derivation(
        name="orientation-texture",
        title="A pattern of +-1 and its quarter turn, with opposite textures (Theorem 2)",
        outline=ARGUMENT
        + "The quarter turn carries the one pattern onto the other, so that only the texture "
        "remains; the other turns keep part of the pattern. Averaging over the four turns and the "
        "two classes gives the bound.",
        steps=(
            *tradeoff_steps(),
            *averaging_steps(),
            *residual_steps(),
            *_turn_steps(),
            *_bound_steps(),
            *movement_steps(Phi(z - texture_residual()) / 4),
            *_pattern_movement_steps(),
            *_regime_steps(),
            *small_shift_steps(),
        ),
    )


def _turn_steps() -> tuple[Step, ...]:
    left, right = sp.symbols("x_0:4", real=True), sp.symbols("y_0:4", real=True)
    cost = sp.Function("k")
    turned = sum(cost(sp.expand((right[(j + 1) % 4] - left[j]) ** 2)) for j in range(4))
    back = sum(cost(sp.expand((left[j - 1] - right[j]) ** 2)) for j in range(4))
    pixel, more, fewer = sp.symbols("c_j N_+ N_-", real=True)
    return (
        Step(
            "the turn carries one image to the other",
            sp.Eq((alpha * pixel + eta) - (alpha * pixel - eta), 2 * eta, evaluate=False),
            "pixel j of the turned mean P_1 mu_+ and of mu_- differ by the texture alone",
            Identity(),
        ),
        Step(
            "turning one class back is turning the other",
            sp.Eq(turned, back, evaluate=False),
            "on a cycle of four pixels, for any cost k of a squared difference: "
            "r(P mu_- - mu_+) = r(P^{-1} mu_+ - mu_-), so that turns g and -g serve the two "
            "classes alike",
            Identity(),
        ),
        Step(
            "brighter and darker pixels balance",
            sp.Eq(more, fewer),
            "a turn keeps the sum of a pattern of +-1, so the N_+ differences +2 and the N_- "
            "differences -2 are equally many",
            Identity(),
            (Assumption(sp.Eq(2 * more - 2 * fewer, 0), more),),
        ),
        Step(
            "residual of a turn",
            sp.Eq(
                sp.sqrt(
                    more * plus(2 * alpha + 2 * eta - epsilon) ** 2
                    + fewer * plus(abs(-2 * alpha + 2 * eta) - epsilon) ** 2
                    + (d - more - fewer) * plus(2 * eta - epsilon) ** 2
                )
                / sigma,
                _residual(_N),
            ),
            "N pixels differ by 2 alpha + 2 eta, N by -2 alpha + 2 eta, the others by 2 eta",
            Identity(),
            (Assumption(sp.Eq(more, _N), more), Assumption(sp.Eq(fewer, _N), fewer)),
        ),
    )


def _bound_steps() -> tuple[Step, ...]:
    at_z = sum(Phi(z - _residual(count)) for count in _COUNTS)
    others = sp.Symbol("others", nonnegative=True)
    return (
        Step(
            "bound",
            sp.Eq((Phi(z - texture_residual()) + at_z) / 4, _BOUND),
            "Theorem 2 with equally likely turns: the bound on e_S in the adversarial error e, "
            "where N_g counts half the pixels in which P_g c and P_1 c differ (N_1 = 0)",
            Identity(),
            (Assumption(sp.Eq(e, Phi(-z)), e),),
        ),
        Step(
            "regime epsilon >= 2 eta",
            sp.Ge((tradeoff(e, texture_residual()) + others) / 4, (1 - e) / 4, evaluate=False),
            "once the attack covers the texture, the turn alone costs this much",
            Sign(),
            (Assumption(sp.Ge(epsilon, 2 * eta), epsilon),),
        ),
        Step(
            "adversarial ceiling",
            sp.Ge((Phi(z - rho) + Phi(-z)) / 2, Phi(-rho / 2)),
            "without any turn, e_A is at least Phi(-rho/2) with rho = r_{2 epsilon}(mu_+ - mu_-) "
            "(the optimal loss of Bhagoji, Cullina and Mittal 2019)",
            MinimumAt(z, rho / 2),
        ),
        Step(
            "a certified region",
            sp.Ge(tradeoff(e, rho) / 4, sp.Rational(1, 5)),
            "if r_1 = rho is at most 1/2, no classifier with A between 95 % and 99.9 % has S above "
            "80 %",
            IntervalProof(((e, sp.Rational(1, 1000), sp.Rational(1, 20)), (rho, 0, sp.S.Half))),
        ),
    )


def _pattern_movement_steps() -> tuple[Step, ...]:
    exposed = (
        Assumption(sp.Gt(alpha, eta + epsilon / 2), alpha),
        Assumption(sp.Gt(eta, epsilon / 2), eta),
        Assumption(sp.Ge(d, 2 * _N), d),
    )
    square = (_residual(_N) * sigma) ** 2
    return (
        Step(
            "other residuals grow with eta",
            sp.Ge(sp.Derivative(square, eta), 0, evaluate=False),
            "so their terms of the bound on e_S fall, like that of the turn",
            Sign(),
            exposed,
        ),
        Step(
            "other residuals fall with epsilon",
            sp.Le(sp.Derivative(square, epsilon), 0, evaluate=False),
            "so their terms grow",
            Sign(),
            exposed,
        ),
        Step(
            "other residuals fall with sigma",
            sp.Lt(sp.Derivative(rho / sigma, sigma), 0, evaluate=False),
            "every residual is a multiple rho of 1/sigma (rho > 0)",
            Sign(),
            (Assumption(sp.Gt(rho, 0), rho),),
        ),
    )


def _regime_steps() -> tuple[Step, ...]:
    root = sp.Symbol("n", positive=True)
    many = texture_residual().subs({eta: tau / root, d: root**2})
    return (
        Step(
            "regime alpha -> infinity, residuals",
            sp.Ge((sigma * _residual(_N)) ** 2, _N * (2 * alpha + 2 * eta - epsilon) ** 2),
            "a turn that changes the pattern (N > 0) has a residual that grows with alpha",
            Sign(),
            (
                Assumption(sp.Ge(alpha, eta + epsilon / 2), alpha),
                Assumption(sp.Ge(d, 2 * _N), d),
            ),
        ),
        Step(
            "regime alpha -> infinity, bound",
            sp.Eq(sp.Limit(Phi(z - rho), rho, sp.oo), 0),
            "so its term vanishes, and (1/4) G_{r_1}(e) remains",
            Identity(),
        ),
        Step(
            "regime d -> infinity, bound",
            sp.Eq(tradeoff(e, many) / 4, (1 - e) / 4),
            "with eta = tau / sqrt(d) and d = n^2 large (n >= 2 tau / epsilon) any fixed attack "
            "covers the texture",
            Identity(),
            (Assumption(sp.Ge(epsilon, 2 * tau / root), epsilon),),
        ),
        weak_texture_step(),
    )
