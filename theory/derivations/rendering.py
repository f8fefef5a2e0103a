"""A derivation as text, Markdown or LaTeX."""

from textwrap import fill
from typing import TYPE_CHECKING, Any

import sympy as sp

from theory.derivations.intervals import Enclosed
from theory.derivations.methods import Identity, Least, Sign

if TYPE_CHECKING:
    from theory.derivations.proof import Derivation, Step

__all__ = ["latex", "markdown", "text"]

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
    if isinstance(method, Least):
        return f"SymPy, the difference is least at {method.symbol} = {method.point}"
    if isinstance(method, Enclosed):
        ranges = ", ".join(f"{low} <= {symbol} <= {high}" for symbol, low, high in method.box)
        return f"interval arithmetic, for {ranges} only"
    raise TypeError(f"unknown method {method!r}")


def _protect(words: str) -> str:
    """Escape what Markdown would take for emphasis or a tag."""
    return "".join(f"\\{letter}" if letter in "_*<" else letter for letter in words)


def _escape(words: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in words)
