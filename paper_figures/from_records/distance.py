"""MNIST: as the training range of rotations grows, the decision boundary comes closer."""

from typing import Any

from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.from_records.boundary import mean_distance
from paper_figures.from_records.ranges import Curve, range_axes
from paper_figures.measurements import by_network, rows
from paper_figures.style import (
    COLUMN,
    dataset_label,
    network_style,
    new_figure,
    sequential_colours,
    style_of,
    styled,
)
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "draw"]


@styled
def draw(record: Record) -> Figure:
    """Draw the mean l_inf distance to the boundary against the training range.

    Mean over seeds, 95 % interval, each seed: the explanation that Kamath et al. (2021) give
    for the fall of the adversarial accuracy.

    Parameters
    ----------
    record : Record
        Of the experiment ``mnist_rotation``, with the measure ``boundary_distance``.
    """
    figure, (axes,) = new_figure(COLUMN, 2.5)
    families = by_network(rows(record, measure="boundary_distance"))
    colours: list[Any] = list(sequential_colours(len(families)))
    if len(families) == 1:
        colours = [style_of("augmented").colour]
    for (network, measured), colour in zip(families, colours, strict=True):
        curve = Curve.of(measured, mean_distance)
        look = network_style(network)
        curve.draw(axes, look.label, colour=colour, marker=look.marker)
        range_axes(axes, curve.ranges)
    if len(families) > 1:
        axes.legend()
    axes.set_ylabel("mean $\\ell_\\infty$ distance\nto the decision boundary")
    axes.set_ylim(bottom=0)
    return figure


def caption(record: Record) -> Caption:
    """Say how far the boundary comes closer over the training ranges."""
    measured = rows(record, measure="boundary_distance")
    sentences: list[str] = []
    agreed: list[bool | None] = []
    for network, own in by_network(measured):
        curve = Curve.of(own, mean_distance)
        first, last = curve.spreads[0], curve.spreads[-1]
        agreed.append(wording.moved(first, last) < 0 or None)
        sentences.append(
            f"{wording.opening(network)}: {first.mean:.3f} without rotations in training, "
            f"{last.mean:.3f} with rotations up to ±{curve.ranges[-1]:g}°."
        )
    return Caption(
        "Distance to the decision boundary against rotations in training",
        "Mean ℓ∞ distance from a test image to the decision boundary as the largest rotation in "
        "training grows, in units of pixels from 0 to 1.",
        f"{dataset_label(measured[0]['dataset'])}. {wording.training(record)}",
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured) + " Dots are single seeds.",
        " ".join(sentences),
        f"The paper finds that the boundary comes closer: {wording.verdict(agreed)}.",
    )
