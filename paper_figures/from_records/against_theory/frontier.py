"""Trained networks against the frontier that theory allows, on images it describes exactly."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker
from matplotlib.transforms import Bbox

from paper_figures.curves import accuracy_axes, inner_curve, outer_curve, shade_impossible
from paper_figures.from_records import wording
from paper_figures.measurements import CONFIDENCE, Row, distinct, estimate, rows
from paper_figures.pooling import Group, handles
from paper_figures.style import (
    BOUND,
    COLUMN,
    FAILED,
    GUIDE,
    INNER,
    PAGE,
    label_line,
    network_style,
    new_figure,
    styled,
)
from paper_figures.tables import Caption
from simulations.records import Record
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.checks import InputError
from theory.confidence import upper_limit
from theory.frontiers.measurements import check_measurements
from theory.setting.setting import Setting

__all__ = ["caption", "draw", "failed_attacks", "pairs"]

Pair = tuple[Row, Row]

INSIDE = 4
"""More recipes than this are named beside the axes."""
_HIDDEN = 7.0
"""Marks nearer than this, in points, hide each other."""


@styled
def draw(record: Record) -> Figure:
    """Draw the outer bound, the halfspace curve, and the measured (A, S) of every network.

    Bars are exact 95 % intervals.  A network above the bound by more than chance allows is
    crossed out in red: no classifier can be there, so its attack was too weak (THEORY.md,
    section 11).

    Parameters
    ----------
    record : Record
        Of the experiment ``orientation_texture``: measures ``spatial`` and ``adversarial`` of
        networks on images of the catalogue's default setting.

    Raises
    ------
    ValueError
        If the attack was measured at another radius than the setting's.
    """
    setting = catalogue.defaults()["orientation-texture"]
    networks = pairs(record, setting)
    wide = len(distinct((row for row, _ in networks), "recipe")) > INSIDE
    figure, (axes,) = new_figure(PAGE * 0.72 if wide else COLUMN, 2.9)
    accuracy, bound = outer_curve(setting)
    (outer,) = axes.plot(accuracy, bound, color=BOUND, label="outer bound")
    shade_impossible(axes, accuracy, bound)
    (inner,) = axes.plot(*inner_curve(setting), "--", color=INNER, label="halfspaces, exact")
    axes.text(0.97, 0.97, "no classifier can be here", color=GUIDE, ha="right")
    for spatial, attacked in networks:
        _network(axes, _group(record, spatial), spatial, attacked)
    for spatial, attacked in failed_attacks(setting, networks):
        _cross_out(axes, spatial, attacked)
    accuracy_axes(axes, setting)
    axes.set(xlim=(-0.03, 1.03), ylim=(0.4, 1.02))
    trained = [_group(record, row) for row, _ in networks]
    entries = [outer, inner, *handles(trained)]
    if wide:
        figure.legend(handles=entries, loc="outside right upper")
        _boxes(figure, axes, record, networks)
    else:
        axes.legend(handles=entries, loc="lower left")
    return figure


def caption(record: Record) -> Caption:
    """Say what the figure shows: how many networks lie above the bound, and which is closest."""
    setting = catalogue.defaults()["orientation-texture"]
    networks = pairs(record, setting)
    counts = [estimate(attacked) for _, attacked in networks]
    errors = [upper_limit(c.trials - c.successes, c.trials, CONFIDENCE) for c in counts]
    ceilings = pairwise_bound(setting, errors).spatial_accuracy
    gaps = [
        float(ceiling) - estimate(spatial).value
        for ceiling, (spatial, _) in zip(ceilings, networks, strict=True)
    ]
    nearest = _group(record, networks[int(np.argmin(gaps))][0])
    above = len(failed_attacks(setting, networks))
    wide = len(distinct((row for row, _ in networks), "recipe")) > INSIDE
    measured = [row for pair in networks for row in pair]
    side = setting.image_shape[0] if setting.image_shape else setting.mixture.dimension
    return Caption(
        "Trained networks against the certified bound",
        "Spatial against adversarial accuracy of every network, the bound that no classifier "
        "crosses (Theorem 3), and what halfspaces reach (Theorem 5)."
        + (" Boxes repeat the marks of places where they hide each other." if wide else ""),
        f"Images of the setting orientation-texture, {side} × {side} pixels, under quarter turns; "
        f"ℓ∞ attack of radius ε = {setting.epsilon:g}. {wording.training(record)}",
        wording.images(measured),
        wording.seeds(measured),
        "Bars are exact 95 % intervals over the images of one network.",
        f"Networks above the bound by more than chance: {above} of {len(networks)}. The closest "
        f"({network_style(nearest.network).label}, {nearest.label}) has "
        f"{100 * abs(min(gaps)):.1f} points of spatial accuracy "
        f"{'less' if min(gaps) >= 0 else 'more'} than the bound at the lower 95 % limit of its "
        "adversarial accuracy.",
        "The paper proves such a trade-off in a statistical model; networks trained on it are not "
        "among the paper's experiments.",
    )


def failed_attacks(setting: Setting, networks: list[Pair]) -> list[Pair]:
    """Return the networks that lie where no classifier can, at 95 % confidence of them all."""
    counts = [
        (estimate(spatial).counts, estimate(attacked).counts) for spatial, attacked in networks
    ]
    verdicts = check_measurements(setting, counts, confidence=CONFIDENCE)
    return [pair for pair, verdict in zip(networks, verdicts, strict=True) if verdict.violated]


def pairs(record: Record, setting: Setting) -> list[Pair]:
    """Return the spatial and the adversarial measurement of each network.

    Raises
    ------
    ValueError
        If a network was not attacked, or with another radius than the setting's.
    """
    attacked = {_identity(row): row for row in rows(record, measure="adversarial")}
    levels = distinct(attacked.values(), "level")
    if levels != [setting.epsilon]:
        raise InputError(f"adversarial level must be {setting.epsilon:g}, got {levels}")
    found = []
    for row in rows(record, measure="spatial"):
        if _identity(row) not in attacked:
            raise InputError(
                f"record {record.experiment!r} must measure 'adversarial' of every network, "
                f"got none of {_identity(row)}"
            )
        found.append((row, attacked[_identity(row)]))
    return found


def _identity(row: Row) -> tuple[object, ...]:
    return tuple(row.get(name) for name in ("network", "recipe", "weight", "epsilon", "seed"))


def _network(axes: Axes, group: Group, spatial: Row, attacked: Row) -> None:
    """Draw one network as a marker with its intervals in both directions."""
    x, y = estimate(attacked), estimate(spatial)
    bars = [
        [[e.value - e.interval(CONFIDENCE)[0]], [e.interval(CONFIDENCE)[1] - e.value]]
        for e in (x, y)
    ]
    axes.errorbar(
        x.value, y.value, xerr=bars[0], yerr=bars[1], elinewidth=0.7, mew=0.8, ms=3.3,
        **group.marker,
    )  # fmt: skip


def _boxes(figure: Figure, axes: Axes, record: Record, networks: list[Pair]) -> None:
    """Repeat, in a box beside each place, the marks of several kinds that hide each other there."""
    figure.draw_without_rendering()  # so that the axes have their place
    point = figure.dpi / 72.0
    places = [(estimate(attacked).value, estimate(spatial).value) for spatial, attacked in networks]
    found: dict[tuple[float, float], dict[tuple[str, str], Group]] = {}
    for place, (spatial, _) in zip(places, networks, strict=True):
        beside = (other for other in found if _apart(axes, place, other) < _HIDDEN * point)
        group = _group(record, spatial)
        found.setdefault(next(beside, place), {})[group.network, group.recipe] = group
    taken, boxes = axes.transData.transform(places), list[Bbox]()
    (bound,) = (line.get_xydata() for line in axes.lines if line.get_label() == "outer bound")
    for place, groups in found.items():
        if len(groups) == 1:
            continue
        marks: list[Artist] = []
        for group in groups.values():
            area = DrawingArea(5.0, 5.0)
            area.add_artist(Line2D([2.5], [2.5], mew=0.8, ms=3.3, **group.marker))
            marks.append(area)
        side = -1.0 if place[0] > 0.5 else 1.0
        near, far = sorted((12.0 * side, (12.0 + 7.0 * len(marks) + 3.0) * side))
        start = axes.transData.transform(place)
        # down, until the box hides nothing and its corner lies below the bound
        for fall in range(0, 120, 6):
            box = Bbox(start + point * np.array([[near, -fall - 6.0], [far, -fall + 6.0]]))
            across, up = axes.transData.inverted().transform(box.max)
            hides = box.count_contains(taken) + box.count_overlaps(boxes)
            if not hides and up < np.interp(across, *np.transpose(bound)):
                break
        boxes.append(box)
        marked = AnnotationBbox(
            HPacker(children=marks, pad=0.0, sep=2.0), place, xybox=(12.0 * side, -fall),
            boxcoords="offset points", box_alignment=(0.5 - 0.5 * side, 0.5), pad=0.25,
            arrowprops={"arrowstyle": "-", "lw": 0.5, "color": GUIDE},
            bboxprops={"lw": 0.5, "ec": GUIDE},
        )  # fmt: skip
        axes.add_artist(marked)
        marked.set_in_layout(False)


def _apart(axes: Axes, one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return how far apart two places are drawn."""
    first, second = axes.transData.transform([one, other])
    return float(np.hypot(*(first - second)))


def _cross_out(axes: Axes, spatial: Row, attacked: Row) -> None:
    x, y = estimate(attacked).value, estimate(spatial).value
    axes.plot(x, y, "x", color=FAILED, ms=9, mew=1.5, gid="failed attack")
    left = x > 0.5
    offset, side = ((-8, 0), "right") if left else ((8, 0), "left")
    label_line(axes, x, y, "failed attack", colour=FAILED, offset=offset, ha=side)


def _group(record: Record, row: Row) -> Group:
    return Group(record, row["network"], row["recipe"], row["weight"])
