"""Options that several commands share, and how radii are written."""

from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer

__all__ = [
    "ClusterOption",
    "Device",
    "DeviceOption",
    "KeepOption",
    "OutOption",
    "Precision",
    "PrecisionOption",
    "Profile",
    "ProfileOption",
    "SeedOption",
    "TableFormat",
    "TableOption",
    "WorkersOption",
    "parse_radius",
    "radius_option",
]


class Profile(StrEnum):
    """Sizes of the experiments."""

    smoke = "smoke"
    quick = "quick"
    full = "full"
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


class TableFormat(StrEnum):
    """How a table is printed."""

    text = "text"
    json = "json"
    csv = "csv"


ProfileOption = Annotated[Profile, typer.Option("--profile", help="Size of the experiment.")]
DeviceOption = Annotated[Device, typer.Option("--device", help="Where to compute.")]
SeedOption = Annotated[
    int, typer.Option("--seed", min=0, help="Seed of all randomness, the first of a sweep.")
]
PrecisionOption = Annotated[
    Precision | None, typer.Option("--precision", help="Of training only; the profile's own.")
]
TableOption = Annotated[TableFormat, typer.Option("--format", help="How to print.")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, help="Processes.")]
ClusterOption = Annotated[
    str | None, typer.Option("--cluster", help="Dask scheduler, tcp://host:8786, instead.")
]
KeepOption = Annotated[
    bool, typer.Option("--keep", help="Reuse what is finished even if other code made it.")
]
OutOption = Annotated[Path, typer.Option("--out", help="Folder of the results.")]


def parse_radius(text: str) -> float:
    """Return the number a text stands for, a decimal or a fraction of two integers.

    Raises
    ------
    typer.BadParameter
        If it is neither.

    Examples
    --------
    >>> parse_radius("0.1"), parse_radius("8/255") == 8 / 255
    (0.1, True)
    """
    try:
        return float(Fraction(str(text).replace(" ", "")))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise typer.BadParameter(f"must be a number such as 0.1 or 8/255, got {text!r}") from None


def radius_option(name: str, text: str) -> Any:
    """Return the option ``name`` of attack radii, written 0.1 or 8/255."""
    return typer.Option(name, parser=parse_radius, metavar="RADIUS", help=text)
