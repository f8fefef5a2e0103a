"""One network under ever stronger attacks: where no classifier can be no attack leaves it."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.curves import accuracy_axes, outer_curve, shade_impossible
from paper_figures.from_records import wording
from paper_figures.measurements import CONFIDENCE, Row, distinct, estimate, rows
from paper_figures.style import (
    BOUND,
    GUIDE,
    PAGE,
    new_figure,
    sequential_colours,
    styled,
)
from paper_figures.tables import Caption
from simulations.estimates import Estimate
from simulations.records import Record
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.checks import FloatArray, InputError

__all__ = ["Strength", "caption", "draw", "strengths"]


@dataclass(frozen=True)
class Strength:
    """What an attack leaves of the networks, one per seed, and how far that is above the bound.

    Attributes
    ----------
    name : str
    spatial, attacked : tuple of Estimate
        Spatial accuracies, and accuracies under this attack.
    excess : (seeds, 3) floats
        Spatial accuracy minus the bound at the accuracy under attack, with the ends of an interval
        of 95 %, made of exact ones of both accuracies at half the error each.
    """

    name: str
    spatial: tuple[Estimate, ...]
    attacked: tuple[Estimate, ...]
    excess: FloatArray

    @property
    def above(self) -> int:
        """How many networks seem to lie above the bound by more than chance."""
        return int((self.excess[:, 1] > 0.0).sum())


@styled
def draw(record: Record) -> Figure:
    """Draw where a network seems to be, from no attack to that of the theorem.

    Left in the plane of both accuracies, one line for each seed, with the bound; right how far
    above the bound that is, with intervals of 95 %.

    Parameters
    ----------
    record : Record
        Of the experiment ``attack_strength``, on images of the catalogue's default
        setting ``orientation-texture``.
    """
    setting = catalogue.defaults()["orientation-texture"]
    found = strengths(record)
    colours = sequential_colours(len(found))
    figure, (plane, gaps) = new_figure(PAGE, 2.7, columns=2)
    accuracy, bound = outer_curve(setting)
    plane.plot(accuracy, bound, color=BOUND, label="bound")
    shade_impossible(plane, accuracy, bound)
    places = np.array(
        [[(a.value, s.value) for a, s in zip(f.attacked, f.spatial, strict=True)] for f in found]
    )
    for path in places.swapaxes(0, 1):
        plane.plot(*path.T, "-", color=GUIDE, lw=0.6)
    for place, colour in zip(places, colours, strict=True):
        plane.plot(*place.T, "o", color=colour, ms=4)
    plane.text(0.97, 0.97, "no classifier can be here", color=GUIDE, ha="right", va="top",
               transform=plane.transAxes)  # fmt: skip
    accuracy_axes(plane, setting)
    plane.set(xlim=(-0.03, 1.03), ylim=(0.7, 1.02), xlabel="accuracy under the attack")
    _excess(gaps, found, colours)
    return figure


def caption(record: Record) -> Caption:
    """Say how many networks seem to lie above the bound under each attack."""
    setting = catalogue.defaults()["orientation-texture"]
    found = strengths(record)
    measured = rows(record, measure="adversarial")
    seeds = len(measured)
    side = setting.image_shape[0] if setting.image_shape else setting.mixture.dimension
    above = ", ".join(f"{one.name} {one.above}" for one in found)
    first, last = (100 * float(one.excess[:, 0].mean()) for one in (found[0], found[-1]))
    shares = wording.listed(f"{weight:g}" for weight in distinct(measured, "weight"))
    return Caption(
        "A network under ever stronger attacks",
        "Spatial accuracy against the accuracy that an attack leaves (left), and how far this is "
        "above the bound of Theorem 3 (right): PGD of ever more steps, then all gradients with "
        "Auto-PGD (APGD), then the shifts of the theorem as well.",
        f"Images of the setting orientation-texture, {side} × {side} pixels, under quarter turns; "
        f"ℓ∞ attacks of radius ε = {setting.epsilon:g}. {wording.training(record)} They learn a "
        f"mixture of turned images, of weight {shares}, and attacked ones.",
        wording.images(measured),
        wording.seeds(measured),
        "Bars are 95 % intervals over the images of one network, of both accuracies together.",
        "A network above the bound has been attacked too weakly, for no classifier can be there. "
        f"Above it by more than chance, of {seeds}: {above}. In the mean the networks seem to be "
        f"{first:.1f} points above the bound without an attack, and are {abs(last):.1f} points "
        f"{'below' if last < 0 else 'above'} it under the strongest.",
        "Not among the paper's experiments.",
    )


def strengths(record: Record) -> list[Strength]:
    """Return what each attack leaves, weakest first.

    Raises
    ------
    ValueError
        If a measure is missing, or was not taken of the same networks as the others.
    """
    fewer = [
        (
            f"{level:g} step{'s' if level > 1 else ''}",
            rows(record, measure="pgd_steps", level=level),
        )
        for level in sorted(distinct(rows(record, measure="pgd_steps"), "level"))
    ]
    steps = {run["measures"]["steps"] for run in record.config.get("tasks", {}).values()}
    attacks = [
        ("no attack", rows(record, measure="clean")),
        *fewer,
        (f"{max(steps)} steps" if steps else "PGD", rows(record, measure="pgd")),
        ("APGD", rows(record, measure="adversarial_pgd")),
        ("theorem", rows(record, measure="adversarial")),
    ]
    spatial = {row["seed"]: estimate(row) for row in rows(record, measure="spatial")}
    return [_strength(name, spatial, measured) for name, measured in attacks]


def _strength(name: str, spatial: dict[int, Estimate], measured: list[Row]) -> Strength:
    """Compare with the bound, at the estimates and at the ends of their intervals."""
    if {row["seed"] for row in measured} - set(spatial):
        raise InputError(f"rows must measure 'spatial' of every network, got {name} without it")
    setting = catalogue.defaults()["orientation-texture"]
    kept = tuple(spatial[row["seed"]] for row in measured)
    left = tuple(estimate(row) for row in measured)
    level = 1.0 - (1.0 - CONFIDENCE) / 2
    ends = [np.array([(one.value, *one.interval(level)) for one in side]) for side in (kept, left)]
    # the bound falls as the adversarial accuracy grows: both accuracies low, or both high
    excess = ends[0] - pairwise_bound(setting, 1.0 - ends[1]).spatial_accuracy
    return Strength(name, kept, left, excess)


def _excess(axes: Axes, found: list[Strength], colours: list[tuple[float, ...]]) -> None:
    """Draw the excesses over the attacks, the seeds side by side."""
    axes.axhline(0.0, color=BOUND, lw=1.0)
    for place, (one, colour) in enumerate(zip(found, colours, strict=True)):
        seeds = len(one.excess)
        beside = place + 0.09 * (np.arange(seeds) - (seeds - 1) / 2)
        middle, low, high = 100 * one.excess.T
        axes.errorbar(
            beside, middle, [middle - low, high - middle], fmt="o", ms=3, color=colour, elinewidth=1
        )
    top = axes.get_ylim()[1]
    axes.axhspan(0.0, 2 * top, color="#EFEFEF", lw=0, zorder=0)
    axes.set_ylim(top=top)
    axes.set_xticks(range(len(found)), [one.name.replace(" ", "\n") for one in found])
    axes.set_ylabel("spatial accuracy\nabove the bound (points)")
