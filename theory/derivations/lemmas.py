"""Steps about the test behind every bound: its two errors, and the trade-off between them."""

from typing import Any

import sympy as sp

from theory.derivations.methods import Assumption, Identity, MinimumAt, Sign
from theory.derivations.notation import (
    Phi,
    Quantile,
    d,
    density,
    epsilon,
    eta,
    plus,
    rho,
    sigma,
    tau,
    tradeoff,
    x,
    z,
)
from theory.derivations.proof import Step

__all__ = [
    "ARGUMENT",
    "averaging_steps",
    "movement_steps",
    "residual_steps",
    "small_shift_steps",
    "texture_residual",
    "tradeoff_steps",
    "weak_texture_step",
]

ARGUMENT = (
    "A fixed shift is one admissible attack. So the set where a classifier answers the class of "
    "component i is a test of two Gaussians: the attacked component k of another class, where the "
    "test errs with probability at most a_k, and the turned component i, where it errs with "
    "probability s_{i,g}. Neyman and Pearson's lemma (steps 1 to 12) bounds the one error by the "
    "other: s_{i,g} >= G_r(a_k), with r the distance of the means that the attack cannot remove. "
)

_a = sp.Symbol("a", positive=True)
_t = sp.Symbol("t", nonnegative=True)
_gain = sp.Symbol("L", nonnegative=True)
_m = sp.Symbol("m", real=True)
_s1, _s2, _g, _slope, _a1, _a2 = sp.symbols("s_1 s_2 G slope a_1 a_2", real=True)
_w1, _w2 = sp.symbols("w_1 w_2", positive=True)


def tradeoff_steps() -> tuple[Step, ...]:
    """Neyman and Pearson's lemma and the properties of G (THEORY.md, section 2)."""
    at_least_zero = Assumption(sp.Le(_t, 1), _t)
    value = tradeoff(_a, rho)
    shape = tradeoff(Phi(-z), rho)
    tangent = Phi(_m - rho) - sp.exp(rho * _m - rho**2 / 2) * (Phi(-z) - Phi(-_m))
    return (
        Step(
            "likelihood ratio",
            sp.Eq(density(x - rho) / density(x), sp.exp(rho * x - rho**2 / 2)),
            "the ratio of the two densities grows with x, so the sets where it is large are "
            "half-lines",
            Identity(),
        ),
        Step(
            "optimal where the ratio is large",
            sp.Ge((1 - _t) * _gain, 0),
            "where L = p_1 - k p_0 >= 0 the threshold test rejects, any other test t gains less",
            Sign(),
            (at_least_zero,),
        ),
        Step(
            "optimal where the ratio is small",
            sp.Ge((0 - _t) * (-_gain), 0, evaluate=False),
            "where p_1 - k p_0 = -L <= 0 it accepts; integrating both gives Neyman and Pearson's "
            "lemma",
            Sign(),
        ),
        Step(
            "type I error",
            sp.Eq(sp.Integral(density(x), (x, z, sp.oo)), Phi(-z)),
            "the error of the threshold z under N(0, 1)",
            Identity(),
        ),
        Step(
            "type II error",
            sp.Eq(sp.Integral(density(x), (x, -sp.oo, _m)), Phi(z - rho)),
            "the error of the threshold z under N(rho, 1), whose deviation from rho is standard",
            Identity(),
            (Assumption(sp.Eq(_m, z - rho), _m),),
        ),
        Step(
            "trade-off function",
            sp.Eq(shape, Phi(z - rho)),
            "eliminating z gives G_rho(a) = Phi(-Phi^{-1}(a) - rho) at a = Phi(-z)",
            Identity(),
        ),
        Step(
            "no separation",
            sp.Eq(tradeoff(_a, 0), 1 - _a),
            "at rho = 0 the two laws are one",
            Identity(),
        ),
        Step(
            "involution",
            sp.Eq(tradeoff(value, rho), _a),
            "the two errors play the same part: G is its own inverse",
            Identity(),
        ),
        Step(
            "slope",
            sp.Eq(sp.Derivative(value, _a), -sp.exp(-rho * Quantile(_a) - rho**2 / 2)),
            "G decreases in the error",
            Identity(),
        ),
        Step(
            "decreasing in rho",
            sp.Lt(sp.Derivative(value, rho), 0),
            "better separated laws allow smaller errors",
            Sign(),
        ),
        Step(
            "tangents lie below",
            sp.Ge(Phi(z - rho), tangent),
            "G is convex: at a = Phi(-z) it is above its tangent at Phi(-m)",
            MinimumAt(z, _m),
        ),
        Step(
            "total variation",
            sp.Ge(Phi(z - rho), Phi(z) - (2 * Phi(rho / 2) - 1)),
            "the relaxation by total variation lies below G and touches it at z = rho/2",
            MinimumAt(z, rho / 2),
        ),
    )


