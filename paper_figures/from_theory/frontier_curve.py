"""The frontier of one setting, between what is impossible and what is reached."""

import numpy as np
from matplotlib.figure import Figure

from paper_figures.curves import accuracy_axes, reached_curve, shade_impossible
from paper_figures.style import BOUND, COLUMN, INNER, new_figure, styled
from theory.checks import FloatArray, instance
from theory.frontiers.frontier import Frontier

__all__ = ["outer_line", "plot_frontier"]


@styled
def plot_frontier(frontier: Frontier) -> Figure:
    """Draw the outer curve of a frontier, its inner curve, and the classifiers behind it.

    Parameters
    ----------
    frontier : Frontier
        From ``theory.frontier``.

    Raises
    ------
    ValueError
        If it is no frontier.
    """
    instance("frontier", frontier, Frontier)
    figure, (axes,) = new_figure(COLUMN, 2.9)
    accuracy, bound = outer_line(frontier)
    axes.plot(accuracy, bound, color=BOUND, label="no classifier above")
    shade_impossible(axes, accuracy, bound)
    spatial, robust = frontier.achieved.T
    reached = reached_curve(robust, spatial)
    axes.plot(*reached, "--", color=INNER, label="reached")
    axes.plot(robust, spatial, "o", color=INNER, ms=2.5, label="classifiers found")
    accuracy_axes(axes, frontier.setting)
    axes.set(xlim=(-0.02, 1.02), ylim=(min(float(reached[1].min()), 0.9) - 0.05, 1.02))
    axes.set_title(frontier.setting.name)
    axes.legend(loc="lower left")
    return figure


def outer_line(frontier: Frontier) -> tuple[FloatArray, FloatArray]:
    """Return the outer curve at its grid and at the classifiers found, to be joined by lines.

    A chord of a concave curve lies below it: with the classifiers' own accuracies among its
    points the line stays above each of them.  Beyond the last point the curve is held level up
    to the ceiling of the adversarial accuracy, which keeps it sound.  A limit holds for every
    greater adversarial accuracy as well, so the least so far does.
    """
    ceiling = frontier.adversarial_ceiling
    found = frontier.achieved[:, 1]
    grid = frontier.adversarial_accuracy
    accuracy = np.unique(np.concatenate([grid[grid < ceiling], found[found < ceiling]]))
    bound = np.array([frontier.max_spatial_accuracy(float(a)) for a in accuracy])
    least = np.minimum.accumulate(bound)
    return np.append(accuracy, ceiling), np.append(least, least[-1])
