"""MNIST: as the training range of rotations grows, spatial accuracy rises, adversarial falls."""

from matplotlib.figure import Figure

from paper_figures.from_records.ranges import Curve, range_axes
from paper_figures.measurements import distinct, radius, rows, spread
from paper_figures.style import PAGE, new_figure, percent, sequential_colours, styled
from simulations.records import Record

__all__ = ["draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw accuracies against the training range: mean over seeds, 95 % interval, each seed.

    On the left under random rotations, one curve for each test range; on the right under attack,
    one for each radius.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_rotation``: the measures ``rotation`` and ``adversarial``, with
        the training range in degrees.
    """
    figure, panels = new_figure(PAGE, 2.7, columns=2)
    titles = {"rotation": "under rotations", "adversarial": "under $\\ell_\\infty$ attack"}
    for axes, (measure, title) in zip(panels, titles.items(), strict=True):
        levels = sorted(distinct(rows(record, measure=measure), "level"))
        for level, colour in zip(levels, sequential_colours(len(levels)), strict=True):
            curve = Curve.of(rows(record, measure=measure, level=level), spread)
            name = f"$\\epsilon$ = {radius(level)}"
            if measure == "rotation":
                name = f"rotated by up to ±{level:g}°"
            curve.draw(axes, name, colour=colour)
            range_axes(axes, curve.ranges)
        axes.set(title=title, ylabel="accuracy on MNIST", ylim=(0, 1.03))
        axes.yaxis.set_major_formatter(percent)
        axes.legend(loc="lower right" if measure == "rotation" else "upper right")
    return figure
