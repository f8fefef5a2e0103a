"""The networks of a sweep of recipes: one group for each recipe and architecture, over seeds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from paper_figures.measurements import Row, Spread, rows, spread
from paper_figures.style import EXACT, Style, network_style, style_of
from simulations.records import Record

__all__ = [
    "Group",
    "architectures",
    "groups",
    "handles",
    "labels",
    "name_weights",
    "shifts",
    "trained_radius",
]

_MARK, _BAR = 2.8, 0.4
"""Half the width of a mark and of a bar, in points."""
_AROUND = [
    ((distance + 4.0) * math.cos(angle), distance * math.sin(angle))
    for distance in (6.0, 7.5, 9.0, 11.0)
    for angle in (math.pi * turn / 8 for turn in (2, 6, 14, 10, 0, 8, 4, 12, *range(1, 16, 2)))
]
"""Places of the text beside a mark, in points, the best first."""


@dataclass(frozen=True, eq=False)
class Group:
    """The networks of one architecture trained by one recipe, one per seed."""

    record: Record
    network: str
    recipe: str
    weight: float | None

    @property
    def look(self) -> Style:
        """Colour and marker, by recipe."""
        return style_of(self.recipe)

    @property
    def marker(self) -> dict[str, Any]:
        """Matplotlib's options of the marker: colour and form by recipe, filling by network."""
        return {
            "color": self.look.colour,
            "marker": self.look.marker,
            **_filling(self.network, self.look.colour),
        }

    @property
    def label(self) -> str:
        """The recipe, with the weight λ of its spatial part where there is one."""
        return self.look.label if self.weight is None else f"{self.look.label}, λ = {self.weight:g}"

    def rows(self, measure: str, **conditions: object) -> list[Row]:
        """Return the measurements of one kind, of all seeds and levels."""
        own = {"network": self.network, "recipe": self.recipe, "weight": self.weight}
        return rows(self.record, measure=measure, **own, **conditions)

    def at(self, measure: str, level: float) -> Spread:
        """Return a measure at one level, over the seeds."""
        return spread(self.rows(measure, level=level))

    @property
    def passes(self) -> float | None:
        """Passes through the network per training image, if the record has them."""
        counts = self.record.config.get("passes", {})
        return next((float(counts[task]) for task in self.tasks if task in counts), None)

    @property
    def tasks(self) -> dict[str, Any]:
        """The runs of the group by task, as far as the record says what was run."""
        tasks = self.record.config.get("tasks")
        return {
            task: run
            for task, run in (tasks.items() if isinstance(tasks, dict) else ())
            if (run["network"], _recipe(run)) == (self.network, self.recipe)
            and self.weight in {None, run["recipe"].get("weight")}
        }

    def levels(self, measure: str) -> list[float]:
        """Return the levels at which a measure was taken, in increasing order."""
        return sorted({float(row["level"]) for row in self.rows(measure)})


def groups(record: Record) -> list[Group]:
    """Return the groups of a record in order of appearance."""
    names = ("network", "recipe", "weight")
    found = dict.fromkeys(tuple(row[n] for n in names) for row in rows(record, measure="clean"))
    return [Group(record, *values) for values in found]


def trained_radius(chosen: Sequence[Group]) -> float:
    """Return the radius of the attack in training, of those of the test; else their largest."""
    levels = chosen[0].levels("adversarial")
    trained = {row.get("epsilon") for row in chosen[0].record.rows}
    return max((level for level in levels if level in trained), default=levels[-1])


def labels(chosen: Sequence[Group]) -> list[str]:
    """Return the labels of groups, each once: recipes as they appear, weights in order."""
    recipes = list(dict.fromkeys(group.recipe for group in chosen))
    ordered = sorted(chosen, key=lambda group: (recipes.index(group.recipe), group.weight or 0.0))
    return list(dict.fromkeys(group.label for group in ordered))


