"""Tables of text, written as Markdown, LaTeX and CSV."""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from simulations.files import write_atomically
from theory.checks import InputError

__all__ = ["Table", "save_table"]

_LATEX = {"%": r"\%", "&": r"\&", "_": r"\_", "±": r"$\pm$", "ε": r"$\epsilon$", "°": r"$^\circ$"}
_LATEX |= {"≤": r"$\le$", "λ": r"$\lambda$", "–": "--"}


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


_FORMS: dict[str, Callable[[Table], str]] = {
    ".md": lambda table: table.markdown,
    ".tex": lambda table: table.latex,
    ".csv": lambda table: table.csv,
}


def save_table(table: Table, path: str | os.PathLike[str]) -> list[Path]:
    """Write a table beside `path` as .md, .tex and .csv, each whole or not at all.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    return [
        write_atomically(Path(path).with_suffix(ending), form(table).encode())
        for ending, form in _FORMS.items()
    ]


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(letter, letter) for letter in text)
