"""What recipes keep where turned images show traces of turning, and where they show none."""

from collections.abc import Iterable

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paper_figures.from_records import wording
from paper_figures.measurements import Spread, error_bars, radius
from paper_figures.pooling import Group, groups, handles, name_weights, trained_radius
from paper_figures.style import (
    EXACT,
    PAGE,
    dataset_label,
    legend_outside,
    new_figure,
    percent,
    style_of,
    styled,
)
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "draw"]

MEASURE = "quarter_turn"

Place = tuple[Spread, Spread]


@styled
def draw(record: Record) -> Figure:
    """Draw accuracy under quarter turns, and a little beyond, against that under attack.

    Left images are turned by up to ten degrees more, right exactly; networks trained on exact
    turns are hollow.  Means over seeds with 95 % intervals.

    Parameters
    ----------
    record : Record
        Of an experiment with measures ``quarter_turn`` and ``adversarial``.
    """
    chosen = groups(record)
    figure, panels = new_figure(PAGE, 3.4, columns=2, sharex=True, sharey=True)
    legend_outside(figure, _entries(chosen))
    exactly, beyond = chosen[0].levels(MEASURE)
    titles = {beyond: f"turned by a quarter and up to {beyond:g}° more", exactly: "exactly"}
    drawn = {level: {group: _place(group, level) for group in chosen} for level in titles}
    for panel, (level, title) in zip(panels, titles.items(), strict=True):
        for group, (x, y) in drawn[level].items():
            hollow = {"mfc": "white", "fillstyle": "full"} if _exact(group) else {}
            panel.errorbar(
                x.mean, y.mean, xerr=error_bars([x]), yerr=error_bars([y]),
                elinewidth=0.6, mew=0.9, ms=5.5, **{**group.marker, **hollow},
            )  # fmt: skip
        panel.set_title(title)
        panel.set_xlabel(f"adversarial accuracy ($\\ell_\\infty$, $\\epsilon$ = {_radius(chosen)})")
        panel.xaxis.set_major_formatter(percent)
        panel.yaxis.set_major_formatter(percent)
    panels[0].set_ylabel("accuracy")
    for panel, places in zip(panels, drawn.values(), strict=True):
        name_weights(figure, panel, places)
    return figure


def caption(record: Record) -> Caption:
    """Say what each recipe keeps of its accuracy where turned images show no traces."""
    chosen = groups(record)
    exactly, beyond = chosen[0].levels(MEASURE)
    measured = [row for row in record.rows if row["measure"] in {MEASURE, "adversarial"}]
    images = dataset_label(measured[0]["dataset"])
    kept = "; ".join(
        f"{group.label}: {wording.share(group.at(MEASURE, beyond).mean)} and "
        f"{wording.share(group.at(MEASURE, exactly).mean)}"
        for group in chosen
    )
    return Caption(
        f"Turned images with traces of turning and without, {images}, ε = {_radius(chosen)}",
        f"Accuracy of images turned by 90, 180 or 270 degrees, left by up to {beyond:g} degrees "
        "more, against adversarial accuracy. The few degrees smooth an image and empty its "
        "corners, and a network can tell by these that it was turned; a quarter turn only moves "
        "pixels. Networks were trained on rotations by any angle"
        f"{', the hollow ones on exact turns' if any(map(_exact, chosen)) else ''}.",
        f"ℓ∞ attack of radius ε = {_radius(chosen)}; λ is the weight of the rotated part of a "
        f"mixture. {wording.training(record)}",
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured),
        f"With traces and without: {kept}.{_ahead(chosen, beyond, exactly)}",
        "The paper rotates by random angles, and trains CuSP on images that are rotated and then "
        "attacked, so that traces of turning tell nothing of the attack.",
    )


def _exact(group: Group) -> bool:
    return group.recipe.endswith(EXACT)


def _entries(chosen: list[Group]) -> list[Line2D]:
    """Return legend entries of the recipes and, if there are any, of training on exact turns."""
    entries = handles([group for group in chosen if not _exact(group)] or chosen)
    if any(map(_exact, chosen)):
        entries += [
            Line2D([], [], ls="", color="black", marker="o", mfc=fill, label=f"trained on {name}")
            for fill, name in (("black", "any angle"), ("white", "exact turns"))
        ]
    return entries


def _place(group: Group, level: float) -> Place:
    """Return adversarial accuracy and that under turns."""
    return group.at("adversarial", trained_radius([group])), group.at(MEASURE, level)


def _radius(chosen: list[Group]) -> str:
    return radius(trained_radius(chosen))


def _ahead(chosen: list[Group], beyond: float, exactly: float) -> str:
    """Say how many mixtures are ahead of composed training on the same turns, in both."""
    told = []
    for end, turns, level in (
        ("", "by any angle, with traces", beyond),
        ("", "by any angle, without", exactly),
        (EXACT, "exactly, without", exactly),
    ):
        rivals = [_place(group, level) for group in chosen if group.recipe == f"composed{end}"]
        mixtures = [_place(group, level) for group in chosen if group.recipe == f"mixture{end}"]
        if rivals and mixtures:
            told.append(f"{_leading(mixtures, rivals[0])} of {len(mixtures)} trained {turns}")
    if not told:
        return ""
    return (
        f" Mixtures ahead of {style_of('composed').label} training on the same turns in both "
        f"accuracies, intervals apart: {'; '.join(told)}."
    )


def _leading(mixtures: Iterable[Place], rival: Place) -> int:
    return sum(
        all(wording.moved(*pair) > 0 for pair in zip(rival, place, strict=True))
        for place in mixtures
    )
