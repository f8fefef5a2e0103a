"""Tables and captions: text, written as Markdown, LaTeX and CSV."""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Self

from simulations.files import checked_path, write_atomically
from theory.checks import InputError, instance, text

__all__ = ["Caption", "Table", "at_least", "at_most", "save_table"]

_LATEX = {"%": r"\%", "&": r"\&", "_": r"\_", "±": r"$\pm$", "ε": r"$\epsilon$", "°": r"$^\circ$"}
_LATEX |= {"≤": r"$\le$", "λ": r"$\lambda$", "–": "--", "−": "$-$", "×": r"$\times$"}
_LATEX |= {"σ": r"$\sigma$", "η": r"$\eta$", "α": r"$\alpha$", "ℓ": r"$\ell$", "∞": r"$_\infty$"}
_LATEX |= {"#": r"\#", "$": r"\$", "{": r"\{", "}": r"\}", "\\": r"\textbackslash{}"}
_LATEX |= {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


@dataclass(frozen=True)
class Caption:
    """The words under a figure or a table, each part one or a few sentences.

    Attributes
    ----------
    title : str
        A name, without a full stop.
    shows : str
        What is drawn.
    settings : str
        Data, networks, radii, training.
    images, seeds, bars : str
        How much was measured, and what the intervals cover.
    see : str
        What to look at.
    paper : str
        Whether it agrees with the finding of Kamath et al. (2021).

    Raises
    ------
    ValueError
        If a part is no text.
    """

    title: str
    shows: str
    settings: str
    images: str
    seeds: str
    bars: str
    see: str
    paper: str

    def __post_init__(self) -> None:
        for field in fields(self):
            text(field.name, getattr(self, field.name))

    @classmethod
    def of_theory(cls, title: str, *, shows: str, settings: str, see: str, paper: str) -> Self:
        """Return the caption of what is computed without images and without seeds."""
        nothing = "No images and no seeds: theory alone.", "", "There are no bars."
        return cls(title, shows, settings, *nothing, see, paper)

    @property
    def text(self) -> str:
        """All parts after the title, as one paragraph."""
        parts = (
            self.shows, self.settings, self.images, self.seeds, self.bars, self.see, self.paper
        )  # fmt: skip
        return " ".join(part for part in parts if part)

    @property
    def markdown(self) -> str:
        """The caption for GitHub, the title in bold."""
        return f"**{self.title}.** {self.text}"

    @property
    def latex(self) -> str:
        r"""The argument of ``\caption``."""
        return rf"\textbf{{{_escaped(self.title)}.}} {_escaped(self.text)}"


@dataclass(frozen=True)
class Table:
    """Cells of text under a header.

    Raises
    ------
    ValueError
        If a row has another number of cells than the header.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.header):
                raise InputError(f"rows must have {len(self.header)} cells, got {row}")

    @property
    def markdown(self) -> str:
        """The table for GitHub; the first column is text, the others are numbers."""
        rule = ["---", *["---:"] * (len(self.header) - 1)]
        return "".join(f"| {' | '.join(line)} |\n" for line in (self.header, rule, *self.rows))

    @property
    def latex(self) -> str:
        """The table as a tabular, with the rules of booktabs."""
        head, *body = (
            " & ".join(map(_escaped, line)) + r" \\" for line in (self.header, *self.rows)
        )
        columns = "l" + "r" * (len(self.header) - 1)
        lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *body]
        return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])

    @property
    def csv(self) -> str:
        """The table as comma-separated values."""
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows([self.header, *self.rows])
        return stream.getvalue()


def at_most(value: float, digits: int = 1) -> str:
    """Return a bound in percent, rounded up: what is printed is a bound as well."""
    return _rounded(value, digits, ROUND_CEILING)


def at_least(value: float, digits: int = 1) -> str:
    """Return in percent, rounded down, what is reached."""
    return _rounded(value, digits, ROUND_FLOOR)


def _rounded(value: float, digits: int, side: str) -> str:
    return str((100 * Decimal(value)).quantize(Decimal(1).scaleb(-digits), rounding=side))


_FORMS: dict[str, Callable[[Table], str]] = {
    ".md": lambda table: table.markdown,
    ".tex": lambda table: table.latex,
    ".csv": lambda table: table.csv,
}


def save_table(table: Table, path: str | os.PathLike[str]) -> list[Path]:
    """Write a table beside `path` as .md, .tex and .csv, each whole or not at all.

    Parameters
    ----------
    table : Table
    path : path
        Its ending is replaced by each of the three.

    Returns
    -------
    list of Path
        The three files.

    Raises
    ------
    ValueError
        If the table or the path is none.
    OSError
        If the folder cannot be written.
    """
    instance("table", table, Table)
    path = checked_path("path", path)
    if not path.name:
        raise InputError(f"path must be that of a file, got {path}")
    return [
        write_atomically(path.with_suffix(ending), form(table).encode())
        for ending, form in _FORMS.items()
    ]


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
