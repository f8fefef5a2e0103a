"""What recipes keep under rotations by any angle, and under turns that leave no trace."""

from collections.abc import Iterable

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paper_figures.from_records import wording
from paper_figures.measurements import Spread, error_bars, radius
from paper_figures.pooling import Group, groups, handles, name_weights, trained_radius
from paper_figures.style import (
    PAGE,
    dataset_label,
    legend_outside,
    new_figure,
    percent,
    styled,
)
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "draw"]

SPACE = 0.03
"""Beside the outermost marks."""


@styled
def draw(record: Record) -> Figure:
    """Draw accuracy under random rotations, and under exact quarter turns, against that attacked.

    One panel for each; networks trained on exact turns are hollow.  Means over seeds with 95 %
    intervals.

    Parameters
    ----------
    record : Record
        Of an experiment with measures ``rotation``, ``quarter_turn`` and ``adversarial``.
    """
    any_angle, exact = _parts(record)
    figure, panels = new_figure(PAGE, 3.4, columns=2, sharex=True, sharey=True)
    entries = handles(any_angle)
    if exact:
        entries += [
            Line2D([], [], ls="", color="black", marker="o", mfc=fill, label=f"trained on {name}")
            for fill, name in (("black", "any angle"), ("white", "exact quarter turns"))
        ]
    legend_outside(figure, entries)
    for panel, (title, measure, level) in zip(panels, _turned(any_angle), strict=True):
        drawn = {group: _place(group, measure, level) for group in (*any_angle, *exact)}
        for group, (x, y) in drawn.items():
            hollow = {"mfc": "white", "fillstyle": "full"} if group in exact else {}
            panel.errorbar(
                x.mean, y.mean, xerr=error_bars([x]), yerr=error_bars([y]),
                elinewidth=0.6, mew=0.9, ms=5.5, **{**group.marker, **hollow},
            )  # fmt: skip
        panel.set_title(title)
        panel.set_xlabel(f"adversarial accuracy ($\\ell_\\infty$, $\\epsilon$ = {_radius(record)})")
        panel.xaxis.set_major_formatter(percent)
        panel.yaxis.set_major_formatter(percent)
        panel.margins(SPACE)
        name_weights(figure, panel, drawn)
    panels[0].set_ylabel("accuracy under these turns")
    return figure


def caption(record: Record) -> Caption:
    """Say what each recipe keeps of its accuracy where turned images leave no trace."""
    any_angle, exact = _parts(record)
    rotated, turned = ((measure, level) for _, measure, level in _turned(any_angle))
    measured = [
        row for row in record.rows if row["measure"] in {"rotation", "quarter_turn", "adversarial"}
    ]
    return Caption(
        f"Turns that leave no trace on {dataset_label(measured[0]['dataset'])}, "
        f"ε = {_radius(record)}",
        "Accuracy under rotations by a random angle, left, and by 90, 180 or 270 degrees, right, "
        "against adversarial accuracy. A rotation by another angle smooths an image and empties "
        "its corners, and a network can tell by these that the image was turned; a quarter turn "
        "only moves pixels.",
        f"Random rotations up to ±{rotated[1]:g}°, ℓ∞ attack of radius ε = {_radius(record)}; λ is "
        f"the weight of the rotated part of a mixture. {wording.training(record)}",
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured),
        f"Any angle, then exact turns: {_kept(any_angle, rotated, turned)}."
        f"{_ahead(any_angle, rotated, turned)}{_trained(exact, rotated, turned)}",
        "The paper measures under rotations by random angles, and trains CuSP on images that are "
        "turned and then attacked, so that a trace of turning tells nothing of the attack.",
    )


def _parts(record: Record) -> tuple[list[Group], list[Group]]:
    """Return the networks trained on rotations by any angle and those trained on exact turns."""

    def chosen(wanted: bool) -> list[Group]:
        rows = [row for row in record.rows if bool(row.get("exact")) is wanted]
        return groups(Record(record.experiment, record.config, rows)) if rows else []

    return chosen(False), chosen(True)


def _turned(chosen: list[Group]) -> tuple[tuple[str, str, float], tuple[str, str, float]]:
    """Return name, measure and level of both kinds of turns."""
    widest = chosen[0].levels("rotation")[-1]
    return (
        (f"random rotations up to ±{widest:g}°", "rotation", widest),
        ("exact quarter turns", "quarter_turn", 0.0),
    )


def _place(group: Group, measure: str, level: float) -> tuple[Spread, Spread]:
    """Return adversarial accuracy and that under turns."""
    return group.at("adversarial", trained_radius([group])), group.at(measure, level)


def _radius(record: Record) -> str:
    return radius(trained_radius(groups(record)))


def _kept(chosen: Iterable[Group], rotated: tuple[str, float], turned: tuple[str, float]) -> str:
    """Return both accuracies of each network."""
    return "; ".join(
        f"{group.label}: {wording.share(group.at(*rotated).mean)} and "
        f"{wording.share(group.at(*turned).mean)}"
        for group in chosen
    )


def _ahead(chosen: list[Group], rotated: tuple[str, float], turned: tuple[str, float]) -> str:
    """Say of how many mixtures are ahead of the composed recipe in both, by kind of turn."""
    rivals = [group for group in chosen if group.recipe == "composed"]
    mixtures = [group for group in chosen if group.recipe == "mixture"]
    if not (rivals and mixtures):
        return ""
    counts = []
    for turns in (rotated, turned):
        rival = _place(rivals[0], *turns)
        counts.append(
            sum(
                all(wording.moved(*pair) > 0 for pair in zip(rival, _place(g, *turns), strict=True))
                for g in mixtures
            )
        )
    return (
        " Ahead of composed training in both accuracies, intervals apart, are "
        f"{counts[0]} of {len(mixtures)} mixtures under any angle, {counts[1]} under exact turns."
    )


def _trained(exact: list[Group], rotated: tuple[str, float], turned: tuple[str, float]) -> str:
    """Say what training on exact turns brings."""
    return f" Trained on exact turns: {_kept(exact, rotated, turned)}." if exact else ""
