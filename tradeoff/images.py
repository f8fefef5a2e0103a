"""``frontier images``: what any classifier can do on the images of a data set under noise."""

import io
import sys
import time
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from simulations.execution.progress import bar
from simulations.files import write_atomically
from simulations.records import Record, provenance
from theory.checks import InputError, confidence_level, probability
from tradeoff.options import SeedOption, TableFormat, TableOption, parse_radius, radius_option

if TYPE_CHECKING:
    from theory.bounds.joint import JointBound
    from theory.checks import FloatArray
    from theory.setting.setting import Setting

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
    *,
    dataset: Annotated[str, typer.Option(help="mnist, cifar10 or FILE.npz.")] = "mnist",
    split: Annotated[Split, typer.Option(help="Which images.")] = Split.test,
    classes: Annotated[str, typer.Option(metavar="6,9", help="By default all.")] = "",
    count: Annotated[
        int, typer.Option("--images", min=0, help="Of them, evenly spaced; 0: all.")
    ] = 0,
    sigma: Annotated[float, typer.Option(help="Deviation of the noise, white being 1.")] = 1.0,
    epsilon: Annotated[str, radius_option("--epsilon", "Radius of the attack.")] = "0.1",
    norm: Annotated[Norm, typer.Option(help="Of the attack.")] = Norm.linf,
    turns: Annotated[str, typer.Option(metavar="0,2", help="Quarter turns.")] = "0,1,2,3",
    degrees: Annotated[
        str, typer.Option(metavar="-30,0,30", help="Turn images by these angles instead.")
    ] = "",
    weight: Annotated[float, typer.Option(help="Of S where both are wanted.")] = 0.5,
    confidence: Annotated[float, typer.Option(help="Of all limits together.")] = 0.999,
    steps: Annotated[int, typer.Option(help="Of each search; 0: as many as time allows.")] = 0,
    samples: Annotated[int, typer.Option(help="Of each limit; 0: as time allows.")] = 0,
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
    attained. Noise that hides the digits changes the task; at small sigma nothing is said.
    """
    from theory.bounds.many_components import joint_bound_of_shifts, optimised_shifts
    from tradeoff.reports import render

    begin = time.perf_counter()
    level = probability("weight", weight)
    if not 0.0 < level < 1.0:
        raise InputError(f"weight must lie in (0, 1), got {level:g}")
    radius = parse_radius(str(epsilon))
    setting = _setting(
        dataset, split.value, _numbers("classes", classes), count,
        transformed=(_numbers("turns", turns), _angles(degrees)),
        noise=(sigma, radius, norm.value),
    )  # fmt: skip
    kept = _Shifts(keep, setting)
    rng = np.random.default_rng(seed)
    bounds: dict[float, JointBound] = {}
    single = 1.0 - (1.0 - confidence_level("confidence", confidence)) / 3.0
    shifts = np.zeros_like(setting.mixture.means)
    for share in (0.0, level, 1.0):
        name = f"weight {share:g}"
        if share < 1.0:
            with bar(f"{name}: search", None) as advance:
                shifts = optimised_shifts(
                    setting, share, rng=rng, steps=steps or None,
                    start=kept.of(share, shifts if share else None), progress=lambda *_: advance(),
                )  # fmt: skip
            kept.put(share, shifts)
        with bar(f"{name}: limit", None) as advance:
            bounds[share] = joint_bound_of_shifts(
                setting, share, shifts, rng=rng, samples=samples or None, confidence=single,
                progress=lambda *_: advance(),
            )  # fmt: skip
    report = images_report(setting, bounds)
    sys.stdout.write(render(report, "limits", form.value))
    if out is not None:
        config = report["setting"] | {
            "dataset": dataset, "split": split.value, "classes": classes, "images": count,
            "turns": turns, "degrees": degrees, "weight": level, "confidence": confidence,
            "steps": steps, "samples": samples, "seed": seed, "resumed": kept.resumed,
        }  # fmt: skip
        found = provenance(seed=seed, seconds=time.perf_counter() - begin)
        Record("frontier-images", config, report["limits"], found).save(out)


def images_report(setting: "Setting", bounds: "dict[float, JointBound]") -> dict[str, Any]:
    """Return the limits as rows: A alone, S alone, both, and what both ceilings at once lack.

    The shortfall is how far every classifier stays below the two ceilings, in the mean of the
    same weights; the ceiling of A need not be attained.
    """
    level = sorted(bounds)[1]
    names = {0.0: "A alone", level: f"{level:g} S + {1 - level:g} A", 1.0: "S alone"}
    rows: list[dict[str, Any]] = [
        {
            "what": names[share],
            "at_most": bounds[share].upper,
            "estimate": bounds[share].estimate,
            "samples": bounds[share].samples,
            "status": bounds[share].kind,
        }
        for share in (0.0, 1.0, level)
    ]
    corner = level * bounds[1.0].upper + (1.0 - level) * bounds[0.0].upper
    mixture = setting.mixture
    facts = {
        "name": setting.name,
        "components": mixture.components,
        "classes": len(mixture.classes),
        "dimension": mixture.dimension,
        "transformations": len(setting.probabilities),
        "sigma": mixture.sigma,
        "epsilon": setting.epsilon,
        "norm": setting.norm,
    }
    shortfall = {
        "both_ceilings": corner,
        "shortfall_at_least": max(0.0, corner - rows[2]["at_most"]),
    }
    return {"setting": facts, "limits": rows, "wanting_both": [shortfall]}


class _Shifts:
    """Shifts by their weight, in a file where there is one."""

    def __init__(self, file: Path | None, setting: "Setting") -> None:
        self.file, self.shape = file, setting.mixture.means.shape
        self.found: dict[str, FloatArray] = {}
        if file is not None and file.suffix != ".npz":
            raise InputError(f"keep must be a .npz file, got {file}")
        if file is not None and file.exists():
            try:
                with np.load(file, allow_pickle=False) as arrays:
                    self.found = {name: arrays[name] for name in arrays.files}
            except (zipfile.BadZipFile, ValueError, EOFError, AttributeError) as error:
                raise InputError(f"keep must be a readable npz file, got {file}") from error
        self.resumed = sorted(self.found)

    def of(self, weight: float, other: "FloatArray | None") -> "FloatArray | None":
        """Return the shifts that were kept for a weight, else the others."""
        return self.found.get(f"{weight:g}", other)

    def put(self, weight: float, shifts: "FloatArray") -> None:
        """Keep the shifts of a weight."""
        self.found[f"{weight:g}"] = shifts
        if self.file is not None:
            stream = io.BytesIO()
            np.savez(stream, **self.found)  # type: ignore[arg-type]
            write_atomically(self.file, stream.getvalue())


def _setting(
    dataset: str,
    split: str,
    classes: list[int],
    count: int,
    *,
    transformed: tuple[list[int], list[float]],
    noise: tuple[float, float, str],
) -> "Setting":
    """Build the mixture of the images that are asked for."""
    from empirical.data.load import load_stored
    from empirical.data.noisy import image_setting, image_turns, of_classes
    from empirical.transforms.matrices import rotated_means

    images = load_stored(dataset, split)
    if classes:
        images = of_classes(images, classes)
    images = images.spaced(count)
    turns, degrees = transformed
    sigma, epsilon, norm = noise
    return image_setting(
        images,
        sigma=sigma,
        epsilon=epsilon,
        norm=norm,
        transformations=(
            rotated_means(images.shape, degrees) if degrees else image_turns(images.shape, turns)
        ),
    )


def _numbers(name: str, text: str) -> list[int]:
    """Read integers with commas between them."""
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(f"{name} must be integers such as 0,2, got {text!r}") from None


def _angles(text: str) -> list[float]:
    """Read angles in degrees with commas between them."""
    try:
        return [float(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise InputError(f"degrees must be numbers such as -30,0,30, got {text!r}") from None
