"""Pieces of HTML: text is escaped, pictures are part of the page, mathematics is MathML."""

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from paper_figures.tables import Caption, Table

__all__ = [
    "captioned",
    "derivation_html",
    "embedded",
    "escape",
    "leaderboard_html",
    "picture",
    "pixels",
    "table_html",
]


def embedded(value: Any) -> str:
    """Return a value as JSON that may stand inside a script element."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c")


def picture(svg: bytes, alternative: str) -> str:
    """Return an image element that holds the picture itself, shorter than in base64.

    Nothing of it looks like markup of the page: its signs and its addresses are quoted.
    """
    data = quote(" ".join(svg.decode().split()), safe=' "/:;,')
    return f"<img src='data:image/svg+xml,{data}' alt=\"{escape(alternative)}\">"


def captioned(name: str, caption: Caption, body: str) -> str:
    """Return a figure element with its caption below."""
    words = f"<strong>{escape(caption.title)}.</strong> {escape(caption.text)}"
    return (
        f'<figure id="{escape(name)}" class="drawn">{body}<figcaption>{words}</figcaption></figure>'
    )


def table_html(table: Table) -> str:
    """Return a table whose first column heads its rows; wide tables scroll by themselves."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.header)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in table.rows
    )
    return _scrolled(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def leaderboard_html(
    header: Sequence[str], rows: Iterable[Sequence[tuple[str, float | str | None]]]
) -> str:
    """Return a table that sorts by any column; a cell is a text and what it sorts by."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-value="{"" if key is None else escape(str(key))}">{escape(text)}</td>'
            for text, key in row
        )
        + "</tr>"
        for row in rows
    )
    return _scrolled(
        f'<table class="sortable"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    )


def pixels(image: Sequence[Sequence[float]], scale: float, alternative: str) -> str:
    """Return an image as squares: blue below zero, orange above, full colour at ``scale``."""
    squares = "".join(
        f'<rect x="{x}" y="{y}" width="1" height="1" fill="{_colour(value / scale)}"/>'
        for y, row in enumerate(image)
        for x, value in enumerate(row)
    )
    return (
        f'<svg viewBox="0 0 {len(image[0])} {len(image)}" role="img" class="pixels" '
        'shape-rendering="crispEdges" '
        f'aria-label="{escape(alternative)}">{squares}</svg>'
    )


def derivation_html(derivation: Any) -> str:
    """Return the steps of a derivation that was verified, each unfolding into reason and check."""
    steps = "".join(
        f"<details><summary>{escape(step.name)} {_math(step.claim)}</summary>"
        + (
            f"<p>where {', '.join(_math(item.relation) for item in step.where)}</p>"
            if step.where
            else ""
        )
        + f"<p>{escape(step.reason)}.</p><p>Checked: {escape(how)}.</p></details>"
        for step, how in ((step, step.verify().how) for step in derivation.steps)
    )
    return (
        f"<details class='derivation'><summary>{escape(derivation.title)}</summary>"
        f"<p>{escape(derivation.outline)}</p>{steps}</details>"
    )


def _math(claim: Any) -> str:
    """Return a SymPy expression as MathML, with the normal law by its letter."""
    from sympy.printing.mathml import mathml

    text = mathml(claim, printer="presentation")
    text = text.replace("<mi>phi</mi>", "<mi>Φ</mi>").replace(
        "<mi>quantile</mi>", "<msup><mi>Φ</mi><mn>−1</mn></msup>"
    )
    return f"<math>{text}</math>"


def _colour(share: float) -> str:
    end = (0, 114, 178) if share < 0 else (213, 94, 0)
    weight = min(1.0, abs(share))
    return "#" + "".join(f"{round(255 + (part - 255) * weight):02x}" for part in end)


def _scrolled(table: str) -> str:
    return f'<div class="scroll" tabindex="0" role="region" aria-label="table">{table}</div>'
