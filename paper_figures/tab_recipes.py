"""Every recipe and architecture, as numbers with intervals."""

from paper_figures.fig_boundary import distance
from paper_figures.groups import Group, groups
from paper_figures.measurements import Spread
from paper_figures.tables import Table
from simulations.records import Record

__all__ = ["draw"]

MEASURES = {
    "clean": "clean",
    "rotation": "rotated ≤ {:g}°",
    "invariance_rotation": "invariant ≤ {:g}°",
    "worst_rotation": "worst rotation ≤ {:g}°",
    "adversarial": "attacked ε = {:g}",
    "joint": "both ε = {:g}",
}
"""Measures of accuracy and their headings, which name the largest level measured."""


def draw(record: Record) -> Table:
    """Tabulate means over seeds in percent with 95 % intervals.

    Parameters
    ----------
    record : Record
        Of an experiment with the measures above and ``boundary_distance``.
    """
    chosen = groups(record)
    levels = {measure: chosen[0].levels(measure)[-1] for measure in MEASURES}
    heads = [head.format(levels[measure]) for measure, head in MEASURES.items()]
    return Table(
        ("network, recipe", *heads, "distance to boundary"),
        tuple(_line(group, levels) for group in chosen),
    )


def _line(group: Group, levels: dict[str, float]) -> tuple[str, ...]:
    found = distance(group)
    shares = [_percent(group.at(measure, level)) for measure, level in levels.items()]
    return (
        f"{group.network}, {group.label}",
        *shares,
        f"{found.mean:.3f} [{found.lower:.3f}, {found.upper:.3f}]",
    )


def _percent(item: Spread) -> str:
    return f"{100 * item.mean:.1f} [{100 * item.lower:.1f}, {100 * item.upper:.1f}]"
