"""Every recipe and architecture on real images, in probits, beside a line of slope -1."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from paper_figures.curves import probit_axes
from paper_figures.from_records import wording
from paper_figures.measurements import Row, Spread, error_bars, radius
from paper_figures.pooling import Group, groups, handles, name_weights, trained_radius
from paper_figures.style import (
    GUIDE,
    PAGE,
    dataset_label,
    label_line,
    legend_outside,
    network_style,
    new_figure,
    style_of,
    styled,
)
from paper_figures.tables import Caption
from simulations.records import Record
from theory.checks import FloatArray, InputError, shown

__all__ = ["caption", "draw", "front", "title"]

LEAST = 0.002
"""Accuracies below this, and above its mirror image, are drawn at the edge."""
MARGIN = 0.25
"""Space around the measurements, in probits."""
CROWDED = 0.6
"""Share of an axis, in probits, below which measurements are drawn once more, larger."""

Place = tuple[Spread, Spread]

SEQUENTIAL = ("adversarial_then_augmented", "augmented_then_adversarial")

PAPER_CIFAR10 = (
    "On CIFAR-10 the paper reports about 45 % adversarial and 33 % spatial accuracy for PGD "
    "training alone, 36 to 38 % and 53 to 62 % for CuSP."
)


MIXTURES = ("mixture", "mixture_trades")
"""Recipes that train a part of every batch for each accuracy."""
BOTH = ("cusp", "composed", "cusp_trades")
"""Recipes besides mixtures that train for both accuracies all along."""


@styled
def draw(record: Record, longer: Record | None = None) -> Figure:
    """Draw spatial against adversarial accuracy: means over seeds with 95 % intervals.

    Where others are far away, the recipes that train for both accuracies have a second panel.
    Spatial accuracy is that under random rotations of the widest range measured, adversarial
    accuracy that at the radius of training.  The line of slope -1 through the outermost
    network is what the probit law predicts for the front (THEORY.md, section 10); on real
    images the law is a prediction, not a bound.

    Parameters
    ----------
    record : Record
        Of an experiment with measures ``rotation`` and ``adversarial``.
    longer : Record, optional
        Of mixtures trained in as many passes as `composed`; they are drawn instead of the record's
        own, beside what was trained in no fewer.
    """
    record = _in_equal_passes(record, longer)
    chosen = groups(record)
    degrees, epsilon = chosen[0].levels("rotation")[-1], trained_radius(chosen)
    places = {g: (g.at("adversarial", epsilon), g.at("rotation", degrees)) for g in chosen}
    parts = [places, *_crowded(places)]
    single = len(parts) == 1
    size = (0.75 * PAGE, 3.3) if single else (PAGE, 4.2)
    figure, panels = new_figure(*size, columns=len(parts))
    line = front(list(places.values()))
    for axes, part in zip(panels, parts, strict=True):
        drawn = {group: (_drawn(x), _drawn(y)) for group, (x, y) in part.items()}
        probit_axes(axes, *_limits(part))
        for group, (x, y) in drawn.items():
            axes.errorbar(
                x.mean, y.mean, xerr=error_bars([x]), yerr=error_bars([y]),
                elinewidth=0.6, mew=0.9, ms=5.5, **group.marker,
            )  # fmt: skip
        axes.plot(*line, "--", color=GUIDE, lw=0.9, zorder=1)
        axes.set_xlabel(f"adversarial accuracy ($\\ell_\\infty$, $\\epsilon$ = {radius(epsilon)})")
    across, up = line
    visible = (across > panels[0].get_xlim()[0]) & (up < panels[0].get_ylim()[1])
    start = int(np.argmax(visible))
    place = across[start], up[start]
    label_line(panels[0], *place, "slope −1", colour=GUIDE, offset=(-4, -6), ha="right")
    panels[0].set_ylabel(f"accuracy under rotations up to ±{degrees:g}°")
    if not single:
        panels[1].set_title("recipes for both")
    legend_outside(figure, handles(chosen))
    name_weights(figure, panels[-1], drawn)
    return figure


def caption(record: Record, longer: Record | None = None) -> Caption:
    """Say which recipe reaches farthest, and how CuSP compares with the paper's figures."""
    whole, record = record, _in_equal_passes(record, longer)
    chosen = groups(record)
    degrees, epsilon = chosen[0].levels("rotation")[-1], trained_radius(chosen)
    places = {g: (g.at("adversarial", epsilon), g.at("rotation", degrees)) for g in chosen}
    farthest = max(chosen, key=lambda group: _reach(places[group]))
    measured = [
        row
        for row in record.rows
        if (row["measure"], row["level"]) in {("rotation", degrees), ("adversarial", epsilon)}
    ]
    attacked, spatial = places[farthest]
    return Caption(
        title(record, "Mixtures and recipes of as many passes" if longer else "Every recipe"),
        "Spatial against adversarial accuracy on probit axes, with a line of slope −1 through the "
        "network that reaches farthest.",
        f"Random rotations up to ±{degrees:g}°, ℓ∞ attack of radius ε = {radius(epsilon)}; λ, "
        "beside its mark where there is room, is the weight of the rotated part of a mixture. "
        f"{wording.training(record)}{_passes(chosen)}{_left_out(whole, record)}",
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured) + _edges(item for place in places.values() for item in place),
        f"Farthest (probit S + probit A) is {network_style(farthest.network).label}, "
        f"{farthest.label}: {wording.share(spatial.mean)} under rotations, "
        f"{wording.share(attacked.mean)} under attack.{_ahead(places)}{_traces(measured)}",
        _paper(places),
    )


