"""Derivation of the bound for robust features (THEORY.md, section 9.4)."""

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
from theory.derivations.notation import (
    Phi,
    alpha,
    density,
    e,
    epsilon,
    eta,
    rho,
    sigma,
    tau,
    tradeoff,
    x,
    z,
)
from theory.derivations.proof import Derivation, Step

__all__ = ["derivation"]

_p, _m, _nu0 = sp.symbols("p m nu_0", positive=True)
_true, _lying = sp.symbols("a_true a_lying", real=True)
_RESIDUAL = texture_residual(_m)
_REFINED = _nu0 * (_p * tradeoff(_lying, _RESIDUAL) + (1 - _p) * tradeoff(_true, _RESIDUAL))
_COVERED = (Assumption(sp.Ge(epsilon, 2 * eta), epsilon),)


def derivation() -> Derivation:
    """Derive the statement of Tsipras et al. (2019) and refine it for small attacks."""
    return Derivation(
        name="robust-feature",
        title="One strong feature of reliability p, many weak ones (after Tsipras et al. 2019)",
        outline=ARGUMENT
        + "Components with equal strong features and opposite labels differ in the weak features "
        "alone, which a small attack covers; averaging over the classes gives the bound.",
        steps=(
            *tradeoff_steps(),
            *averaging_steps(),
            *residual_steps(),
            *_bound_steps(),
            *movement_steps(_nu0 * Phi(z - _RESIDUAL)),
            *_regime_steps(),
            *small_shift_steps(),
        ),
    )


def _bound_steps() -> tuple[Step, ...]:
    label = sp.Symbol("s", real=True)
    split = Assumption(sp.Eq(_p * _true + (1 - _p) * _lying, e), _true)
    reliable = Assumption(sp.Ge(_p, sp.S.Half), _p)
    at_most_one = Assumption(sp.Le(_lying, 1), _lying)
    covered = _nu0 * (_p * (1 - _lying) + (1 - _p) * (1 - _true))
    z1, z2, natural = sp.symbols("z_1 z_2 e_N", real=True)
    odds = sp.Symbol("odds", positive=True)
    return (
        Step(
            "equal strong features leave the weak ones",
            sp.Eq(alpha * label - alpha * label + eta - (-eta), 2 * eta, evaluate=False),
            "a component whose strong feature tells the truth and one of the other class whose "
            "feature lies share coordinate 0; each weak coordinate differs by 2 eta, m of them",
            Identity(),
        ),
        Step(
            "bound",
            sp.Eq(_nu0 * (_p * Phi(z2 - _RESIDUAL) + (1 - _p) * Phi(z1 - _RESIDUAL)), _REFINED),
            "inequality (1) for the identity, of probability nu_0, averaged over the classes "
            "(Jensen); the split a_true, a_lying of e_A is free",
            Identity(),
            (
                Assumption(sp.Eq(_true, Phi(-z1)), _true),
                Assumption(sp.Eq(_lying, Phi(-z2)), _lying),
            ),
        ),
        Step(
            "regime epsilon >= 2 eta",
            sp.Eq(_REFINED, covered),
            "once the attack covers the weak features every trade-off is linear",
            Identity(),
            _COVERED,
        ),
        Step(
            "adversarial ceiling",
            sp.Ge(_p * _true + (1 - _p) * _lying, 1 - _p),
            "then inequality (2) has residual 0: a_true + a_lying >= 1, so e_A >= 1 - p for "
            "p >= 1/2",
            Sign(),
            (
                Assumption(sp.Ge(_true, 1 - _lying), _true),
                at_most_one,
                reliable,
            ),
        ),
        Step(
            "covered bound",
            sp.Ge(covered, _nu0 * (1 - _p) / _p * (1 - e)),
            "the worst split of e = e_A is a_lying = 1",
            Sign(),
            (split, at_most_one, reliable),
        ),
        Step(
            "Tsipras et al.",
            sp.Le(1 - e, odds * natural),
            "with the identity alone (nu_0 = 1) and odds = p/(1 - p), the adversarial accuracy is "
            "at most p/(1 - p) times the natural error e_N (their result)",
            Sign(),
            (Assumption(sp.Ge(natural, (1 - e) / odds), natural),),
        ),
    )


def _regime_steps() -> tuple[Step, ...]:
    root = sp.Symbol("n", positive=True)
    many = texture_residual(_m).subs({eta: tau / root, _m: root**2})
    strong = Phi((alpha - epsilon) / sigma)
    return (
        Step(
            "adversarial accuracy of sign(x_0)",
            sp.Eq(
                _p * sp.Integral(density(x), (x, z, sp.oo)),
                _p * strong,
            ),
            "where the strong feature tells the truth, and the attack must not carry it across 0",
            Identity(),
            (Assumption(sp.Eq(z, (epsilon - alpha) / sigma), z),),
        ),
        Step(
            "regime alpha -> infinity",
            sp.Eq(sp.Limit(_p * strong, alpha, sp.oo), _p),
            "a strong feature reaches the ceiling A = p",
            Identity(),
        ),
        Step(
            "regime m -> infinity",
            sp.Eq(tradeoff(e, many), 1 - e),
            "with eta = tau / sqrt(m) and m = n^2 large (n >= 2 tau / epsilon) any fixed attack "
            "covers the weak features",
            Identity(),
            (Assumption(sp.Ge(epsilon, 2 * tau / root), epsilon),),
        ),
        Step(
            "weak features alone",
            sp.Eq(sp.Integral(density(x), (x, z, sp.oo)), Phi(tau / sigma)),
            "while the sum of the weak features keeps this accuracy",
            Identity(),
            (Assumption(sp.Eq(z, -tau / root * root**2 / (sigma * root)), z),),
        ),
        Step(
            "a certified region",
            sp.Ge(
                sp.Rational(95, 100) * tradeoff(_lying, rho)
                + sp.Rational(5, 100) * tradeoff(_true, rho),
                sp.Rational(1, 100),
            ),
            "for p = 0.95, nu_0 = 1 and r_0 = rho at most 1: a classifier with a_true below 5 % "
            "and a_lying below 90 % has natural error above 1 %",
            IntervalProof(
                (
                    (_true, sp.Rational(1, 1000), sp.Rational(1, 20)),
                    (_lying, sp.Rational(1, 10), sp.Rational(9, 10)),
                    (rho, 0, 1),
                )
            ),
        ),
    )
