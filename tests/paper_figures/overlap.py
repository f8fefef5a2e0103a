"""Which texts of a drawn figure lie on each other."""

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

__all__ = ["overlaps"]

SLACK = 0.5
"""Points by which boxes may touch: boxes include the room of letters that are not there."""


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of visible texts whose boxes overlap, and texts that leave the figure."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    slack = SLACK * figure.dpi / 72
    unused = _unused(figure)
    boxes = [
        (text, text.get_window_extent(renderer))
        for text in figure.findobj(Text)
        if text.get_text().strip() and text.get_visible() and text not in unused
    ]
    found = [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(boxes, 2)
        if not (one.get_rotation() % 90 or other.get_rotation() % 90) and _meet(a, b, slack)
    ]
    page = figure.bbox
    outside = [
        (text.get_text(), "edge of the figure")
        for text, box in boxes
        if box.x0 < page.x0 - 1 or box.y0 < page.y0 - 1
        or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1
    ]  # fmt: skip
    return found + outside


def _unused(figure: Figure) -> set[Text]:
    """Labels of ticks that lie outside their axis, which Matplotlib keeps and does not draw."""
    found = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            margin = 1e-9 * (high - low)
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not low - margin <= tick.get_loc() <= high + margin:
                    found |= {tick.label1, tick.label2}
    return found


def _meet(a: Bbox, b: Bbox, slack: float) -> bool:
    return min(a.x1, b.x1) - max(a.x0, b.x0) > slack and min(a.y1, b.y1) - max(a.y0, b.y0) > slack
