"""MNIST: as the training range of rotations grows, the decision boundary comes closer."""

from matplotlib.figure import Figure

from paper_figures.from_records.boundary import mean_distance
from paper_figures.from_records.ranges import Curve, range_axes
from paper_figures.measurements import rows
from paper_figures.style import COLUMN, new_figure, style_of, styled
from simulations.records import Record

__all__ = ["draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw the mean l_inf distance to the boundary against the training range.

    Mean over seeds, 95 % interval, each seed: the explanation that Kamath et al. (2021) give
    for the fall of the adversarial accuracy.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_rotation``, with the measure ``boundary_distance``.
    """
    figure, (axes,) = new_figure(COLUMN, 2.5)
    curve = Curve.of(rows(record, measure="boundary_distance"), mean_distance)
    curve.draw(axes, "", colour=style_of("augmented").colour)
    range_axes(axes, curve.ranges)
    axes.set_ylabel("mean $\\ell_\\infty$ distance\nto the decision boundary")
    axes.set_ylim(bottom=0)
    return figure
