"""MNIST: as the training range of rotations grows, spatial accuracy rises and PGD's falls."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.measurements import Row, distinct, error_bars, rows, spread
from paper_figures.style import COLUMN, canvas, label_line, look, percent, styled
from simulations.records import Record

__all__ = ["draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw accuracy against the training range: mean over seeds, 95 % interval, each seed.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_rotation``: measures ``rotation`` and ``adversarial`` at one
        level each, with the training range in degrees.
    """
    figure, (axes,) = canvas(COLUMN, 2.5)
    spatial, attacked = (rows(record, measure=m) for m in ("rotation", "adversarial"))
    _curve(axes, spatial, f"random rotation up to ±{_level(spatial):g}°", "augmented", -11)
    _curve(axes, attacked, f"PGD, $\\epsilon$ = {_level(attacked):g}", "adversarial", 11)
    axes.set(
        xlabel="largest rotation in training (degrees)", ylabel="accuracy on MNIST", ylim=(0, 1.03)
    )
    axes.set_xticks(sorted(distinct(spatial, "degrees")))
    axes.yaxis.set_major_formatter(percent)
    return figure


def _curve(axes: Axes, measured: list[Row], name: str, recipe: str, above: float) -> None:
    """One measure against the training range, named beside its right half."""
    colour, marker = look(recipe).colour, look(recipe).marker
    ranges = sorted(distinct(measured, "degrees"))
    spreads = [spread([row for row in measured if row["degrees"] == r]) for r in ranges]
    for position, item in zip(ranges, spreads, strict=True):
        axes.plot([position] * len(item.values), item.values, ".", color=colour, ms=3, alpha=0.5)
    means = [item.mean for item in spreads]
    bars = error_bars(spreads)
    axes.errorbar(ranges, means, bars, color=colour, marker=marker, label=name, elinewidth=1)
    label_line(axes, ranges[-1], means[-1], name, colour=colour, offset=(2, above), ha="right")


def _level(measured: list[Row]) -> float:
    """Return the one level at which a measure was taken."""
    levels = distinct(measured, "level")
    if len(levels) != 1:
        raise ValueError(f"level must be the same in all rows of a measure, got {levels}")
    return float(levels[0])
