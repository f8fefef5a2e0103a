"""MNIST: as the training range of rotations grows, spatial accuracy rises, adversarial falls."""

from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.from_records.ranges import Curve, range_axes
from paper_figures.measurements import by_network, distinct, radius, rows, spread
from paper_figures.style import (
    PAGE,
    dataset_label,
    network_style,
    new_figure,
    percent,
    sequential_colours,
    styled,
)
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw accuracies against the training range: mean over seeds, 95 % interval, each seed.

    On the left under random rotations, one curve for each test range; on the right under attack,
    one for each radius.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_rotation``: the measures ``rotation`` and ``adversarial``, with
        the training range in degrees.
    """
    figure, panels = new_figure(PAGE, 2.7, columns=2)
    networks = distinct(record.rows, "network")
    titles = {"rotation": "under rotations", "adversarial": "under $\\ell_\\infty$ attack"}
    for axes, (measure, title) in zip(panels, titles.items(), strict=True):
        levels = sorted(distinct(rows(record, measure=measure), "level"))
        for level, colour in zip(levels, sequential_colours(len(levels)), strict=True):
            name = f"$\\epsilon$ = {radius(level)}"
            if measure == "rotation":
                name = f"rotated by up to ±{level:g}°"
            for network, measured in by_network(rows(record, measure=measure, level=level)):
                curve = Curve.of(measured, spread)
                look = network_style(network)
                label = name if len(networks) == 1 else f"{name}, {look.label}"
                curve.draw(axes, label, colour=colour, marker=look.marker)
                range_axes(axes, curve.ranges)
        axes.set(
            title=title,
            ylabel=f"accuracy on {dataset_label(record.rows[0]['dataset'])}",
            ylim=(0, 1.03),
        )
        axes.yaxis.set_major_formatter(percent)
        axes.legend(loc="lower right" if measure == "rotation" else "upper right")
    return figure


def caption(record: Record) -> Caption:
    """Say how both accuracies move from the narrowest to the widest training range."""
    sentences: list[str] = []
    agreed: list[bool | None] = []
    for network, own in by_network(record.rows):
        ends = {}
        for measure, side in (("rotation", -1), ("adversarial", 0)):
            measured = [row for row in own if row["measure"] == measure]
            level = sorted(distinct(measured, "level"))[side]
            curve = Curve.of([row for row in measured if row["level"] == level], spread)
            ends[measure] = (level, curve.spreads[0], curve.spreads[-1])
            sign = 1 if measure == "rotation" else -1
            agreed.append(wording.moved(*ends[measure][1:]) * sign > 0 or None)
        (turn, *spatial), (epsilon, *attacked) = ends.values()
        sentences.append(
            f"{wording.opening(network)}: from training without rotations to ±"
            f"{curve.ranges[-1]:g}°, accuracy under rotations up to ±{turn:g}° "
            f"{wording.both(*spatial)}, adversarial accuracy at ε = {radius(epsilon)} "
            f"{wording.both(*attacked)}."
        )
    both = [row for row in record.rows if row["measure"] in {"rotation", "adversarial"}]
    return Caption(
        "Rotations in training against adversarial accuracy",
        "Accuracy under random rotations (left) and under attack (right) as the largest rotation "
        "in training grows.",
        f"{dataset_label(both[0]['dataset'])}. {wording.training(record)}",
        wording.images(both),
        wording.seeds(both),
        wording.bars(both) + " Dots are single seeds.",
        " ".join(sentences),
        f"The paper finds that the first rises and the second falls: {wording.verdict(agreed)}.",
    )
