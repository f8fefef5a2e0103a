"""Figures and tables, drawn from records and theory alone; nothing here needs torch.

Every figure is a pure function ``draw(*records)`` of its own module; `FIGURES` and `TABLES`
list them with the experiments whose records they read, and `plot_frontier` draws a frontier
computed by ``theory.frontier``.  Names are imported when first used, so that the command
``frontier`` prints without matplotlib.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
