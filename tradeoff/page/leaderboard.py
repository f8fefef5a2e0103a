"""Every measured network of the records, with what it keeps of both accuracies."""

from pathlib import Path

from paper_figures import records
from paper_figures.measurements import Row, radius
from paper_figures.pooling import Group, groups
from paper_figures.records import MissingRecordError
from paper_figures.style import dataset_label, network_style
from simulations.records import Record

__all__ = ["HEADER", "leaderboard"]

SWEEPS = (
    "recipes_mnist",
    "recipes_cifar10",
    "recipes_gaussian",
    "orientation_texture",
    "mnist_epsilon",
)
HEADER = (
    "images", "network", "recipe", "seeds", "clean", "S: turned", "A: attacked", "attack",
    "turned and attacked at once", "probit S + probit A",
)  # fmt: skip
Cell = tuple[str, float | str | None]


def leaderboard(folders: tuple[Path, ...]) -> list[list[Cell]]:
    """Return one row for each network and recipe, best first, in the order of `HEADER`.

    S is the accuracy under random turns of the widest range measured, A that under the strongest
    attack; both are means over seeds.  A row may lack a measure.
    """
    found = []
    for sweep in SWEEPS:
        try:
            record = records.find(sweep, folders)
        except MissingRecordError:
            continue
        found += [_row(record, group) for group in groups(record)]
    return sorted(found, key=lambda row: (row[-1][1] is None, -float(row[-1][1] or 0.0)))


def _row(record: Record, group: Group) -> list[Cell]:
    from scipy.special import ndtri

    own = group.rows("clean")
    spatial = _widest(record, group, ("rotation", "spatial"))
    attacked = _widest(record, group, ("adversarial",))
    joint = _widest(record, group, ("joint",))
    reach: float | None = None
    if spatial and attacked:
        # a share of 0 or 1 of few images has no probit: half an image is moved across
        half = [0.5 / min(row["trials"] for row in rows) for _, _, rows in (spatial, attacked)]
        inside = [
            min(max(item[0], margin), 1.0 - margin)
            for item, margin in zip((spatial, attacked), half, strict=True)
        ]
        reach = float(ndtri(inside[0]) + ndtri(inside[1]))
    level = radius(attacked[1]) if attacked else ""
    return [
        _text(dataset_label(own[0]["dataset"])),
        _text(network_style(group.network).label),
        _text(group.label),
        (str(len(own)), len(own)),
        _share(group.at("clean", 0.0).mean),
        _share(spatial[0] if spatial else None),
        _share(attacked[0] if attacked else None),
        (f"ε = {level}" if level else "", attacked[1] if attacked else None),
        _share(joint[0] if joint else None),
        (f"{round(reach, 2) + 0.0:.2f}" if reach is not None else "", reach),
    ]


def _widest(
    record: Record, group: Group, measures: tuple[str, ...]
) -> tuple[float, float, list[Row]] | None:
    """Return the mean of the first measure that was taken, at its largest level, and its rows."""
    own = {"network": group.network, "recipe": group.recipe, "weight": group.weight}
    for measure in measures:
        taken: list[Row] = [
            row
            for row in record.rows
            if row["measure"] == measure and all(row[k] == v for k, v in own.items())
        ]
        if taken:
            level = max(row["level"] for row in taken)
            rows = [row for row in taken if row["level"] == level]
            return group.at(measure, level).mean, level, rows
    return None


def _text(words: str) -> Cell:
    return words, words


def _share(value: float | None) -> Cell:
    return ("", None) if value is None else (f"{100 * value:.1f} %", value)
