"""Reports as text that fits the terminal, as JSON, or as CSV."""

import csv
import io
import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from simulations.estimates import Estimate
from theory.checks import one_of
from tradeoff.options import radius_text

__all__ = ["FORMATS", "counts_table", "render", "table_lines"]

FORMATS = ("text", "json", "csv")
_RECIPE_PARAMETERS = ("degrees", "pixels", "epsilon", "weight")
# Of a report, what is for a machine that repeats it, and the table of few facts.
_UNSEEN, _FACTS = {"command", "files", "versions", "commit", "platform"}, {"setting", "about"}
# Weights that are told one by one.
_FEW = 6


def render(report: Mapping[str, Any], table: str, form: str) -> str:
    """Return the report as text, JSON, or its named table as CSV.

    In text a column called ``name_status`` is told in the heads of the numbers that it is about.
    """
    one_of("format", form, FORMATS)
    if form == "json":
        return json.dumps(report, indent=2) + "\n"
    if form == "csv":
        return _csv(report[table])
    lines: list[str] = []
    for name, part in report.items():
        if name in _UNSEEN or not part:
            continue
        if name in _FACTS:
            lines += ["", *_facts(part)]
        else:
            lines += ["", f"{name}:", *table_lines(part)]
    return "\n".join(lines[1:]) + "\n"


def table_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of a table with heads in words and numbers to six digits.

    Where it is wider than the terminal, what all rows share is told above it; where that does not
    help, each row is told as a list. Without a terminal nothing is broken.
    """
    rows = _filled(rows)
    if not rows:
        return
    heads, width = _heads(rows), _terminal_width()
    if _least_width(rows, heads) > width and len(rows) > 1:
        shared = [name for name in heads if len({str(row[name]) for row in rows}) == 1]
        told = ", ".join(f"{heads.pop(name)} {_cell(name, rows[0][name])}" for name in shared)
        yield from textwrap.wrap(told, width, initial_indent="  ", subsequent_indent="    ")
    if _least_width(rows, heads) > width:
        yield from _lists(rows, heads, width)
    else:
        yield from _columns(rows, heads, width)


def _lists(rows: list[Mapping[str, Any]], heads: dict[str, str], width: int) -> Iterator[str]:
    for number, row in enumerate(rows):
        if number:
            yield ""
        for name, head in heads.items():
            told = f"{head}: {_cell(name, row[name])}"
            yield from textwrap.wrap(told, width, initial_indent="  ", subsequent_indent="    ")


def _columns(rows: list[Mapping[str, Any]], heads: dict[str, str], width: int) -> Iterator[str]:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for name, head in heads.items():
        text = any(isinstance(row[name], str) for row in rows)
        least = _column_width(rows, name, head)
        table.add_column(head, justify="left" if text else "right", min_width=least)
    for row in rows:
        table.add_row(*(_cell(name, row[name]) for name in heads))
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None, markup=False, highlight=False).print(table)
    for line in stream.getvalue().splitlines():
        yield f"  {line}".rstrip()


def _column_width(rows: list[Mapping[str, Any]], name: str, head: str) -> int:
    """Least width of a column: no cell is broken, nor a word of its head."""
    return max(map(len, [*(_cell(name, row[name]) for row in rows), *head.split()]))


def _least_width(rows: list[Mapping[str, Any]], heads: dict[str, str]) -> int:
    return sum(_column_width(rows, name, head) + 2 for name, head in heads.items())


def counts_table(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a table with one line per network, recipe and measure, the seeds pooled for reading.

    The interval of a pooled line is for the images alone, not for the draw of the seed.
    """
    pooled: dict[tuple[str, str, str, str], Estimate] = {}
    distances: dict[tuple[str, str, str, str], float] = {}
    for row in rows:
        counts = Estimate(row["successes"], row["trials"])
        parameters = [f"{name}={_number(name, row[name])}" for name in _RECIPE_PARAMETERS
                      if row.get(name)]  # fmt: skip
        level = f"{row['measure']} {radius_text(row['level'])}" if row["level"] else row["measure"]
        recipe = " ".join([row["recipe"], *parameters])
        key = str(row["dataset"]), str(row["network"]), recipe, level
        pooled[key] = pooled[key] + counts if key in pooled else counts
        if "mean" in row:
            distances[key] = distances.get(key, 0.0) + row["mean"] * row["successes"]
    lines = []
    for key, counts in pooled.items():
        lower, upper = counts.interval()
        line: dict[str, Any] = {
            **dict(zip(("dataset", "network", "recipe", "measure"), key, strict=True)),
            "n": counts.trials,
            "rate": f"{counts.value:.3f}",
            "95 % interval": f"[{lower:.3f}, {upper:.3f}]",
        }
        if distances:
            found = key in distances
            line["mean distance found"] = (
                f"{distances[key] / counts.successes:.4g}" if found else "-"
            )
        lines.append(line)
    yield from table_lines(lines)


def _heads(rows: list[Mapping[str, Any]]) -> dict[str, str]:
    """Heads of the columns that are shown, in words, each with the status of its numbers."""
    status = {
        name.removesuffix("status"): {str(row[name]) for row in rows}
        for name in rows[0]
        if name.endswith("status")
    }
    heads = {}
    for name in rows[0]:
        if name.endswith("status"):
            continue
        head = name.replace("_", " ")
        about = [prefix for prefix in status if f"{name}_".startswith(prefix)]
        if about and any(isinstance(row[name], (float, bool)) for row in rows):
            kinds = status[max(about, key=len)]
            head += f" ({' or '.join(sorted(kinds))})"
        heads[name] = head
    return heads


def _terminal_width() -> int:
    """Columns of the terminal; without one, more than any table needs."""
    return shutil.get_terminal_size().columns - 2 if sys.stdout.isatty() else 1000


def _facts(facts: Mapping[str, Any]) -> list[str]:
    status = {key.removesuffix("_status"): facts[key] for key in facts if key.endswith("_status")}
    shown = {
        key: next((f" ({facts[name + '_status']})" for name in status if key.startswith(name)), "")
        for key in facts
        if not key.endswith(("sha256", "_status"))
    }
    told = ", ".join(
        f"{key.replace('_', ' ')} {_cell(key, facts[key])}{about}" for key, about in shown.items()
    )
    return textwrap.wrap(told, max(40, _terminal_width()), break_long_words=False)


def _filled(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give every row the columns of all: recipes have different parameters."""
    rows = list(rows)
    names = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in names} for row in rows]


def _csv(rows: list[Mapping[str, Any]]) -> str:
    rows = _filled(rows)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _cell(head: str, value: object) -> str:
    """Six digits; a bound is rounded to its sound side."""
    if isinstance(value, list):
        shown = [f"{one:.6g}" for one in value[:_FEW]]
        return f"[{', '.join(shown)}{f', ... {len(value)} in all' if len(value) > _FEW else ''}]"
    if value is None:
        return "-"
    if not isinstance(value, float):
        return ("no", "yes")[value] if isinstance(value, bool) else str(value)
    if head.endswith(("_at_least", "_at_most")):
        side = ROUND_CEILING if head.endswith("_at_most") else ROUND_FLOOR
        return f"{Context(prec=6, rounding=side).plus(Decimal(value)).normalize():g}"
    return _number(head, value)


def _number(name: str, value: float) -> str:
    return radius_text(value) if name == "epsilon" else f"{value:.6g}"
