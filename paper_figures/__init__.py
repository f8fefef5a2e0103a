"""Figures and tables, drawn from records and theory alone; nothing here needs torch.

Every figure is a pure function ``draw(*records)`` of its own module; `FIGURES` and `TABLES`
list them with the experiments whose records they read, and `plot_frontier` draws a frontier
computed by ``theory.frontier``.  Names are imported when first used, so that the command
``frontier`` prints without matplotlib.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paper_figures.catalogue import FIGURES, TABLES, exhibit
    from paper_figures.from_theory.frontier_curve import plot_frontier
    from paper_figures.records import MissingRecordError
    from paper_figures.style import save
    from paper_figures.tables import save_table

__all__ = [
    "FIGURES",
    "TABLES",
    "MissingRecordError",
    "exhibit",
    "plot_frontier",
    "save",
    "save_table",
]

_HOMES = {
    "FIGURES": "catalogue",
    "TABLES": "catalogue",
    "MissingRecordError": "records",
    "exhibit": "catalogue",
    "plot_frontier": "fig_curve",
    "save": "style",
    "save_table": "tables",
}


def __getattr__(name: str) -> object:
    """Import a public name from its module at first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'paper_figures' has no attribute {name!r}")
    value: object = getattr(import_module(f"paper_figures.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
