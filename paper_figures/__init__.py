"""Figures and tables, drawn from records and theory alone; nothing here needs torch.

Every figure is a pure function ``draw(*records)`` of its own module; `catalogue` lists
them with the experiments whose records they read.
"""

from paper_figures.catalogue import FIGURES, TABLES, exhibit
from paper_figures.records import MissingRecordError
from paper_figures.style import save
from paper_figures.tables import save_table

__all__ = ["FIGURES", "TABLES", "MissingRecordError", "exhibit", "save", "save_table"]
