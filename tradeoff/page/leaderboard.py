"""The networks of the sweeps of recipes, ranked by what they keep of both accuracies."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paper_figures import records
from paper_figures.measurements import (
    CONFIDENCE,
    IDENTITY,
    Row,
    Spread,
    distinct,
    identity,
    radius,
    rows,
    spread,
)
from paper_figures.pooling import Group
from paper_figures.records import MissingRecordError
from simulations.records import Record
from theory.checks import InputError, one_of
from tradeoff.options import radius_text

__all__ = ["HEADER", "Measured", "Standing", "boards", "leaderboard", "ranked", "standings"]

SWEEPS = (
    "recipes_mnist",
    "recipes_mnist_small_epsilon",
    "recipes_cifar10",
    "cifar10_equal_compute",
    "paper_networks",
    "recipes_gaussian",
    "orientation_texture",
)
"""The experiments whose networks are ranked; those of ranges, radii and noise are not."""
HEADER = (
    "images", "network", "recipe", "seeds", "clean", "S: turned", "A: attacked", "attack",
    "turned and attacked at once", "probit S + probit A", "mean of S and A",
)  # fmt: skip
Cell = tuple[str, float | str | None]
_SPATIAL = ("rotation", "spatial")


@dataclass(frozen=True)
class Measured:
    """One accuracy over seeds: its measure and level, the rows, and the number of images."""

    measure: str
    level: float
    rows: Sequence[Row]

    @property
    def over_seeds(self) -> Spread:
        """Mean over seeds, with an interval that two of them share 95 % of certainty."""
        return spread(self.rows, 1 - (1 - CONFIDENCE) / 2)

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return self.over_seeds.mean

    @property
    def images(self) -> int:
        """Number of images of the seed with the fewest."""
        return min(int(row["trials"]) for row in self.rows)


@dataclass(frozen=True)
class Standing:
    """What networks that differ in the seed alone keep of both accuracies.

    Parameters
    ----------
    source : str
        Name of the record.
    dataset, network, recipe : str
    weight : float or None
        Of the spatial part of a mixture.
    trained : float or None
        Radius of training, where others of the network and recipe differ in it.
    epochs : int or None
        Of training, where others of the network, recipe and radius differ in them.
    clean : Measured
    spatial, adversarial, joint : Measured or None
        S under random turns of the widest range, A under the strongest attack, and both at once.
    attack : str
        Which attacks A was measured by.
    """

    source: str
    dataset: str
    network: str
    recipe: str
    weight: float | None
    trained: float | None
    epochs: int | None
    clean: Measured
    spatial: Measured | None
    adversarial: Measured | None
    joint: Measured | None
    attack: str

    @property
    def kept(self) -> float | None:
        """Mean of S and A; None unless both were measured."""
        if self.spatial is None or self.adversarial is None:
            return None
        return (self.spatial.mean + self.adversarial.mean) / 2

    @property
    def interval(self) -> tuple[float, float] | None:
        """Interval of `kept`, of 95 % or more: those of S and A are of 97.5 % each."""
        if self.spatial is None or self.adversarial is None:
            return None
        both = self.spatial.over_seeds, self.adversarial.over_seeds
        return sum(one.lower for one in both) / 2, sum(one.upper for one in both) / 2


def ranked(found: Iterable[Standing]) -> list[Standing]:
    """Return the best first; last, those of which S or A was not measured."""
    return sorted(found, key=lambda one: (one.kept is None, -(one.kept or 0.0)))


def standings(record: Record, source: str, epsilon: float | None = None) -> list[Standing]:
    """Return the networks of a record, at a radius or at the largest of each data set.

    Raises
    ------
    ValueError
        If rows lack what tells networks apart, or are not one per seed.
    """
    clean = rows(record, measure="clean")
    for row in clean:
        for name in IDENTITY[:3]:
            if not isinstance(row.get(name), str):
                raise InputError(f"record {source} must say the {name} of every row, got {row}")
    found = []
    for trained_alike in dict.fromkeys(map(identity, clean)):
        own = [row for row in record.rows if identity(row) == trained_alike]
        dataset, network, recipe, weight, _, trained, _ = trained_alike
        alike = [r for r in clean if (r["network"], r["recipe"]) == (network, recipe)]
        adversarial = _at(own, ("adversarial",), epsilon)
        joint = _at(own, ("joint",), adversarial.level) if adversarial else None
        measures = _measures(record, network, recipe)
        if measures.get("joint_degrees", 180.0) != 180.0 and _at(own, ("rotation",)):
            joint = None
        found.append(
            Standing(
                source, dataset, network, recipe, weight,
                trained if len(distinct(alike, "epsilon")) > 1 else None, None,
                Measured("clean", 0.0, [row for row in own if row["measure"] == "clean"]),
                _at(own, _SPATIAL), adversarial, joint, _attack(measures),
            )
        )  # fmt: skip
    return found


def boards(
    folders: tuple[Path, ...],
    added: Sequence[Path] = (),
    *,
    dataset: str | None = None,
    epsilon: float | None = None,
) -> dict[tuple[str, float], list[Standing]]:
    """Return the networks of the records, ranked, by data set and radius.

    Parameters
    ----------
    folders : tuple of Path
        Where the records lie.
    added : sequence of Path
        Records of others, which take their places among them; what they do not measure is left
        out then.
    dataset, epsilon : optional
        Of the networks returned; all data sets, each at its largest radius, by default.

    Raises
    ------
    ValueError
        If nothing measures that, or an added record measures something else.
    """
    found: dict[tuple[str, float], list[Standing]] = {}
    for one in _standings(folders, epsilon):
        if one.adversarial is not None and one.spatial is not None:
            found.setdefault((one.dataset, one.adversarial.level), []).append(one)
    datasets = list(dict.fromkeys(name for name, _ in found))
    if not datasets:
        where = "" if epsilon is None else f" at epsilon {radius_text(epsilon)}"
        raise InputError(
            f"records must hold networks{where}, got none in {', '.join(map(str, folders))}"
        )
    if dataset is not None:
        one_of("data", dataset, datasets)
    largest = {name: max(level for own, level in found if own == name) for name in datasets}
    chosen = {(name, largest[name]) for name in datasets if dataset in {None, name}}
    if added:
        own: dict[tuple[str, float], list[Standing]] = {}
        for path in added:
            for key, one in _added(path, {key: found[key] for key in chosen}):
                own.setdefault(key, []).append(one)
        return {key: ranked([*found[key], *own[key]]) for key in own}
    return {key: ranked(ones) for key, ones in found.items() if key in chosen}


def _added(
    path: Path, places: dict[tuple[str, float], list[Standing]]
) -> list[tuple[tuple[str, float], Standing]]:
    """Return the networks of a record, each with its place.

    A place that asks for what the record has not is an error.
    """
    record = Record.load(path)
    levels = dict(places.keys())
    found = []
    for dataset in distinct(rows(record, measure="clean"), "dataset"):
        if dataset not in levels:
            known = " or ".join(sorted(levels))
            raise InputError(f"record {path} must measure {known}, got {dataset}")
        key = dataset, levels[dataset]
        turned = places[key][0].spatial
        for one in standings(record, str(path), key[1]):
            if one.dataset != dataset:
                continue
            if one.adversarial is None:
                measured = {r["level"] for r in record.rows if r["measure"] == "adversarial"}
                raise InputError(
                    f"record {path} must measure {dataset} at epsilon {radius_text(key[1])}, got "
                    f"{', '.join(map(radius_text, sorted(measured))) or 'none'}"
                )
            if _turns(one.spatial) != _turns(turned):
                raise InputError(
                    f"record {path} must measure {_turns(turned)}, got {_turns(one.spatial)}"
                )
            found.append((key, one))
    return found


def _turns(measured: Measured | None) -> str:
    return f"{measured.measure} {measured.level:g}" if measured else "none"


def _records(folders: tuple[Path, ...]) -> list[tuple[str, Record]]:
    """Return the records of networks that there are, by name."""
    found = []
    for sweep in SWEEPS:
        try:
            found.append((sweep, records.find(sweep, folders)))
        except MissingRecordError:
            continue
    return found


def _standings(folders: tuple[Path, ...], epsilon: float | None = None) -> list[Standing]:
    """Return the networks of all records, with what tells those of one recipe apart.

    What a record trained as an earlier one did, in the same epochs at the same radius, is left
    out.
    """
    found: dict[tuple[Any, ...], list[tuple[Any, Any, Standing]]] = {}
    for name, record in _records(folders):
        for one in standings(record, name, epsilon):
            trained, epochs = one.clean.rows[0].get("epsilon"), _epochs(record, one)
            alike = found.setdefault((one.dataset, one.network, one.recipe, one.weight), [])
            if epochs is None or (trained, epochs) not in [other[:2] for other in alike]:
                alike.append((trained, epochs, one))
    told = []
    for alike in found.values():
        radii = {trained for trained, _, _ in alike}
        for trained, epochs, one in alike:
            lengths = {other[1] for other in alike if other[0] == trained}
            told.append(
                replace(
                    one,
                    trained=trained if len(radii) > 1 else one.trained,
                    epochs=epochs if len(lengths) > 1 else None,
                )
            )
    return told


def _epochs(record: Record, one: Standing) -> int | None:
    """Return how long a network was trained, if the record says."""
    runs = Group(record, one.network, one.recipe, one.weight).tasks.values()
    return next((int(run["schedule"]["epochs"]) for run in runs if "schedule" in run), None)


def _at(
    own: Sequence[Row], measures: tuple[str, ...], level: float | None = None
) -> Measured | None:
    """Return the first of the measures that was taken, at a level or at its largest."""
    for measure in measures:
        taken = [row for row in own if row["measure"] == measure]
        if level is not None:
            taken = [row for row in taken if math.isclose(row["level"], level)]
        if taken:
            largest = max(row["level"] for row in taken)
            return Measured(measure, largest, [row for row in taken if row["level"] == largest])
    return None


def _measures(record: Record, network: str, recipe: str) -> dict[str, Any]:
    """Return how a record measured a network, as far as it says."""
    if isinstance(own := record.config.get("measures"), dict):
        return own
    runs = Group(record, network, recipe, None).tasks.values()
    return next((dict(run["measures"]) for run in runs), {})


def _attack(measures: dict[str, Any]) -> str:
    """Say which attacks were run, in order, and how long."""
    if not measures:
        return "not said"
    often = f" x {measures['restarts']}" if measures["restarts"] > 1 else ""
    parts = [f"PGD {measures['steps']}{often}"]
    parts += [
        f"{name} {measures[key]}"
        for name, key in (("APGD", "apgd_steps"), ("Square", "queries"))
        if measures.get(key)
    ]
    parts += ["AutoAttack"] if measures.get("auto_attack") else []
    return ", ".join(parts + (["shifts"] if measures.get("shifts") else []))


def leaderboard(folders: tuple[Path, ...]) -> list[list[Cell]]:
    """Return one row for each network and recipe, best first, in the order of `HEADER`.

    Each is at the largest radius that it was attacked at. A row may lack a measure.
    """
    return [_row(one) for one in ranked(_standings(folders))]


def _row(one: Standing) -> list[Cell]:
    from scipy.special import ndtri

    from paper_figures.style import dataset_label, network_style, style_of

    reach: float | None = None
    if one.spatial and one.adversarial:
        # a share of 0 or 1 of few images has no probit: half an image is moved across
        inside = [
            min(max(item.mean, 0.5 / item.images), 1.0 - 0.5 / item.images)
            for item in (one.spatial, one.adversarial)
        ]
        reach = float(ndtri(inside[0]) + ndtri(inside[1]))
    label = style_of(one.recipe).label
    label += "" if one.weight is None else f", λ = {one.weight:g}"
    label += "" if one.trained is None else f", trained at ε = {radius(one.trained)}"
    label += "" if one.epochs is None else f", {one.epochs} epochs"
    attacked = one.adversarial
    return [
        _text(dataset_label(one.dataset)),
        _text(network_style(one.network).label),
        _text(label),
        (str(len(one.clean.rows)), len(one.clean.rows)),
        _share(one.clean.mean),
        _share(one.spatial.mean if one.spatial else None),
        _share(attacked.mean if attacked else None),
        (f"ε = {radius(attacked.level)}", attacked.level) if attacked else ("", None),
        _share(one.joint.mean if one.joint else None),
        (f"{round(reach, 2) + 0.0:.2f}" if reach is not None else "", reach),
        _share(one.kept),
    ]


def _text(words: str) -> Cell:
    return words, words


def _share(value: float | None) -> Cell:
    return ("", None) if value is None else (f"{100 * value:.1f} %", value)
