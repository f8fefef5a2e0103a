"""Distance to the decision boundary: rotations in training bring it closer."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from paper_figures.measurements import Row, Spread, error_bars, summarise
from paper_figures.pooling import Group, architectures, groups
from paper_figures.style import PAGE, new_figure, styled
from simulations.records import Record
from theory.checks import InputError

__all__ = ["distance", "draw", "mean_distance"]


@styled
def draw(record: Record) -> Figure:
    """Draw the mean l_inf distance to the boundary of every group, with 95 % intervals.

    Parameters
    ----------
    record : Record
        Of an experiment with the measure ``boundary_distance``, whose rows have a ``mean``.
    """
    chosen = groups(record)
    labels = list(dict.fromkeys(group.label for group in chosen))
    networks = list(dict.fromkeys(group.network for group in chosen))
    figure, (axes,) = new_figure(PAGE * 0.75, 0.21 * len(labels) + 0.7)
    for group in chosen:
        found = distance(group)
        shift = 0.12 if group.network == networks[0] else -0.12
        place, bars = labels.index(group.label) - shift, error_bars([found])
        axes.errorbar(
            found.mean, place, xerr=bars, color=group.look.colour, marker=group.look.marker,
            mfc=group.face, elinewidth=0.8, mew=0.9,
        )  # fmt: skip
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("mean $\\ell_\\infty$ distance to the decision boundary (pixel units)")
    if len(networks) > 1:
        figure.legend(handles=architectures(chosen), loc="outside upper right", ncols=len(networks))
    return figure


def distance(group: Group) -> Spread:
    """Return the mean distance of the networks of a group, as `mean_distance` has it."""
    return mean_distance(group.rows("boundary_distance"))


def mean_distance(measured: Sequence[Row]) -> Spread:
    """Return the mean distance over seeds with its 95 % interval (`measurements.summarise`).

    A seed's own interval is that of the mean over its images, 1.96 standard errors each way.

    Raises
    ------
    ValueError
        If no boundary was found for any image of a network.
    """
    for row in measured:
        if "mean" not in row:
            raise InputError(f"rows of {row['recipe']} must have a mean distance, got none found")
    errors = [1.96 * float(row["std"]) / float(row["successes"]) ** 0.5 for row in measured]
    means = [float(row["mean"]) for row in measured]
    intervals = [(m - error, m + error) for m, error in zip(means, errors, strict=True)]
    found = summarise(means, intervals)
    return Spread(found.mean, max(found.lower, 0.0), found.upper, found.values)
