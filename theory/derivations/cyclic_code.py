"""Derivation of Theorem 6 (THEORY.md, section 9.1)."""

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
from theory.derivations.methods import Assumption, Identity, Sign
from theory.derivations.notation import (
    Phi,
    alpha,
    d,
    density,
    e,
    epsilon,
    eta,
    nu,
    rho,
    sigma,
    tau,
    tradeoff,
    x,
    z,
)
from theory.derivations.proof import Derivation, Step

__all__ = ["derivation"]

_BOUND = nu / 2 * tradeoff(2 * e, texture_residual())
_ABOVE = sp.Integral(density(x), (x, z, sp.oo))
_COVERED = (Assumption(sp.Ge(epsilon, 2 * eta), epsilon),)


def derivation() -> Derivation:
    """Theorem 6, its regimes, its sharp form and what attains it."""
    return Derivation(
        name="cyclic-code",
        title="Words of a cyclic code under shifts by quarters (Theorem 6)",
        outline=ARGUMENT
        + "For a free shift half of the words are carried onto words of the other class, from "
        "which the texture 2 eta alone tells them apart; averaging over them gives the bound. The "
        "sharp form counts, for each word, the shifts under which it conflicts.",
        steps=(
            *tradeoff_steps(),
            *averaging_steps(),
            *residual_steps(),
            *_bound_steps(),
            *_sharp_steps(),
            *_attaining_steps(),
            *movement_steps(_BOUND.subs(2 * e, Phi(-z)).doit()),
            *_regime_steps(),
            *small_shift_steps(),
        ),
    )


def _bound_steps() -> tuple[Step, ...]:
    b, c = sp.symbols("b c", integer=True)
    symbol, s, rest, bound = sp.symbols("c_j s rest G", real=True)
    turned, own = alpha * symbol + eta, alpha * symbol - eta
    return (
        Step(
            "conflicting words differ by the texture",
            sp.Eq(turned - own, 2 * eta, evaluate=False),
            "a word c with c_0 = +1, shifted onto a word c' with c'_0 = -1, differs from that "
            "word's own mean by 2 eta in every coordinate j",
            Identity(),
        ),
        Step(
            "how often words conflict",
            sp.Eq(sp.Sum(sp.Sum(b * (1 - c), (c, 0, 1)), (b, 0, 1)) / 4, sp.Rational(1, 4)),
            "the symbols of a free shift are independent and balanced: c_0 = +1 and c'_0 = -1 for "
            "a quarter of the words, and the reverse for another quarter",
            Identity(),
        ),
        Step(
            "free shifts are half conflicts",
            sp.Ge(nu / 2 * s + rest, nu / 2 * bound),
            "the mean s of s_{c,g} over conflicts exceeds G at the mean adversarial error of the "
            "words they meet, at most 2 e since these are half of all words; the rest of e_S is "
            ">= 0",
            Sign(),
            (Assumption(sp.Ge(s, bound), s), Assumption(sp.Ge(rest, 0), rest)),
        ),
        Step(
            "bound",
            sp.Eq(nu / 2 * Phi(z - texture_residual()), _BOUND),
            "the bound on e_S of Theorem 6 in the adversarial error e <= 1/2 and nu, the "
            "probability of a free shift",
            Identity(),
            (Assumption(sp.Eq(2 * e, Phi(-z)), e),),
        ),
        Step(
            "regime epsilon >= 2 eta",
            sp.Eq(_BOUND, nu / 2 * (1 - 2 * e)),
            "once the attack covers the texture the bound is linear",
            Identity(),
            _COVERED,
        ),
        Step(
            "a certified region",
            sp.Ge(sp.Rational(3, 8) * tradeoff(2 * e, rho), sp.Rational(1, 5)),
            "with all proper shifts free and r_0 = rho at most 1, no classifier with A between "
            "95 % and 99.9 % has S above 80 %",
            IntervalProof(((e, sp.Rational(1, 1000), sp.Rational(1, 20)), (rho, 0, 1))),
        ),
    )


