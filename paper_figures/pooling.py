"""The networks of a sweep of recipes: one group for each recipe and architecture, over seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.lines import Line2D

from paper_figures.measurements import Row, Spread, rows, spread
from paper_figures.style import Style, network_style, style_of
from simulations.records import Record

__all__ = ["Group", "architectures", "groups", "handles", "labels", "shifts", "trained_radius"]


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
        for task, count in self.record.config.get("passes", {}).items():
            run = self.record.config["tasks"][task]
            own = run["network"], run["recipe"]["name"], run["recipe"]["weight"]
            if own == (self.network, self.recipe, own[2] if self.weight is None else self.weight):
                return float(count)
        return None

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
