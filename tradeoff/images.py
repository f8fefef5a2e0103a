"""``frontier images``: what any classifier can do on the images of a data set under noise."""

import io
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import numpy as np
import typer

from simulations.execution.progress import bar
from simulations.files import read_npz, write_atomically
from simulations.records import Record, provenance
from theory.checks import InputError, confidence_level, probability
from tradeoff.options import (
    SeedOption,
    TableFormat,
    TableOption,
    parse_radius,
    radius_option,
)

if TYPE_CHECKING:
    from empirical.data.dataset import Dataset
    from theory.bounds.joint import JointBound
    from theory.checks import FloatArray
    from theory.setting.setting import Setting
    from theory.setting.transformation_models import RotatedMeans
    from theory.setting.transformations import Transformations

Number = TypeVar("Number", int, float)

__all__ = ["Norm", "Split", "frontier_images", "images_report"]


class Norm(StrEnum):
    """Of the attack."""

    linf = "linf"
    l2 = "l2"
    l1 = "l1"


class Split(StrEnum):
    """Of a data set."""

    train = "train"
    test = "test"


def frontier_images(
    context: typer.Context,
    *,
    dataset: Annotated[str, typer.Option(help="mnist, cifar10, FILE.npz or FOLDER.")] = "mnist",
    split: Annotated[Split, typer.Option(help="Which images.")] = Split.test,
    classes: Annotated[str, typer.Option(metavar="6,9", help="By default all.")] = "",
    count: Annotated[
        int, typer.Option("--images", min=0, help="Of them, evenly spaced; 0: all.")
    ] = 0,
    sigma: Annotated[
        list[float] | None, typer.Option(help="Deviation of the noise, white being 1; repeatable.")
    ] = None,
    epsilon: Annotated[
        str, radius_option("--epsilon", "Radius of the attack, in units of pixels from 0 to 1.")
    ] = "0.1",
    norm: Annotated[Norm, typer.Option(help="Of the attack.")] = Norm.linf,
    turns: Annotated[
        str, typer.Option(metavar="0,2", help="Numbers of quarter turns, from 0 to 3.")
    ] = "0,1,2,3",
    degrees: Annotated[
        str, typer.Option(metavar="-30,0,30", help="Turn images by these angles instead.")
    ] = "",
    weight: Annotated[float, typer.Option(help="Of S where both are wanted.")] = 0.5,
    confidence: Annotated[float, typer.Option(help="Of the limits of one sigma.")] = 0.999,
    steps: Annotated[
        int, typer.Option(min=0, help="Of each search; 0: as many as time allows.")
    ] = 0,
    samples: Annotated[int, typer.Option(min=0, help="Of each limit; 0: as time allows.")] = 0,
    attacked: Annotated[
        int, typer.Option(min=0, help="Noisy images on which the Bayes rules are attacked.")
    ] = 0,
    spatial: Annotated[
        str | None, typer.Option(metavar="K/N", help="Right on turned images: is it possible?")
    ] = None,
    adversarial: Annotated[
        str | None, typer.Option(metavar="K/N", help="Right under attack: is it possible?")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="FILE.npz of the shifts: go on from it, write to it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write a record to this JSON file.")] = None,
    seed: SeedOption = 0,
    form: TableOption = TableFormat.text,
) -> None:
    """Limit what any classifier can do on images of a data set under Gaussian noise.

    Of every classifier, even one that knows all these images: its accuracy A under attack
    alone, its accuracy S on turned images alone, and both at once. The limit of S alone is
    attained. Noise that hides the digits changes the task; at small sigma nothing is said. A
    measured pair of accuracies is checked against them; exit code 1 if no classifier has it.
    """
    from empirical.checks import check_budget
    from empirical.data.noisy import image_setting
    from tradeoff.answers.repetition import repetition
    from tradeoff.answers.tables import render

    begin, told = time.perf_counter(), repetition(context)
    level = probability("weight", weight)
    if not 0.0 < level < 1.0:
        raise InputError(f"weight must lie in (0, 1), got {level:g}")
    confidence = confidence_level("confidence", confidence)
    measured = _measured(spatial, adversarial, confidence)
    whole = "integers such as 0,2"
    quarters, radius = _listed("turns", turns, int, whole), parse_radius(str(epsilon))
    if not all(0 <= turn <= 3 for turn in quarters):
        raise InputError(
            f"turns must be quarter turns from 0 to 3, got {turns!r}; angles are --degrees"
        )
    images = _images(dataset, split.value, _listed("classes", classes, int, whole), count)
    if norm is Norm.linf:
        check_budget(radius, images.bounds)
    transformations = _transformations(
        images, quarters, _listed("degrees", degrees, float, "numbers such as -30,0,30")
    )
    kept = _Shifts(keep)
    limits: list[dict[str, Any]] = []
    reached: list[dict[str, Any]] = []
    for deviation in sigma or [1.0]:
        setting = image_setting(
            images, sigma=deviation, epsilon=radius, norm=norm.value,
            transformations=transformations,
        )  # fmt: skip
        bounds = _bounds(
            setting, (0.0, level, 1.0), kept, seed=seed, steps=steps, samples=samples,
            confidence=confidence,
        )  # fmt: skip
        limits += [_row(setting, bound) for bound in bounds]
        if attacked:
            reached += _attacked(setting, bounds, images.shape, attacked, seed)
    report = {**told, **images_report(setting, limits, reached)}
    if measured:
        report["measured"] = _checked(limits, measured, confidence)
    sys.stdout.write(render(report, "limits", form.value))
    if out is not None:
        facts = {name: report["setting"][name] for name in _IDENTITY}
        config = facts | {
            "split": split.value, "classes": classes, "turns": turns, "degrees": degrees,
            "weight": level, "confidence": confidence, "steps": steps, "samples": samples,
            "attacked": attacked, "seed": seed, "resumed": kept.resumed,
        }  # fmt: skip
        rows = [{"kind": "limit", **row} for row in limits]
        rows += [{"kind": "reached", **row} for row in reached]
        found = provenance(seed=seed, seconds=time.perf_counter() - begin)
        name = "noisy_images" if classes else "noisy_images_all"
        Record(name, config, rows, found).save(out)
    if not all(row["possible"] for row in report.get("measured", [])):
        raise typer.Exit(1)


