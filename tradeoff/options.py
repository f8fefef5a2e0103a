"""Options that several commands on trained networks share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from tradeoff.radii import parse_radius

__all__ = [
    "ClusterOption",
    "Device",
    "DeviceOption",
    "OutOption",
    "Precision",
    "PrecisionOption",
    "Profile",
    "ProfileOption",
    "SeedOption",
    "WorkersOption",
    "radius_option",
]


class Profile(StrEnum):
    """Sizes of the experiments."""

    smoke = "smoke"
    quick = "quick"
    paper = "paper"


class Device(StrEnum):
    """Where networks are trained."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class Precision(StrEnum):
    """Of the losses and attacks of training; measurements are in float32."""

    float32 = "float32"
    bfloat16 = "bfloat16"


ProfileOption = Annotated[Profile, typer.Option("--profile", help="Size of the experiment.")]
DeviceOption = Annotated[Device, typer.Option("--device", help="Where to compute.")]
SeedOption = Annotated[int, typer.Option("--seed", min=0, help="Seed, the first of a sweep.")]
PrecisionOption = Annotated[Precision, typer.Option("--precision", help="Of training only.")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, help="Processes.")]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", help="Address of a Dask scheduler.")
]
OutOption = Annotated[Path, typer.Option("--out", help="Folder of the results.")]


def radius_option(name: str, text: str) -> Any:
    """Return the option ``name`` of attack radii, written 0.1 or 8/255."""
    return typer.Option(name, parser=parse_radius, metavar="<radius>", help=text)
