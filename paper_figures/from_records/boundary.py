"""Distance to the decision boundary: rotations in training bring it closer."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.measurements import Row, Spread, error_bars, rows, summarise
from paper_figures.pooling import Group, architectures, groups, labels, shifts
from paper_figures.style import PAGE, dataset_label, network_style, new_figure, styled
from paper_figures.tables import Caption
from simulations.records import Record
from theory.checks import InputError

__all__ = ["caption", "distance", "draw", "mean_distance"]


@styled
def draw(record: Record) -> Figure:
    """Draw the mean l_inf distance to the boundary of every group, with 95 % intervals.

    Parameters
    ----------
    record : Record
        Of an experiment with the measure ``boundary_distance``, whose rows have a ``mean``.
    """
    chosen = groups(record)
    names = labels(chosen)
    beside = shifts(chosen)
    figure, (axes,) = new_figure(PAGE * 0.75, 0.21 * len(names) + 0.7)
    for group in chosen:
        found = distance(group)
        place, bars = names.index(group.label) + beside[group.network], error_bars([found])
        axes.errorbar(found.mean, place, xerr=bars, elinewidth=0.8, mew=0.9, **group.marker)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel("mean $\\ell_\\infty$ distance to the decision boundary (pixel units)")
    if len(beside) > 1:
        figure.legend(handles=architectures(chosen), loc="outside upper right", ncols=2)
    return figure


def caption(record: Record) -> Caption:
    """Say whose boundary is farthest, and whether rotations in training bring it closer."""
    chosen = groups(record)
    found = {group: distance(group) for group in chosen}
    far, near = (pick(chosen, key=lambda g: found[g].mean) for pick in (max, min))
    natural = {g.network: found[g] for g in chosen if g.recipe == "natural"}
    agreed: list[bool | None] = [
        sign < 0 or (None if sign == 0 else False)
        for g in chosen
        if g.recipe == "augmented" and g.network in natural
        for sign in [wording.moved(natural[g.network], found[g])]
    ]
    measured = rows(record, measure="boundary_distance")
    ends = (
        f"{name}: {found[g].mean:.3f} ({network_style(g.network).label}, {g.label})"
        for name, g in (("Farthest", far), ("nearest", near))
    )
    return Caption(
        "Distance to the decision boundary, by recipe",
        "Mean ℓ∞ distance from a test image to the decision boundary, in units of pixels from 0 "
        "to 1.",
        f"{dataset_label(measured[0]['dataset'])}. {wording.training(record)}",
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured),
        f"{'; '.join(ends)}.",
        "The paper finds that rotations in training bring the boundary closer: "
        f"{wording.verdict(agreed)} (augmented against natural training).",
    )


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
