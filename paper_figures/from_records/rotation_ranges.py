"""MNIST: as the training range of rotations grows, spatial accuracy rises, adversarial falls."""

from matplotlib.figure import Figure

from paper_figures.from_records.ranges import Curve, range_axes
from paper_figures.measurements import distinct, radius, rows, spread
from paper_figures.style import COLUMN, new_figure, percent, styled
from simulations.records import Record
from theory.checks import InputError

__all__ = ["draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw accuracy against the training range: mean over seeds, 95 % interval, each seed.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_rotation``: the measure ``rotation`` at one test range or two,
        ``adversarial`` at one radius, with the training range in degrees.

    Raises
    ------
    ValueError
        If accuracy was measured at another number of levels.
    """
    tested = sorted(distinct(rows(record, measure="rotation"), "level"))
    radii = distinct(rows(record, measure="adversarial"), "level")
    for name, levels, most in (("rotation", tested, 2), ("adversarial", radii, 1)):
        if len(levels) > most:
            raise InputError(f"{name} must be measured at {most} levels at most, got {levels}")
    figure, (axes,) = new_figure(COLUMN, 3.0)
    for number, level in enumerate(tested):
        curve = Curve.of(rows(record, measure="rotation", level=level), spread)
        curve.draw(axes, f"rotated by up to ±{level:g}°", "augmented", dashed=number > 0)
    curve = Curve.of(rows(record, measure="adversarial"), spread)
    curve.draw(axes, f"attacked, $\\epsilon$ = {radius(radii[0])}", "adversarial")
    range_axes(axes, curve.ranges)
    axes.set(ylabel="accuracy on MNIST", ylim=(0, 1.03))
    axes.yaxis.set_major_formatter(percent)
    figure.legend(loc="outside upper left")
    return figure
