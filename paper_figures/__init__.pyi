from .catalogue import (
    FIGURES as FIGURES,
    TABLES as TABLES,
    draw_named as draw_named,
)
from .from_theory.frontier_curve import plot_frontier as plot_frontier
from .records import MissingRecordError as MissingRecordError
from .style import save as save
from .tables import save_table as save_table
