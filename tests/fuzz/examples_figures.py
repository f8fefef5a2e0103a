"""A valid call of every public function and class of paper_figures."""

from typing import Any
from unittest.mock import patch

from matplotlib.figure import Figure

import paper_figures
from paper_figures.catalogue import FIGURES
from paper_figures.tables import Table
from tests.fuzz.driver import Example
from tests.fuzz.objects import folder, frontier

__all__ = ["EXAMPLES"]


def _index(**arguments: Any) -> str:
    """Write the index of one figure: of all it takes seconds."""
    with (
        patch("paper_figures.index.FIGURES", {"probit": FIGURES["probit"]}),
        patch("paper_figures.index.TABLES", {}),
    ):
        return paper_figures.index_markdown(**arguments)


EXAMPLES: dict[str, Example] = {
    "Caption": Example(
        paper_figures.Caption,
        lambda: dict.fromkeys(
            ("title", "shows", "settings", "images", "seeds", "bars", "see", "paper"), "text"
        ),
    ),
    "draw_named": Example(
        paper_figures.draw_named,
        lambda: {"name": "probit", "folders": (folder("figures"),)},
        share=0.1,
        words=("figure",),
    ),
    "caption_named": Example(
        paper_figures.caption_named,
        lambda: {"name": "probit", "folders": (folder("figures"),)},
        words=("figure",),
    ),
    "plot_frontier": Example(
        paper_figures.plot_frontier, lambda: {"frontier": frontier()}, share=0.2
    ),
    "index_markdown": Example(
        _index,
        lambda: {"folders": (folder("figures"),), "images": "figures"},
    ),
    "save": Example(
        paper_figures.save,
        lambda: {"figure": Figure(figsize=(1, 1)), "path": folder("figures") / "figure.png"},
        share=0.3,
        words=("figure",),
    ),
    "save_table": Example(
        paper_figures.save_table,
        lambda: {"table": Table(("a", "b"), (("1", "2"),)), "path": folder("figures") / "table"},
    ),
}