def handles(chosen: Sequence[Group]) -> list[Line2D]:
    """Return legend entries: one for each recipe, then one for each of several architectures."""
    recipes = {group.recipe: group.look for group in chosen}
    entries = [
        Line2D([], [], ls="", color=item.colour, marker=item.marker, label=item.label)
        for item in recipes.values()
    ]
    return entries + architectures(chosen)


def architectures(chosen: Sequence[Group]) -> list[Line2D]:
    """Return one legend entry for each architecture; none if there is only one."""
    networks = list(dict.fromkeys(group.network for group in chosen))
    return [
        Line2D([], [], ls="", color="black", marker="o", label=network_style(network).label,
               **_filling(network, "black"))
        for network in networks
        if len(networks) > 1
    ]  # fmt: skip


def name_weights(figure: Figure, axes: Axes, drawn: Mapping[Group, tuple[Spread, Spread]]) -> None:
    """Write the weight λ of every mixture beside its mark, where there is room.

    Parameters
    ----------
    figure, axes : matplotlib Figure, Axes
        With all that is to be drawn, legends included.
    drawn : mapping
        Every mark of the axes, across and up, with the ends of its bars.
    """
    figure.draw_without_rendering()  # so that the axes have their place
    point = figure.dpi / 72.0
    inside, taken = axes.get_window_extent(), list[Bbox]()
    lines = [line.get_transform().transform_path(line.get_path()) for line in axes.lines]
    for x, y in drawn.values():
        (left, low), (across, up), (right, high) = axes.transData.transform(
            [(x.lower, y.lower), (x.mean, y.mean), (x.upper, y.upper)]
        )
        taken += [
            Bbox([[across, up], [across, up]]).padded(_MARK * point),
            Bbox([[left, up], [right, up]]).padded(_BAR * point),
            Bbox([[across, low], [across, high]]).padded(_BAR * point),
        ]
    places: dict[Annotation, dict[tuple[float, float], Bbox]] = {}
    for group, (x, y) in drawn.items():
        if group.weight is not None:
            note = axes.annotate(
                f"{group.weight:g}", (x.mean, y.mean), xytext=(0, 0), textcoords="offset points",
                color=group.look.colour, fontsize=5.5, ha="center", va="center",
            )  # fmt: skip
            note.set_in_layout(False)
            box = note.get_window_extent()
            moved = {step: box.translated(point * step[0], point * step[1]) for step in _AROUND}
            places[note] = {
                step: box
                for step, box in moved.items()
                if inside.count_contains(box.get_points()) == 2 and not box.count_overlaps(taken)
            }
    # those with the least room first
    named = list[Bbox]()
    for note in sorted(places, key=lambda note: len(places[note])):
        free = {step: box for step, box in places[note].items() if not box.count_overlaps(named)}
        if not free:
            note.remove()
            continue
        crossed = {
            step: sum(line.intersects_bbox(box, filled=False) for line in lines)
            for step, box in free.items()
        }
        step = min(crossed, key=lambda step: crossed[step])
        note.set_position(step)
        named.append(free[step])


def shifts(chosen: Sequence[Group]) -> dict[str, float]:
    """Return how far beside a common place each architecture is drawn, in units of the places."""
    networks = list(dict.fromkeys(group.network for group in chosen))
    middle = (len(networks) - 1) / 2
    step = 0.34 if len(networks) < 3 else 0.5 / (len(networks) - 1)
    return {network: step * (place - middle) for place, network in enumerate(networks)}


def _filling(network: str, colour: str) -> dict[str, Any]:
    """Return what fills a marker: colour, white, or a half of each."""
    fill = network_style(network).fill
    if fill == "none":
        return {"mfc": "white"}
    return {"mfc": colour, "fillstyle": fill, "markerfacecoloralt": "white"}


def _recipe(run: Mapping[str, Any]) -> str:
    """Return the recipe of a run as rows name it."""
    return f"{run['recipe']['name']}{EXACT if run['recipe'].get('exact') else ''}"
