"""A derivation: steps that are claims, each with its reason and the method that proves it."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import fill
from typing import Any

import sympy as sp

from theory.checks import InputError, shown
from theory.derivations.intervals import IntervalProof
from theory.derivations.methods import Assumption, Identity, MinimumAt, Sign, UnprovedError
from theory.derivations.notation import Phi, Quantile

__all__ = ["Derivation", "Proved", "Step", "latex", "markdown", "text"]

_SPECIAL = {"_": r"\_", "%": r"\%", "&": r"\&", "#": r"\#", "^": r"\^{}", "<": "$<$", ">": "$>$"}


def text(derivation: "Derivation") -> str:
    """For a terminal: one line of SymPy's notation per claim."""
    parts = [derivation.title, "=" * len(derivation.title), "", fill(derivation.outline, 88)]
    for number, step in enumerate(derivation.steps, 1):
        parts += ["", f"{number}. {step.name}", f"       {_plain(step.claim)}"]
        if step.where:
            parts.append(f"   where {', '.join(_plain(item.relation) for item in step.where)}")
        parts += [f"   why   {step.reason}", f"   check {_check(step)}"]
    return "\n".join(parts) + "\n"


def markdown(derivation: "Derivation") -> str:
    """For GitHub: claims as fenced formulas."""
    parts = [f"# {_protect(derivation.title)}", _protect(derivation.outline)]
    for number, step in enumerate(derivation.steps, 1):
        parts += [f"## {number}. {step.name}", f"```math\n{_formula(step.claim)}\n```"]
        if step.where:
            conditions = r", \quad ".join(_formula(item.relation) for item in step.where)
            parts.append(f"where\n\n```math\n{conditions}\n```")
        parts += [f"{_protect(step.reason)}.", f"*Check:* {_protect(_check(step))}."]
    return "\n\n".join(parts) + "\n"


def latex(derivation: "Derivation") -> str:
    """Return a document that compiles by itself."""
    parts = [
        r"\documentclass{article}",
        r"\usepackage{amsmath}",
        r"\allowdisplaybreaks",
        rf"\title{{{_escape(derivation.title)}}}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        _escape(derivation.outline),
        r"\begin{enumerate}",
    ]
    for step in derivation.steps:
        parts += [rf"\item \textbf{{{_escape(step.name)}.}}", rf"\[ {_formula(step.claim)} \]"]
        if step.where:
            conditions = ", ".join(f"${_formula(item.relation)}$" for item in step.where)
            parts.append(f"where {conditions}.")
        parts += [f"{_escape(step.reason)}.", rf"\emph{{Check: {_escape(_check(step))}.}}"]
    return "\n".join([*parts, r"\end{enumerate}", r"\end{document}"]) + "\n"


def _plain(claim: Any) -> str:
    return str(sp.sstr(claim)) if not isinstance(claim, sp.Equality) else _equation(claim)


def _equation(claim: Any) -> str:
    return f"{sp.sstr(claim.lhs)} = {sp.sstr(claim.rhs)}"


def _formula(claim: Any) -> str:
    return str(sp.latex(claim))


def _check(step: "Step") -> str:
    """Say what the step's method does; that it succeeds is for ``verify`` to find out."""
    method = step.method
    if isinstance(method, Identity):
        return "SymPy, the two sides are the same expression"
    if isinstance(method, Sign):
        return "SymPy, sign of the difference"
    if isinstance(method, MinimumAt):
        return f"SymPy, the difference is least at {method.symbol} = {method.point}"
    if isinstance(method, IntervalProof):
        ranges = ", ".join(f"{low} <= {symbol} <= {high}" for symbol, low, high in method.box)
        return f"interval arithmetic, for {ranges} only"
    raise TypeError(f"unknown method {method!r}")


def _protect(words: str) -> str:
    """Escape what Markdown would take for emphasis or a tag."""
    return "".join(f"\\{letter}" if letter in "_*<" else letter for letter in words)


def _escape(words: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in words)


@dataclass(frozen=True)
class Proved:
    """A step that was proved, and how."""

    step: str
    how: str


@dataclass(frozen=True)
class Step:
    """One claim of a derivation.

    Attributes
    ----------
    name
        Short and unique within its derivation.
    claim
        A SymPy equation or inequality.
    reason
        Why it holds, or what it is for, in a sentence.
    method
        How it is proved.
    where
        Hypotheses under which the claim is made.
    """

    name: str
    claim: Any
    reason: str
    method: Identity | Sign | MinimumAt | IntervalProof
    where: tuple[Assumption, ...] = ()

    def verify(self) -> Proved:
        """Prove the claim anew.

        Raises
        ------
        UnprovedError
            If the method does not prove it.
        """
        try:
            return Proved(self.name, self.method.prove(self.claim, self.where))
        except UnprovedError as error:
            raise UnprovedError(f"step {self.name!r} is not proved: {error}") from error


@dataclass(frozen=True, repr=False)
class Derivation:
    """The steps that lead to the bound of one setting (THEORY.md, section 9).

    Attributes
    ----------
    name, title : str
    outline : str
        The argument that joins the steps, in words.
    steps : tuple of Step
        With distinct names.

    Raises
    ------
    ValueError
        If two steps have one name.
    """

    name: str
    title: str
    outline: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(f"steps must have distinct names, got {twice} twice")

    def __repr__(self) -> str:
        return f"Derivation({self.name!r}, {len(self.steps)} steps)"

    def step(self, name: str) -> Step:
        """Return the step of a name.

        Raises
        ------
        ValueError
            If there is none.
        """
        steps = {step.name: step for step in self.steps}
        if not isinstance(name, str) or name not in steps:
            near = get_close_matches(shown(name), steps, n=3, cutoff=0.0)
            known = ", ".join(repr(one) for one in near)
            raise InputError(
                f"name must be that of one of the {len(steps)} steps, such as {known}, "
                f"got {shown(name)}"
            )
        return steps[name]

    def verify(self) -> tuple[Proved, ...]:
        """Prove every step anew, in order.

        Raises
        ------
        UnprovedError
            At the first step that is not proved, naming it.
        """
        return tuple(step.verify() for step in self.steps)

    def as_function(self, name: str) -> Callable[..., Any]:
        """Return the right side of a step's claim as a function of floats, by keyword.

        The keywords are the names of the symbols in it, e.g. ``f(e=0.1, rho=1.5)``. Agrees with
        the numeric modules to 1e-12 (tests/theory/derivations/test_derive.py).

        Raises
        ------
        ValueError
            If there is no such step; on calling, if the keywords are not the symbols' names.
        """
        expression = self.step(name).claim.rhs.doit(deep=False)
        symbols = sorted(expression.free_symbols, key=str)
        return _numeric(expression, [str(symbol) for symbol in symbols], symbols)

    def to_text(self) -> str:
        """Return the derivation for a terminal."""
        return text(self)

    def to_markdown(self) -> str:
        """Return the derivation in Markdown with formulas between dollars."""
        return markdown(self)

    def to_latex(self) -> str:
        """Return the derivation as a LaTeX document."""
        return latex(self)


def _numeric(expression: Any, names: list[str], symbols: list[Any]) -> Callable[..., Any]:
    """Compile an expression to a function of keywords."""
    from scipy.special import ndtr, ndtri

    functions = {Phi.__name__: ndtr, Quantile.__name__: ndtri}
    compiled = sp.lambdify(symbols, expression, modules=[functions, "numpy"])

    def function(**values: Any) -> Any:
        if set(values) != set(names):
            raise InputError(f"keywords must be {', '.join(names)}, got {', '.join(values)}")
        return compiled(*(values[name] for name in names))

    return function
