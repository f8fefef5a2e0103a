"""Every recipe and architecture, as numbers with intervals."""

from paper_figures.from_records import recipes, wording
from paper_figures.from_records.boundary import distance
from paper_figures.measurements import Spread, radius
from paper_figures.pooling import Group, groups
from paper_figures.style import dataset_label, network_style
from paper_figures.tables import Caption, Table
from simulations.records import Record

__all__ = ["caption", "draw"]

MEASURES = {
    "clean": "clean",
    "rotation": "rotated ≤ {}°",
    "invariance_rotation": "invariant ≤ {}°",
    "worst_rotation": "worst rotation ≤ {}°",
    "adversarial": "attacked ε = {}",
    "joint": "both ε = {}",
}
"""Measures of accuracy and their headings, which name the largest level measured."""


def draw(record: Record) -> Table:
    """Tabulate means over seeds in percent with 95 % intervals.

    Parameters
    ----------
    record : Record
        Of an experiment with the measures above; ``boundary_distance`` is tabulated too if it
        was measured.
    """
    chosen = groups(record)
    levels = {measure: chosen[0].levels(measure)[-1] for measure in MEASURES}
    heads = [head.format(_level(measure, levels[measure])) for measure, head in MEASURES.items()]
    distances = any(row["measure"] == "boundary_distance" for row in record.rows)
    return Table(
        ("network, recipe", *heads, *(["distance to boundary"] if distances else [])),
        tuple(_line(group, levels, distances=distances) for group in chosen),
    )


def caption(record: Record) -> Caption:
    """Say what the columns are, and which recipe keeps most of the two accuracies together."""
    chosen = groups(record)
    measured = [row for row in record.rows if row["measure"] in MEASURES]
    level = chosen[0].levels("joint")[-1]
    most = max(chosen, key=lambda group: group.at("joint", level).mean)
    return Caption(
        f"Every recipe on {dataset_label(measured[0]['dataset'])}, in numbers",
        "Accuracies in percent, at the largest level measured: clean, under random rotations, rate "
        "of invariance, under the worst of a grid of rotations, under attack, under a rotation "
        "and an attack at once.",
        wording.training(record),
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured).replace("Bars", "Brackets"),
        f"Most right under a rotation and an attack at once is "
        f"{network_style(most.network).label}, {most.label}: "
        f"{wording.share(most.at('joint', level).mean)}.",
        recipes.caption(record).paper,
    )


def _line(group: Group, levels: dict[str, float], *, distances: bool) -> tuple[str, ...]:
    shares = [_percent(group.at(measure, level)) for measure, level in levels.items()]
    cells = [f"{network_style(group.network).label}, {group.label}", *shares]
    if distances:
        found = distance(group)
        cells.append(f"{found.mean:.3f} [{found.lower:.3f}, {found.upper:.3f}]")
    return tuple(cells)


def _level(measure: str, level: float) -> str:
    return radius(level) if measure in {"adversarial", "joint"} else f"{level:g}"


def _percent(item: Spread) -> str:
    return f"{100 * item.mean:.1f} [{100 * item.lower:.1f}, {100 * item.upper:.1f}]"
