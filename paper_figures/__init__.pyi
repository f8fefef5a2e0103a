from .catalogue import (
    FIGURES as FIGURES,
    TABLES as TABLES,
    caption_named as caption_named,
    draw_named as draw_named,
)
from .from_theory.frontier_curve import plot_frontier as plot_frontier
from .index import index_markdown as index_markdown
from .records import MissingRecordError as MissingRecordError
from .style import save as save
from .tables import Caption as Caption, save_table as save_table
