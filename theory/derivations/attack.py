"""Steps about the attack: what it cannot remove from a difference of means."""

from typing import Any

import sympy as sp

from theory.derivations.methods import Hypothesis, Identity, Sign
from theory.derivations.notation import Phi, d, density, epsilon, eta, plus, sigma, tau, x, z
from theory.derivations.proof import Step

__all__ = ["movement_steps", "residual_steps", "texture_residual", "weak_texture_step"]

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
            (Hypothesis(sp.Le(_shift, epsilon), _shift),),
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
            (Hypothesis(sp.Ge(epsilon, 2 * eta), epsilon),),
        ),
    )


def movement_steps(bound: Any) -> tuple[Step, ...]:
    """Signs of the derivatives of a bound on e_S where the texture is not covered.

    ``bound`` is an expression in z, the probit of the adversarial accuracy that enters it.
    """
    exposed = (Hypothesis(sp.Gt(2 * eta, epsilon), eta),)
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
        (Hypothesis(sp.Eq(z, -sum_mean / sum_deviation), z),),
    )