def _sharp_steps() -> tuple[Step, ...]:
    k = sp.Symbol("k", integer=True)
    errors = sp.symbols("a_0:4", nonnegative=True)
    shares = [sp.binomial(3, i) / sp.Integer(8) for i in range(4)]
    spent = sum((p * a for p, a in zip(shares, errors, strict=True)), sp.S.Zero)
    left = sum(
        (
            p * sp.Rational(i, 4) * (1 - a)
            for i, (p, a) in enumerate(zip(shares, errors, strict=True))
        ),
        sp.S.Zero,
    )
    full = tuple(Assumption(sp.Le(a, 1), a) for a in errors[2:])
    lines = (
        ("3/8", "3/4", (), "words with three conflicts"),
        ("11/32", "1/2", full[1:], "words with three are spent, then those with two"),
        ("7/32", "1/4", full, "at last those with one"),
    )
    return (
        Step(
            "mean number of conflicts",
            sp.Eq(sp.Sum(k * sp.binomial(3, k) / 32, (k, 0, 3)), sp.Rational(3, 8), evaluate=False),
            "with four independent symbols (D = 4) and equal probabilities, k of the three proper "
            "shifts conflict for binomially many words; n = k/4",
            Identity(),
        ),
        *(
            Step(
                f"sharp line of slope -{slope}",
                sp.Ge(left, sp.Rational(height) - sp.Rational(slope) * spent, evaluate=False),
                f"eq. (9.5) for D = 4, a_k the adversarial error of words with k conflicts: {why}",
                Sign(),
                where,
            )
            for height, slope, where, why in lines
        ),
    )


def _attaining_steps() -> tuple[Step, ...]:
    adversarial = Phi((alpha + eta - epsilon) / sigma)
    kept, changed = Phi((alpha + eta) / sigma), Phi((eta - alpha) / sigma)
    return (
        Step(
            "adversarial accuracy of sign(x_0)",
            sp.Eq(_ABOVE, adversarial),
            "x_0 has mean alpha + eta (c_0 = +1), and the attack must not carry it across 0",
            Identity(),
            (Assumption(sp.Eq(z, (epsilon - alpha - eta) / sigma), z),),
        ),
        Step(
            "sign(x_0) where the symbol is kept",
            sp.Eq(_ABOVE, kept),
            "a shift that is not free, and a free one for half of the words, leaves the label's "
            "symbol at place 0",
            Identity(),
            (Assumption(sp.Eq(z, -(alpha + eta) / sigma), z),),
        ),
        Step(
            "sign(x_0) where the symbol is changed",
            sp.Eq(_ABOVE, changed),
            "for the other half x_0 has mean eta - alpha",
            Identity(),
            (Assumption(sp.Eq(z, (alpha - eta) / sigma), z),),
        ),
        Step(
            "regime alpha -> infinity, adversarial",
            sp.Eq(sp.Limit(adversarial, alpha, sp.oo), 1),
            "a strong signal gives adversarial accuracy 1",
            Identity(),
        ),
        Step(
            "regime alpha -> infinity, spatial",
            sp.Eq(
                (1 - nu / 2) * sp.Limit(kept, alpha, sp.oo)
                + nu / 2 * sp.Limit(changed, alpha, sp.oo),
                1 - nu / 2,
            ),
            "at the spatial accuracy that the bound allows for epsilon >= 2 eta and e = 0: it is "
            "attained",
            Identity(),
        ),
    )


def _regime_steps() -> tuple[Step, ...]:
    root = sp.Symbol("n", positive=True)
    many: Any = texture_residual().subs({eta: tau / root, d: root**2})
    at_zero = nu / 2 * (Phi(z - rho) - Phi(z)) / rho
    return (
        Step(
            "regime d -> infinity, bound",
            sp.Eq(nu / 2 * tradeoff(2 * e, many), nu / 2 * (1 - 2 * e)),
            "with eta = tau / sqrt(d) and d = n^2 large (n >= 2 tau / epsilon) any fixed attack "
            "covers the texture",
            Identity(),
            (Assumption(sp.Ge(epsilon, 2 * tau / root), epsilon),),
        ),
        weak_texture_step(),
        Step(
            "regime of small r_0",
            sp.Eq(sp.Limit(at_zero, rho, 0), -nu / 2 * density(z)),
            "the bound starts from nu (1 - 2 e) / 2 and falls at this rate in r_0 = rho, "
            "z being the probit of 1 - 2 e",
            Identity(),
        ),
    )
