"""Distance to the decision boundary: rotations in training bring it closer."""

from matplotlib.figure import Figure

from paper_figures.groups import Group, architectures, groups
from paper_figures.measurements import student
from paper_figures.style import PAGE, canvas, styled
from simulations.records import Record

__all__ = ["distance", "draw"]


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
    figure, (axes,) = canvas(PAGE * 0.75, 0.21 * len(labels) + 0.7)
    for group in chosen:
        mean, half = distance(group)
        shift = 0.12 if group.network == networks[0] else -0.12
        axes.errorbar(
            mean, labels.index(group.label) - shift, xerr=half, color=group.look.colour,
            marker=group.look.marker, mfc=group.face, elinewidth=0.8, mew=0.9,
        )  # fmt: skip
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("mean $\\ell_\\infty$ distance to the decision boundary (pixel units)")
    if len(networks) > 1:
        figure.legend(handles=architectures(chosen), loc="outside upper right", ncols=len(networks))
    return figure


def distance(group: Group) -> tuple[float, float]:
    """Return the mean over seeds and half its 95 % interval.

    Of several seeds the interval is Student's over the seeds; of one it is that of the mean
    over the images, two standard errors wide on each side.

    Raises
    ------
    ValueError
        If no boundary was found for any image of a network.
    """
    found = group.rows("boundary_distance")
    if any("mean" not in row for row in found):
        raise ValueError(f"rows of {group.label} must have a mean distance, got none found")
    if len(found) > 1:
        return student([row["mean"] for row in found])
    (row,) = found
    return float(row["mean"]), 1.96 * float(row["std"]) / float(row["successes"]) ** 0.5
