"""What each recipe keeps as rotations widen and attacks grow: the profiles of the networks."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paper_figures.measurements import distinct, error_bars
from paper_figures.pooling import Group, groups
from paper_figures.style import PAGE, new_figure, percent, styled
from simulations.records import Record

__all__ = ["draw"]

PANELS = (
    ("rotation", "accuracy", "random rotation up to ± (degrees)"),
    ("invariance_rotation", "rate of invariance", "random rotation up to ± (degrees)"),
    ("adversarial", "adversarial accuracy", "$\\ell_\\infty$ attack, radius $\\epsilon$"),
)


@styled
def draw(record: Record) -> Figure:
    """Draw accuracy and rate of invariance against the range, adversarial accuracy
    against the radius.

    One row per architecture, one line per recipe: means over seeds with 95 % intervals.  Of
    mixtures, which differ in weight, the one that weighs both parts equally is drawn.

    Parameters
    ----------
    record : Record
        Of an experiment with measures ``clean``, ``rotation``, ``invariance_rotation`` and
        ``adversarial`` at several levels.
    """
    chosen = [group for group in groups(record) if group.weight in (None, 0.5)]
    networks = distinct(({"network": group.network} for group in chosen), "network")
    figure, axes = new_figure(PAGE, 2.1 * len(networks) + 0.4, rows=len(networks), columns=3)
    for index, panel in enumerate(axes):
        row, column = divmod(index, len(PANELS))
        measure, name, levels = PANELS[column]
        for group in chosen:
            if group.network == networks[row]:
                _line(panel, group, measure)
        panel.set(ylabel=f"{name}, {networks[row]}" if not column else name, ylim=(0, 1.03))
        panel.yaxis.set_major_formatter(percent)
        panel.set_xticks(range(0, 181, 60) if column < 2 else [0, *chosen[0].levels(measure)])
        if row == len(networks) - 1:
            panel.set_xlabel(levels)
    recipes = {group.recipe: group.look for group in chosen}
    entries = [
        Line2D([], [], color=item.colour, marker=item.marker, lw=0.9, label=item.label)
        for item in recipes.values()
    ]
    figure.legend(handles=entries, loc="outside upper center", ncols=5)
    return figure


def _line(axes: Axes, group: Group, measure: str) -> None:
    """Draw one measure of one group; an attack of radius 0 changes nothing."""
    levels = group.levels(measure)
    spreads = [group.at(measure, level) for level in levels]
    if measure == "adversarial":
        levels, spreads = [0.0, *levels], [group.at("clean", 0.0), *spreads]
    axes.errorbar(
        levels, [item.mean for item in spreads], error_bars(spreads), color=group.look.colour,
        marker=group.look.marker, ms=3.5, lw=0.9, elinewidth=0.5,
    )  # fmt: skip
