"""What grows with the range of rotations or translations, or the radius, in training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.from_records.boundary import mean_distance
from paper_figures.measurements import Row, Spread, distinct, error_bars, radius, spread
from paper_figures.style import (
    PAGE,
    dataset_label,
    network_style,
    new_figure,
    percent,
    sequential_colours,
    style_of,
    styled,
)
from paper_figures.tables import Caption
from simulations.records import Record
from theory.checks import InputError

__all__ = ["Curve", "caption", "draw"]


@dataclass(frozen=True)
class _Varied:
    """What varies in training, in words, and which way accuracies are found to move."""

    axis: str
    title: str
    grows: str
    ends: str
    measures: tuple[str, ...]
    sign: int
    finding: str


_TURNED = ("rotation", "invariance_rotation", "translation", "adversarial", "boundary_distance")
_MOVED = ("translation", "invariance_translation", "rotation", "adversarial", "boundary_distance")

VARIED = {
    "degrees": _Varied(
        "largest rotation in training (degrees)",
        "Rotations in training against adversarial accuracy",
        "the largest rotation in training",
        "from training without rotations to ±{}°",
        _TURNED,
        1,
        "accuracy under rotations rises, adversarial accuracy falls and the boundary comes closer",
    ),
    "pixels": _Varied(
        "largest translation in training (pixels)",
        "Translations in training against adversarial accuracy",
        "the largest translation in training",
        "from training without translations to ±{} pixels",
        _MOVED,
        1,
        "accuracy under translations rises, adversarial accuracy falls and the boundary comes "
        "closer",
    ),
    "epsilon": _Varied(
        "radius $\\epsilon$ of the attack in training",
        "Attacks in training against spatial accuracy",
        "the radius ε of the attack in training",
        "from ε = 0 in training to ε = {}",
        _TURNED,
        -1,
        "accuracy under rotations falls and adversarial accuracy rises",
    ),
}
"""By the column of rows that has it."""


@dataclass(frozen=True)
class _Measure:
    """What a row of panels shows, what its curves differ in, and what it is called in a text."""

    axis: str
    legend: str
    level: Callable[[float], str]
    words: str


MEASURES = {
    "rotation": _Measure(
        "accuracy\nunder rotations", "test range", lambda x: f"±{x:g}°",
        "accuracy under rotations",
    ),
    "invariance_rotation": _Measure(
        "rate of invariance\nunder rotations", "test range", lambda x: f"±{x:g}°",
        "rate of invariance under rotations",
    ),
    "translation": _Measure(
        "accuracy\nunder translations", "test range", lambda x: f"±{x:g} px",
        "accuracy under translations",
    ),
    "invariance_translation": _Measure(
        "rate of invariance\nunder translations", "test range", lambda x: f"±{x:g} px",
        "rate of invariance under translations",
    ),
    "adversarial": _Measure(
        "adversarial\naccuracy", "attack", lambda x: f"$\\epsilon$ = {radius(x)}",
        "adversarial accuracy",
    ),
    "boundary_distance": _Measure(
        "mean $\\ell_\\infty$ distance\nto the boundary\n(pixel units)", "", lambda _: "",
        "mean distance to the boundary",
    ),
}  # fmt: skip


WEAKEST = ("adversarial", "boundary_distance")
"""Measures of which the least level is told, and whose axes end where the curves do."""


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
        """Summarise the rows of each value of the column ``varied``, which is 0 if missing."""
        ranges = tuple(sorted({_value(row, varied) for row in measured}))
        spreads = (summary([row for row in measured if _value(row, varied) == r]) for r in ranges)
        return cls(ranges, tuple(spreads))

    def draw(
        self, axes: Axes, name: str, *, colour: str | tuple[float, ...], marker: str = "o"
    ) -> None:
        """Draw means with 95 % intervals; `name` is the curve's entry in a legend."""
        means = [item.mean for item in self.spreads]
        axes.errorbar(
            self.ranges, means, error_bars(self.spreads), color=colour, marker=marker, label=name,
            elinewidth=1, ms=3.5,
        )  # fmt: skip


@styled
def draw(record: Record) -> Figure:
    """Draw every measure against what varies in training: mean over seeds, 95 % interval.

    One column for each network (and recipe, where the radius varies), one row for each measure,
    one curve for each range or radius of the test.

    Parameters
    ----------
    record : Record
        Of networks that differ in their training range, ``degrees`` or ``pixels``, or radius,
        ``epsilon``.

    Raises
    ------
    ValueError
        If none of them varies.
    """
    varied = _varied(record)
    families = _families(record, varied)
    measures = _measures(record, varied)
    width = min(PAGE, 2.2 + 2.4 * len(families))
    figure, panels = new_figure(
        width, 1.25 * len(measures) + 0.6, rows=len(measures), columns=len(families),
        sharex=True, sharey="row",
    )  # fmt: skip
    ranges = sorted({_value(row, varied) for row in record.rows})
    for axes, (title, _) in zip(panels, families, strict=False):
        axes.set_title(f"{dataset_label(record.rows[0]['dataset'])}, {title}", fontsize=7)
    for number, measure in enumerate(measures):
        row = panels[number * len(families) : (number + 1) * len(families)]
        for axes, (_, own) in zip(row, families, strict=True):
            _curves(axes, measure, own, varied)
            axes.set_xticks(ranges, [radius(x) for x in ranges])
        row[0].set_ylabel(MEASURES[measure].axis)
        # the scale that they share, of attacks as far as the curves go
        row[0].set_ylim(0, None if measure in WEAKEST else 1.03)
        if MEASURES[measure].legend:
            _legend(row, MEASURES[measure].legend)
    figure.supxlabel(VARIED[varied].axis, fontsize=8)
    return figure


