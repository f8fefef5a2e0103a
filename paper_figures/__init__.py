"""Figures and tables, drawn from records and theory alone; nothing here needs torch.

Every figure is a pure function ``draw(*records)`` of its own module; `catalogue.FIGURES` lists
them with the experiments whose records they read.
"""

from paper_figures.catalogue import FIGURES, figure
from paper_figures.records import MissingRecordError
from paper_figures.style import save

__all__ = ["FIGURES", "MissingRecordError", "figure", "save"]
