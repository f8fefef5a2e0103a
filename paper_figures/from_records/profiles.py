"""What each recipe keeps as rotations widen and attacks grow: the profiles of the networks."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paper_figures.from_records import wording
from paper_figures.measurements import distinct, error_bars, radius
from paper_figures.pooling import Group, groups
from paper_figures.style import PAGE, dataset_label, network_style, new_figure, percent, styled
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "draw"]

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
    chosen = _drawn(record)
    networks = distinct(({"network": group.network} for group in chosen), "network")
    figure, axes = new_figure(PAGE, 2.1 * len(networks) + 0.4, rows=len(networks), columns=3)
    for index, panel in enumerate(axes):
        row, column = divmod(index, len(PANELS))
        measure, name, levels = PANELS[column]
        for group in chosen:
            if group.network == networks[row]:
                _line(panel, group, measure)
        panel.set(ylabel=name, ylim=(0, 1.03))
        if not column:
            panel.set_title(network_style(networks[row]).label)
        panel.yaxis.set_major_formatter(percent)
        ticks = [0, 60, 120, 180] if column < 2 else [0, *chosen[0].levels(measure)]
        panel.set_xticks(ticks, [radius(tick) for tick in ticks])
        if row == len(networks) - 1:
            panel.set_xlabel(levels)
    recipes = {group.recipe: group.look for group in chosen}
    entries = [
        Line2D([], [], color=item.colour, marker=item.marker, lw=0.9, label=item.label)
        for item in recipes.values()
    ]
    figure.legend(handles=entries, loc="outside upper center", ncols=5)
    return figure


def caption(record: Record) -> Caption:
    """Say who keeps most under the widest rotations and under the strongest attack."""
    chosen = _drawn(record)
    measured = [row for row in record.rows if row["measure"] in {name for name, *_ in PANELS}]
    dataset, best = dataset_label(measured[0]["dataset"]), []
    for measure, name, _ in PANELS[::2]:
        level = chosen[0].levels(measure)[-1]
        most = max(chosen, key=lambda g: g.at(measure, level).mean)
        where = f"±{level:g}°" if measure == "rotation" else f"ε = {radius(level)}"
        best.append(
            f"{name} at {where}: {wording.share(most.at(measure, level).mean)} "
            f"({network_style(most.network).label}, {most.label})"
        )
    return Caption(
        f"What each recipe keeps on {dataset} as rotations widen and attacks grow",
        "Accuracy and rate of invariance against the range of random rotations, adversarial "
        "accuracy against the radius; one row for each network, one line for each recipe. Of "
        "mixtures, the one that weighs both parts equally.",
        f"{dataset}. {wording.training(record)}",
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured),
        f"Highest: {'; '.join(best)}.",
        "The paper varies the range of training instead; its finding is compared in the figures of "
        "training ranges.",
    )


def _drawn(record: Record) -> list[Group]:
    return [group for group in groups(record) if group.weight in (None, 0.5)]


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