_IDENTITY = ("name", "components", "dimension", "transformations", "epsilon", "norm")


def images_report(
    setting: "Setting", limits: list[dict[str, Any]], reached: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the limits, what was reached below them, and what both ceilings at once lack.

    The shortfall is how far every classifier stays below the two ceilings, in the mean with
    the weights of the joint limit; the ceiling of A need not be attained.
    """
    mixture = setting.mixture
    facts = {
        "name": setting.name,
        "components": mixture.components,
        "classes": len(mixture.classes),
        "dimension": mixture.dimension,
        "transformations": len(setting.probabilities),
        "epsilon": setting.epsilon,
        "norm": setting.norm,
    }
    wanting = []
    for adversarial, both, spatial in zip(limits[::3], limits[1::3], limits[2::3], strict=True):
        share = both["spatial_weight"]
        corner = share * spatial["at_most"] + (1.0 - share) * adversarial["at_most"]
        wanting.append(
            {
                "sigma": both["sigma"],
                "both_ceilings": corner,
                "shortfall_at_least": max(0.0, corner - both["at_most"]),
            }
        )
    table = [
        {
            "sigma": row["sigma"],
            "Bayes rule at weight": row["spatial_weight"],
            "S": row["spatial"] / row["trials"],
            "S_status": "estimate",
            "A under PGD": row["adversarial"] / row["trials"],
            "A under PGD_status": "upper estimate",
            "share of the shifts": row["share"],
            "trials": row["trials"],
        }
        for row in reached
    ]
    told = [
        {
            "sigma": row["sigma"],
            "what": row["what"],
            "accuracy_at_most": row["at_most"],
            "accuracy_at_most_status": row["status"],
            "estimate": row["estimate"],
            "samples": row["samples"],
        }
        for row in limits
    ]
    return {"setting": facts, "limits": told, "wanting_both": wanting, "reached": table}


def _measured(
    spatial: str | None, adversarial: str | None, confidence: float
) -> list[tuple[int, int]]:
    """Read both counts, or neither."""
    from tradeoff.answers.verdicts import read_counts

    if (spatial is None) != (adversarial is None):
        raise InputError("spatial and adversarial must be given together, got one of them")
    if spatial is None or adversarial is None:
        return []
    if confidence <= 0.5:
        raise InputError(
            f"confidence must be above 1/2 where counts are checked, got {confidence:g}"
        )
    return [read_counts("spatial", spatial), read_counts("adversarial", adversarial)]


def _checked(
    limits: list[dict[str, Any]], measured: list[tuple[int, int]], confidence: float
) -> list[dict[str, Any]]:
    """Say which limits a measured pair passes by more than chance.

    Both accuracies are replaced by exact lower limits at half the error of the confidence each;
    with that of the limits, a pair that a classifier has is called impossible with probability
    at most twice the error.
    """
    from theory.frontiers.measurements import measured_limits

    found = measured_limits([(measured[0], measured[1])], confidence=confidence)
    rows = []
    for limit in limits:
        least = float(found.least_sums([limit["spatial_weight"]])[0, 0])
        rows.append(
            {
                "sigma": limit["sigma"],
                "what": limit["what"],
                "measured_at_least": least,
                "accuracy_at_most": limit["at_most"],
                "accuracy_at_most_status": limit["status"],
                "possible": bool(least <= limit["at_most"]),
                "possible_status": f"at confidence {1.0 - 2.0 * (1.0 - confidence):.9g}",
            }
        )
    return rows


def _row(setting: "Setting", bound: "JointBound") -> dict[str, Any]:
    names = {0.0: "A alone", 1.0: "S alone"}
    both = f"{bound.weight:g} S + {1 - bound.weight:g} A"
    return {
        "sigma": setting.mixture.sigma,
        "what": names.get(bound.weight, both),
        "spatial_weight": bound.weight,
        "at_most": bound.upper,
        "estimate": bound.estimate,
        "samples": bound.samples,
        "status": bound.kind,
    }


def _bounds(
    setting: "Setting",
    weights: tuple[float, ...],
    kept: "_Shifts",
    *,
    seed: int,
    steps: int,
    samples: int,
    confidence: float,
) -> "list[JointBound]":
    """Search and limit at each weight, from what was kept, and keep what is found."""
    from theory.frontiers.many_components import optimised_joint_bounds

    sigma = setting.mixture.sigma
    places = {weight: f"{sigma:g} {weight:g}" for weight in weights}
    with bar(f"sigma {sigma:g}", None) as advance:
        return optimised_joint_bounds(
            setting, weights, rng=seed, steps=steps or None, samples=samples or None,
            confidence=confidence, start=kept.of(places, setting.mixture.means.shape),
            found=lambda weight, shifts: kept.put(places[weight], shifts),
            progress=lambda *_: advance(),
        )  # fmt: skip


def _attacked(
    setting: "Setting",
    bounds: "list[JointBound]",
    shape: tuple[int, int, int],
    count: int,
    seed: int,
) -> list[dict[str, Any]]:
    """Attack the Bayes rule behind each limit."""
    from empirical.comparison.attainable import attacked_bayes_rule

    rows = []
    for bound in bounds:
        found = attacked_bayes_rule(
            setting, bound.weight, bound.shifts, shape=shape, count=count, rng=seed
        )
        rows.append({"sigma": setting.mixture.sigma, "spatial_weight": bound.weight, **found})
    return rows


_PLACE = re.compile(r"[-+.e\d]+ [-+.e\d]+")  # standard deviation and weight


class _Shifts:
    """Shifts by their weight, in a file where there is one."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.found: dict[str, FloatArray] = {}
        if file is not None and file.suffix != ".npz":
            raise InputError(f"keep must be a .npz file, got {file}")
        if file is not None and file.exists():
            self.found = read_npz(file)
            for name, shifts in self.found.items():
                if not _PLACE.fullmatch(name) or shifts.dtype.kind != "f":
                    raise InputError(f"keep must be a file of shifts alone, got {name} in {file}")
        self.resumed = sorted(self.found)

    def of(self, places: Mapping[float, str], shape: Sequence[int]) -> "dict[float, FloatArray]":
        """Return the shifts that were kept under the names of weights."""
        kept = {
            weight: self.found[place] for weight, place in places.items() if place in self.found
        }
        for found in kept.values():
            if found.shape != tuple(shape):
                raise InputError(
                    f"keep must be of these images, shape {tuple(shape)}, got {found.shape} in "
                    f"{self.file}"
                )
        return kept

    def put(self, place: str, shifts: "FloatArray") -> None:
        """Keep shifts under a name."""
        self.found[place] = shifts
        if self.file is not None:
            stream = io.BytesIO()
            np.savez(stream, **self.found)  # type: ignore[arg-type]
            write_atomically(self.file, stream.getvalue())


def _images(dataset: str, split: str, classes: list[int], count: int) -> "Dataset":
    """Return the images that are asked for."""
    from empirical.data.load import load_stored
    from empirical.data.noisy import of_classes

    images = load_stored(dataset, split)
    return (of_classes(images, classes) if classes else images).spaced(count)


def _transformations(
    images: "Dataset", turns: list[int], degrees: list[float]
) -> "Transformations | RotatedMeans":
    """Return quarter turns, or rotations of the means by the angles if there are any."""
    from empirical.data.noisy import image_turns
    from empirical.transforms.matrices import rotated_means

    return rotated_means(images.shape, degrees) if degrees else image_turns(images.shape, turns)


def _listed(name: str, text: str, read: Callable[[str], Number], content: str) -> list[Number]:
    """Read numbers with commas between them."""
    try:
        return [read(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(f"{name} must be {content}, got {text!r}") from None
