"""MNIST: as the training range of rotations grows, spatial accuracy rises, adversarial falls."""

from matplotlib.figure import Figure

from paper_figures.measurements import distinct, radius, rows, spread
from paper_figures.ranges import Curve, range_axes
from paper_figures.style import COLUMN, canvas, percent, styled
from simulations.records import Record

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
            raise ValueError(f"{name} must be measured at {most} levels at most, got {levels}")
    figure, (axes,) = canvas(COLUMN, 2.7)
    for number, level in enumerate(tested):
        curve = Curve.of(rows(record, measure="rotation", level=level), spread)
        name = f"rotated by up to ±{level:g}°"
        if number:  # the wider test is the harder one: its curve lies below
            curve.draw(axes, name, "augmented", at=-2, offset=(-2, -11), dashed=True)
        else:
            curve.draw(axes, name, "augmented", at=-1, offset=(2, -11))
    curve = Curve.of(rows(record, measure="adversarial"), spread)
    name = f"attacked, $\\epsilon$ = {radius(radii[0])}"
    curve.draw(axes, name, "adversarial", at=-1, offset=(2, 11))
    range_axes(axes, curve.ranges)
    axes.set(ylabel="accuracy on MNIST", ylim=(0, 1.03))
    axes.yaxis.set_major_formatter(percent)
    return figure
