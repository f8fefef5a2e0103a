"""Curves over what varies in training, one network per value and seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.measurements import (
    Row,
    Spread,
    by_network,
    distinct,
    error_bars,
    radius,
    rows,
    spread,
)
from paper_figures.style import (
    PAGE,
    dataset_label,
    network_style,
    new_figure,
    percent,
    sequential_colours,
)
from simulations.records import Record

__all__ = ["Curve", "accuracies", "measured", "range_axes", "says"]

VARIED = {
    "degrees": "largest rotation in training (degrees)",
    "epsilon": "radius $\\epsilon$ of the attack in training",
}
"""Columns of rows that say what varies in training, and the names of their axes."""

MEASURES: dict[str, tuple[str, Callable[[float], str]]] = {
    "rotation": ("accuracy under rotations", lambda level: f"up to ±{level:g}°"),
    "invariance_rotation": ("rate of invariance under rotations", lambda x: f"up to ±{x:g}°"),
    "translation": ("accuracy under translations", lambda level: f"up to {level:g} px"),
    "adversarial": ("adversarial accuracy", lambda level: f"$\\epsilon$ = {radius(level)}"),
}
"""What the panels show, and how levels of it are called."""


@dataclass(frozen=True)
class Curve:
    """A measure at each value of what varies in training, over the seeds."""

    ranges: tuple[float, ...]
    spreads: tuple[Spread, ...]

    @classmethod
    def of(
        cls,
        measured: Sequence[Row],
        summary: Callable[[Sequence[Row]], Spread],
        varied: str = "degrees",
    ) -> Self:
        """Summarise the rows of each value of the column ``varied``."""
        ranges = tuple(sorted(distinct(measured, varied)))
        spreads = (summary([row for row in measured if row[varied] == r]) for r in ranges)
        return cls(ranges, tuple(spreads))

    def draw(
        self, axes: Axes, name: str, *, colour: str | tuple[float, ...], marker: str = "o"
    ) -> None:
        """Draw means with 95 % intervals and a dot per seed.

        `name` is the curve's entry in a legend.
        """
        for position, item in zip(self.ranges, self.spreads, strict=True):
            places = [position] * len(item.values)
            axes.plot(places, item.values, ".", color=colour, ms=3, alpha=0.5)
        means = [item.mean for item in self.spreads]
        axes.errorbar(
            self.ranges, means, error_bars(self.spreads), color=colour, marker=marker, label=name,
            elinewidth=1,
        )  # fmt: skip


def range_axes(axes: Axes, ranges: Sequence[float], varied: str = "degrees") -> None:
    """Name the horizontal axis and mark the values in training on it."""
    axes.set_xlabel(VARIED[varied])
    axes.set_xticks(ranges)


def accuracies(record: Record, varied: str) -> Figure:
    """Draw each of `MEASURES` in a panel, with a curve for each level of it and network."""
    figure, panels = new_figure(PAGE, 4.8, rows=2, columns=2)
    networks = distinct(record.rows, "network")
    for axes, (measure, (title, called)) in zip(panels, MEASURES.items(), strict=True):
        levels = [x for x in sorted(distinct(rows(record, measure=measure), "level")) if x > 0.0]
        for level, colour in zip(levels, sequential_colours(len(levels)), strict=True):
            for network, own in by_network(rows(record, measure=measure, level=level)):
                curve = Curve.of(own, spread, varied)
                look = network_style(network)
                label = called(level) if len(networks) == 1 else f"{called(level)}, {look.label}"
                curve.draw(axes, label, colour=colour, marker=look.marker)
                range_axes(axes, curve.ranges, varied)
        axes.set(title=title, ylabel=f"share of {dataset_label(record.rows[0]['dataset'])} images")
        axes.set_ylim(0, 1.03)
        axes.yaxis.set_major_formatter(percent)
        # accuracies under transformations stay high, those under attack may be anywhere
        columns = 2 if len(levels) > 4 else 1
        if measure == "adversarial":
            axes.legend(loc="best", ncols=columns)
        else:
            axes.legend(loc="lower right", ncols=columns)
    return figure


def measured(record: Record) -> list[Row]:
    """Return the rows that `accuracies` draws."""
    return [row for row in record.rows if row["measure"] in MEASURES]


def says(record: Record, varied: str, over: str, *, spatial: int) -> tuple[str, list[bool | None]]:
    """Tell how accuracies move from one end of the training to the other, for each network.

    Parameters
    ----------
    record : Record
    varied : str
        Of `VARIED`.
    over : str
        What varies, with ``{}`` for its last value.
    spatial : int
        1 if the accuracy under rotations is found to rise and the adversarial one to fall, else
        -1.

    Returns
    -------
    tuple
        The sentences, and for each measurement whether it agrees, or None where it is undecided.
    """
    sentences: list[str] = []
    agreed: list[bool | None] = []
    for network, own in by_network(record.rows):
        ends = {}
        for measure, side in (("rotation", -1), ("translation", -1), ("adversarial", 0)):
            found = [row for row in own if row["measure"] == measure]
            level = sorted(distinct(found, "level"))[side]
            curve = Curve.of([row for row in found if row["level"] == level], spread, varied)
            ends[measure] = (level, curve.spreads[0], curve.spreads[-1])
        for measure, sign in (("rotation", spatial), ("adversarial", -spatial)):
            move = wording.moved(*ends[measure][1:]) * sign
            agreed.append(None if move == 0 else move > 0)
        (turn, *turned), (pixels, *shifted), (epsilon, *attacked) = ends.values()
        sentences.append(
            f"{wording.opening(network)}: {over.format(f'{curve.ranges[-1]:g}')}, accuracy under "
            f"rotations up to ±{turn:g}° {wording.both(*turned)}, under translations up to "
            f"{pixels:g} pixels it {wording.both(*shifted)}, adversarial accuracy at ε = "
            f"{radius(epsilon)} {wording.both(*attacked)}."
        )
    return " ".join(sentences), agreed
