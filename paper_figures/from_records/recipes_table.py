"""Every recipe and architecture, as numbers with intervals."""

from collections.abc import Sequence

from paper_figures.from_records import recipes, wording
from paper_figures.from_records.boundary import distance
from paper_figures.measurements import Spread, radius
from paper_figures.pooling import Group, groups, trained_radius
from paper_figures.style import network_style
from paper_figures.tables import Caption, Table
from simulations.records import Record

__all__ = ["caption", "draw"]

MEASURES = {
    "clean": "clean",
    "rotation": "rotated ≤ {}°",
    "invariance_rotation": "invariant ≤ {}°",
    "worst_rotation": "worst rotation ≤ {}°",
    "pgd": "PGD ε = {}",
    "adversarial": "attacked ε = {}",
    "joint": "both ε = {}",
}
"""Measures of accuracy and their headings, which name the widest range and the trained radius."""


def draw(record: Record) -> Table:
    """Tabulate means over seeds in percent with 95 % intervals.

    Parameters
    ----------
    record : Record
        Of an experiment with the measures above; ``boundary_distance`` and the passes of
        training are tabulated too if the record has them.
    """
    chosen = groups(record)
    levels = {measure: chosen[0].levels(measure)[-1] for measure in MEASURES}
    levels |= dict.fromkeys(("pgd", "adversarial"), trained_radius(chosen))
    heads = [head.format(_level(measure, levels[measure])) for measure, head in MEASURES.items()]
    columns = [
        [f"{network_style(g.network).label}, {g.label}" for g in chosen],
        *([_percent(g.at(*measured)) for g in chosen] for measured in levels.items()),
    ]
    if any(row["measure"] == "boundary_distance" for row in record.rows):
        heads.append("distance to boundary")
        columns.append([_distance(group) for group in chosen])
    if all(group.passes for group in chosen):
        heads.append("passes")
        columns.append([f"{group.passes:g}" for group in chosen])
    return Table(("network, recipe", *heads), tuple(zip(*columns, strict=True)))


def caption(record: Record) -> Caption:
    """Say what the columns are, and which recipe keeps most of the two accuracies together."""
    chosen = groups(record)
    measured = [row for row in record.rows if row["measure"] in MEASURES]
    level = chosen[0].levels("joint")[-1]
    most = max(chosen, key=lambda group: group.at("joint", level).mean)
    return Caption(
        f"{recipes.title(record)}, in numbers",
        "Accuracies in percent, in the widest range and at the radius of training: clean, under "
        "random rotations, rate of invariance, under the worst of a grid of rotations, under PGD "
        "alone, under all attacks, under a rotation and an attack at once. Passes, forward and "
        "back through the network for each training image, are the compute of training, whatever "
        "the machine.",
        wording.training(record),
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured).replace("Bars", "Brackets"),
        f"Most right under a rotation and an attack at once is "
        f"{network_style(most.network).label}, {most.label}: "
        f"{wording.share(most.at('joint', level).mean)}.{_checked(chosen)}",
        recipes.caption(record).paper,
    )


def _checked(chosen: Sequence[Group]) -> str:
    """Return what AutoAttack still found, where it went on after the other attacks."""
    trained = trained_radius(chosen)
    checked = {
        (row["network"], row["recipe"], row["weight"]): row
        for row in chosen[0].record.rows
        if row["measure"] == "auto_attack" and row["level"] == trained
    }
    found = {}
    for group in chosen:
        if row := checked.get((group.network, group.recipe, group.weight)):
            before = group.at("adversarial_checked", row["level"]).mean
            if before > 0.0:
                found[group] = 100 * (before - group.at("auto_attack", row["level"]).mean)
    if not found:
        return ""
    worst = max(found, key=lambda group: found[group])
    mean = sum(found.values()) / len(found)
    (images,) = {int(row["trials"]) for row in checked.values()}
    return (
        f" AutoAttack, which goes on where the attacks end, on {images:,} images and the first "
        f"seed, lowers accuracy, where any is left, by {mean:.1f} points in the mean and by "
        f"{found[worst]:.1f} for {network_style(worst.network).label}, {worst.label}, the most."
    )


def _distance(group: Group) -> str:
    found = distance(group)
    return f"{found.mean:.3f} [{found.lower:.3f}, {found.upper:.3f}]"


def _level(measure: str, level: float) -> str:
    return radius(level) if measure in {"pgd", "adversarial", "joint"} else f"{level:g}"


def _percent(item: Spread) -> str:
    return f"{100 * item.mean:.1f} [{100 * item.lower:.1f}, {100 * item.upper:.1f}]"
