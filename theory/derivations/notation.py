"""Symbols and functions of the derivations, as SymPy objects."""

from typing import Any

import sympy as sp

__all__ = [
    "Phi",
    "Quantile",
    "alpha",
    "d",
    "density",
    "e",
    "epsilon",
    "eta",
    "nu",
    "plus",
    "rho",
    "sigma",
    "tau",
    "tradeoff",
    "x",
    "z",
]

alpha, eta, sigma, tau = sp.symbols("alpha eta sigma tau", positive=True)
epsilon, rho = sp.symbols("epsilon rho", nonnegative=True)
d = sp.Symbol("d", integer=True, positive=True)
e, nu = sp.Symbol("e", positive=True), sp.Symbol("nu", positive=True)
x, z = sp.symbols("x z", real=True)


class Phi(sp.Function):  # type: ignore[misc]
    """Distribution function of N(0, 1); SymPy reasons about it through erf."""

    nargs = 1
    is_extended_real = True

    @classmethod
    def eval(cls, argument: Any) -> Any:
        """Evaluate at 0 and at infinity."""
        return {sp.S.Zero: sp.S.Half, sp.oo: sp.S.One, -sp.oo: sp.S.Zero}.get(argument)

    def fdiff(self, argindex: int = 1) -> Any:  # noqa: ARG002
        """Return the derivative: the density."""
        return density(self.args[0])

    def doit(self, **hints: Any) -> Any:
        """Undo a quantile."""
        return _undo(self.func(self.args[0].doit(**hints)), Quantile)

    def _eval_is_positive(self) -> Any:
        return self.args[0].is_real or None

    def _eval_rewrite_as_erf(self, argument: Any, **_: Any) -> Any:
        return (1 + sp.erf(argument / sp.sqrt(2))) / 2

    def _latex(self, printer: Any) -> str:
        return rf"\Phi\left({printer.doprint(self.args[0])}\right)"


class Quantile(sp.Function):  # type: ignore[misc]
    """Inverse of Phi on (0, 1)."""

    nargs = 1
    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:  # noqa: ARG002
        """Return the derivative: one over the density at the quantile."""
        return 1 / density(self)

    def doit(self, **hints: Any) -> Any:
        """Undo Phi."""
        return _undo(self.func(self.args[0].doit(**hints)), Phi)

    def _eval_rewrite_as_erf(self, argument: Any, **_: Any) -> Any:
        return sp.sqrt(2) * sp.erfinv(2 * argument - 1)

    def _latex(self, printer: Any) -> str:
        return rf"\Phi^{{-1}}\left({printer.doprint(self.args[0])}\right)"


def _undo(value: Any, inverse: Any) -> Any:
    """Argument of the inverse, if that is what the function is applied to."""
    inner = value.args[0] if value.args else None
    return inner.args[0] if isinstance(inner, inverse) else value


def density(argument: Any) -> Any:
    """Density of N(0, 1)."""
    return sp.exp(-(argument**2) / 2) / sp.sqrt(2 * sp.pi)


def tradeoff(error: Any, shift: Any) -> Any:
    """Trade-off function G_shift(error) (THEORY.md, eq. (2.1))."""
    return Phi(-Quantile(error) - shift)


def plus(argument: Any) -> Any:
    """Positive part."""
    return sp.Max(argument, 0)