def _in_equal_passes(record: Record, longer: Record | None) -> Record:
    """Return the longer mixtures beside the recipes that need as many passes as `composed`."""
    if longer is None:
        return record
    (tasks, passes), (more, most) = _counted(record), _counted(longer)
    enough = max(most.values())
    others = [
        name
        for name, run in tasks.items()
        if passes[name] >= enough and run["recipe"]["name"] not in MIXTURES
    ]
    kept = {tasks[name]["recipe"]["name"] for name in others}
    return Record(
        longer.experiment,
        {
            "tasks": more | {name: tasks[name] for name in others},
            "passes": most | {name: passes[name] for name in others},
        },
        [*longer.rows, *(row for row in record.rows if row["recipe"] in kept)],
    )


def _counted(record: Record) -> tuple[dict[str, Any], dict[str, float]]:
    """Return the tasks of a record and the passes that each takes."""
    tasks, passes = record.config.get("tasks"), record.config.get("passes")
    if not (
        isinstance(tasks, dict) and isinstance(passes, dict) and tasks and set(tasks) == set(passes)
    ):
        raise InputError(
            f"record {record.experiment!r} must say how many passes each of its tasks takes, got "
            f"{shown(passes)}; run the experiment again"
        )
    return tasks, passes


def _passes(chosen: Sequence[Group]) -> str:
    """Say what training costs, if the record has it."""
    counts = sorted({group.passes for group in chosen if group.passes})
    if not counts:
        return ""
    return (
        f" {counts[0]:g} to {counts[-1]:g} passes, forward and back through the network, for each "
        "training image."
    )


def _left_out(whole: Record, record: Record) -> str:
    """Name the recipes, besides the record's own mixtures, of too few passes to be drawn."""
    kept = {group.recipe for group in groups(record)}
    names = dict.fromkeys(g.look.label for g in groups(whole) if g.recipe not in {*kept, *MIXTURES})
    return f" Left out, of fewer passes: {'; '.join(names)}." if names else ""


def _ahead(places: Mapping[Group, Place]) -> str:
    """Say how often mixtures are ahead of other recipes in both, intervals and all."""
    mixtures = [group for group in places if group.recipe == "mixture"]
    told = []
    for recipe in BOTH:
        rivals = {g.network: places[g] for g in places if g.recipe == recipe}
        ahead = [
            all(wording.moved(*pair) > 0 for pair in zip(rivals[g.network], places[g], strict=True))
            for g in mixtures
            if g.network in rivals
        ]
        if ahead:
            told.append(f"{style_of(recipe).label} in {sum(ahead)} of {len(ahead)}")
    if not told:
        return ""
    return (
        " Mixtures are ahead in both accuracies, with the same network and intervals apart, of "
        f"{wording.listed(told)} comparisons."
    )


def _traces(measured: Sequence[Row]) -> str:
    """Say where exact turns are measured, of images in which a rotation leaves traces."""
    if measured[0]["dataset"] != "cifar10":
        return ""
    return (
        " A rotation smooths natural images and empties their corners, by which a network can tell "
        "a rotated image; the figure turns_cifar10 has turns without these traces."
    )