def averaging_steps() -> tuple[Step, ...]:
    """Jensen's inequality, from tangents."""
    mean = (_w1 * _a1 + _w2 * _a2) / (_w1 + _w2)
    return (
        Step(
            "averaging",
            sp.Ge((_w1 * _s1 + _w2 * _s2) / (_w1 + _w2), _g),
            "errors above the tangent at the mean error have a mean above G of the mean error "
            "(Jensen); repeated, this holds for any number of components",
            Sign(),
            (
                Assumption(sp.Ge(_s1, _g + _slope * (_a1 - mean)), _s1),
                Assumption(sp.Ge(_s2, _g + _slope * (_a2 - mean)), _s2),
            ),
        ),
    )


def small_shift_steps() -> tuple[Step, ...]:
    """Expand in small rho, with a bound of the rest (THEORY.md, eq. (2.5))."""
    y = sp.Symbol("y", nonnegative=True)
    first = sp.Limit((Phi(z - rho) - Phi(z)) / rho, rho, 0)
    second = sp.Limit((Phi(z - rho) - Phi(z) + density(z) * rho) / rho**2, rho, 0)
    return (
        Step(
            "small rho, first order",
            sp.Eq(first, -density(z)),
            "a small residual lifts the ceiling in proportion to it",
            Identity(),
        ),
        Step(
            "small rho, second order",
            sp.Eq(second, -z * density(z) / 2),
            "the next term",
            Identity(),
        ),
        Step(
            "small rho, remainder above",
            sp.Le(1 - y, sp.exp(y / 2)),
            "with y = x^2: -phi''(x) <= phi(0), one side of |phi''| <= phi(0), "
            "which bounds the remainder by rho^3 / (6 sqrt(2 pi))",
            MinimumAt(y, 0, from_point=True),
        ),
        Step(
            "small rho, remainder below",
            sp.Le(y - 1, sp.exp(y / 2)),
            "the other side, phi''(x) <= phi(0)",
            MinimumAt(y, 2 * sp.log(2)),
        ),
    )


_difference = sp.Symbol("Delta", nonnegative=True)
_shift = sp.Symbol("delta", real=True)


def texture_residual(pixels: Any = d, radius: Any = epsilon) -> Any:
    """r_0 of THEORY.md, eq. (9.3): 2 eta on every pixel, less the attack."""
    return plus(2 * eta - radius) * sp.sqrt(pixels) / sigma


def residual_steps() -> tuple[Step, ...]:
    """Reduce a difference by the l_inf ball (THEORY.md, eq. (3.2))."""
    least = plus(_difference - epsilon)
    j = sp.Symbol("j", integer=True)
    return (
        Step(
            "no attack does better",
            sp.Ge((_difference - _shift) ** 2, least**2),
            "a shift of at most epsilon leaves this much of a coordinate's difference "
            "(by symmetry for negative ones)",
            Sign(split=((_difference - epsilon, _difference),)),
            (Assumption(sp.Le(_shift, epsilon), _shift),),
        ),
        Step(
            "one attack does as well",
            sp.Eq((_difference - sp.Min(epsilon, _difference)) ** 2, least**2),
            "the shift Min(epsilon, Delta) is admissible and attains it",
            Identity(split=((_difference - epsilon, _difference),)),
        ),
        Step(
            "texture residual",
            sp.Eq(
                sp.Sum((plus(2 * eta - epsilon) / sigma) ** 2, (j, 1, d)), texture_residual() ** 2
            ),
            "a difference of 2 eta in each of d coordinates has the residual r_0",
            Identity(),
        ),
        Step(
            "texture covered by the attack",
            sp.Eq(texture_residual(), 0, evaluate=False),
            "for epsilon >= 2 eta the attack removes the texture altogether: r_0 = 0",
            Identity(),
            (Assumption(sp.Ge(epsilon, 2 * eta), epsilon),),
        ),
    )


def movement_steps(bound: Any) -> tuple[Step, ...]:
    """Signs of the derivatives of a bound on e_S where the texture is not covered.

    ``bound`` is an expression in z, the probit of the adversarial accuracy that enters it.
    """
    exposed = (Assumption(sp.Gt(2 * eta, epsilon), eta),)
    reasons = (
        (epsilon, sp.Gt, "the bound on e_S grows with the attack"),
        (eta, sp.Lt, "it falls as the texture grows stronger"),
        (sigma, sp.Gt, "it grows with the noise"),
    )
    return tuple(
        Step(
            f"monotone in {symbol}",
            relation(sp.Derivative(bound, symbol), 0, evaluate=False),
            reason,
            Sign(),
            exposed,
        )
        for symbol, relation, reason in reasons
    )


def weak_texture_step() -> Step:
    """Hold eta sqrt(d) fixed: the accuracy of the texture alone."""
    sum_mean, sum_deviation = tau / sp.sqrt(d) * d, sigma * sp.sqrt(d)
    return Step(
        "texture alone",
        sp.Eq(sp.Integral(density(x), (x, z, sp.oo)), Phi(tau / sigma)),
        "with eta = tau / sqrt(d), the sum of the pixels (less that of the pattern) tells the "
        "texture with this accuracy, whatever d is",
        Identity(),
        (Assumption(sp.Eq(z, -sum_mean / sum_deviation), z),),
    )