def caption(record: Record) -> Caption:
    """Say how each measure moves from one end of the training to the other."""
    varied = _varied(record)
    about = VARIED[varied]
    measures = _measures(record, varied)
    both = [row for row in record.rows if row["measure"] in measures]
    see, outcomes = _says(record, varied)
    columns = "network" if varied != "epsilon" else "network and recipe"
    alike = " Without an attack all recipes are the natural one." if varied == "epsilon" else ""
    dataset = dataset_label(both[0]["dataset"])
    return Caption(
        f"{about.title} on {dataset}",
        f"{wording.sentence(wording.listed(MEASURES[name].words for name in measures))} as "
        f"{about.grows} grows; one column for each {columns}, one curve for each range or radius "
        f"of the test.{alike}",
        f"{dataset}. {wording.training(record)}",
        wording.images(both),
        wording.seeds(both),
        wording.bars(both),
        see,
        f"The paper finds that {about.finding}: {wording.judged(outcomes)}.",
    )


def _legend(row: Sequence[Axes], title: str) -> None:
    """Put the legend of all panels of a row at its end."""
    entries = {
        label: handle
        for axes in row
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }
    row[-1].legend(
        entries.values(), entries, title=title, loc="center left", bbox_to_anchor=(1.0, 0.5),
        fontsize=6.5, title_fontsize=6.5,
    )  # fmt: skip


def _curves(axes: Axes, measure: str, own: Sequence[Row], varied: str) -> None:
    """Draw the curves of one measure of one network."""
    measured = [row for row in own if row["measure"] == measure]
    levels = [x for x in sorted(distinct(measured, "level")) if x > 0.0]
    # a curve that is alone is dark
    colours = sequential_colours(max(len(levels), 2))[-len(levels) :]
    for level, colour in zip(levels, colours, strict=False):
        curve = _curve(measured, measure, level, varied)
        marker = network_style(measured[0]["network"]).marker
        curve.draw(axes, MEASURES[measure].level(level), colour=colour, marker=marker)
    if measure != "boundary_distance":
        axes.yaxis.set_major_formatter(percent)


def _curve(measured: Sequence[Row], measure: str, level: float, varied: str) -> Curve:
    own = [row for row in measured if row["measure"] == measure and row["level"] == level]
    return Curve.of(own, mean_distance if measure == "boundary_distance" else spread, varied)


def _value(row: Row, varied: str) -> float:
    """Return what varies; what was not there in training is not in the row."""
    return float(row.get(varied) or 0.0)


def _varied(record: Record) -> str:
    for column in ("pixels", "degrees", "epsilon"):
        if len({_value(row, column) for row in record.rows}) > 1:
            return column
    raise InputError(
        f"record {record.experiment!r} must have networks of several {', '.join(VARIED)}, got none"
    )


def _measures(record: Record, varied: str) -> list[str]:
    """Return the measures that the record has, in the order of their panels."""
    found = set(distinct(record.rows, "measure"))
    return [measure for measure in VARIED[varied].measures if measure in found]


def _families(record: Record, varied: str) -> list[tuple[str, list[Row]]]:
    """Return the rows of each curve's networks under a name.

    Where the radius varies recipes are apart; at radius 0 they are one, trained once.
    """
    found: dict[tuple[str, str], list[Row]] = {}
    for row in record.rows:
        recipe = row["recipe"] if varied == "epsilon" else ""
        found.setdefault((row["network"], recipe), []).append(row)
    families = []
    for (network, recipe), own in found.items():
        name, natural = network_style(network).label, list[Row]()
        if recipe:
            name = f"{name},\n{style_of(recipe).label} training"
            if all(_value(row, varied) for row in own):
                same = [row for row in record.rows if row["network"] == network]
                natural = [row for row in same if not _value(row, varied)]
        families.append((name, natural + own))
    return families


def _says(record: Record, varied: str) -> tuple[str, Mapping[str, bool | None]]:
    """Tell how the measures of each network move, and whether each agrees with the finding.

    Of test ranges the widest is told, of attacks the weakest.  None stands for a move that the
    intervals do not decide.
    """
    about = VARIED[varied]
    sentences: list[str] = []
    outcomes: dict[str, bool | None] = {}
    for title, own in _families(record, varied):
        name = title.replace("\n", " ")
        moves = []
        for measure in _measures(record, varied):
            if measure.startswith("invariance"):
                continue
            levels = sorted(distinct([r for r in own if r["measure"] == measure], "level"))
            weakest = measure in WEAKEST
            level = levels[0 if weakest else -1]
            curve = _curve(own, measure, level, varied)
            first, last = curve.spreads[0], curve.spreads[-1]
            words = MEASURES[measure].words
            if measure == "boundary_distance":
                moves.append(f"{words} {wording.both(first, last, lambda x: f'{x:.2g}')}")
            else:
                at = MEASURES[measure].level(level).replace("$\\epsilon$", "ε")
                at = f"at {at}" if weakest else f"up to {at}"
                moves.append(f"{words} {at} {wording.both(first, last)}")
            spatial = measure == about.measures[0]
            if spatial or (weakest and (about.sign > 0 or measure == "adversarial")):
                move = wording.moved(first, last) * about.sign * (1 if spatial else -1)
                outcomes[f"the {words} of the {name}"] = None if move == 0 else move > 0
        over = about.ends.format(radius(curve.ranges[-1]))
        sentences.append(f"{wording.sentence(name)}: {over}, {'; '.join(moves)}.")
    return " ".join(sentences), outcomes