def title(record: Record, what: str = "Every recipe") -> str:
    """Return what was trained, on what, and at which radius."""
    images = dataset_label(record.rows[0]["dataset"])
    epsilon = radius(trained_radius(groups(record)))
    if record.experiment == "paper_networks":
        what = "The paper's networks"
    return f"{what} on {images}, ε = {epsilon}"


def _paper(places: Mapping[Group, Place]) -> str:
    """Compare CuSP with both sequential orders, on CIFAR-10 also with the paper's figures."""
    cusp = {g.network: _reach(place) for g, place in places.items() if g.recipe == "cusp"}
    rivals = [
        cusp[g.network] > _reach(place)
        for g, place in places.items()
        if g.recipe in SEQUENTIAL and g.network in cusp
    ]
    kinds = {"CuSP": ("cusp",), "the sequential orders": SEQUENTIAL}
    lacking = [
        name for name, recipes in kinds.items() if not any(g.recipe in recipes for g in places)
    ]
    text = (
        "The paper compares CuSP with training for one robustness after the other; missing here: "
        f"{wording.listed(lacking or ['a network trained both ways'])}."
    )
    if rivals:
        text = (
            "The paper proposes CuSP as better than training for one robustness after the other; "
            f"here, by probit S + probit A, it is ahead in {sum(rivals)} of {len(rivals)} "
            "comparisons."
        )
    if next(iter(places)).rows("clean")[0]["dataset"] != "cifar10":
        return text
    ours = [
        f"{network_style(g.network).label}, {g.label}: {wording.share(attacked.mean)} and "
        f"{wording.share(spatial.mean)}"
        for g, (attacked, spatial) in places.items()
        if g.recipe in {"adversarial", "cusp"}
    ]
    return f"{text} {PAPER_CIFAR10} Here: {'; '.join(ours)}." if ours else text


def _reach(place: Place) -> float:
    """Return probit S + probit A."""
    from scipy.special import ndtri

    return float(np.sum(ndtri(_inside([item.mean for item in place]))))


def front(places: Sequence[Place]) -> tuple[FloatArray, FloatArray]:
    """Return the line ``probit(S) + probit(A) = r`` of the network with the largest r."""
    from scipy.special import ndtr

    probits = np.linspace(-4.0, 4.0, 161)
    return np.asarray(ndtr(probits)), np.asarray(ndtr(max(map(_reach, places)) - probits))


def _inside(values: Sequence[float]) -> FloatArray:
    """Return values that have a probit that can be drawn."""
    return np.clip(values, LEAST, 1.0 - LEAST)


def _drawn(item: Spread) -> Spread:
    """Return the mean and the ends of the bar as drawn."""
    mean, lower, upper = _inside([item.mean, item.lower, item.upper])
    return Spread(float(mean), float(lower), float(upper), item.values)


def _edges(measured: Iterable[Spread]) -> str:
    """Say where means that have no probit that can be drawn are, if there are any."""
    means = [item.mean for item in measured]
    low, high = wording.share(LEAST), wording.share(1.0 - LEAST)
    below = f" Accuracies below {low} are drawn at {low}." if min(means) < LEAST else ""
    above = f" Accuracies above {high} are drawn at {high}." if max(means) > 1.0 - LEAST else ""
    return below + above


def _crowded(places: Mapping[Group, Place]) -> list[dict[Group, Place]]:
    """Return those that train for both accuracies if little of the figure is theirs."""
    near = {g: place for g, place in places.items() if g.recipe in (*MIXTURES, *BOTH)}
    if not near:
        return []
    shares = [
        _width(*part) / _width(*whole)
        for part, whole in zip(_limits(near, bars=False), _limits(places, bars=False), strict=True)
    ]
    return [near] if min(shares) < CROWDED else []


def _limits(places: Mapping[Group, Place], *, bars: bool = True) -> list[tuple[float, float]]:
    """Return the ranges of the means and their bars, and some space beside, in probits."""
    from scipy.special import ndtr, ndtri

    limits = []
    for side in range(2):
        items = [pair[side] for pair in places.values()]
        ends = [(item.lower, item.upper) if bars else (item.mean,) for item in items]
        probits = ndtri(_inside([end for pair in ends for end in pair]))
        limits.append((float(ndtr(probits.min() - MARGIN)), float(ndtr(probits.max() + MARGIN))))
    return limits


def _width(low: float, high: float) -> float:
    """Return the width of a range of accuracies, in probits."""
    from scipy.special import ndtri

    return float(ndtri(high) - ndtri(low))
