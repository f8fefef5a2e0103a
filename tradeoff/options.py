"""Options that several commands share, and how radii are written."""

from collections.abc import Iterable
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from theory.checks import one_of

__all__ = [
    "ClusterOption",
    "ConfidenceOption",
    "Device",
    "DeviceOption",
    "Group",
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
    "known_name",
    "name_argument",
    "parse_radius",
    "radius_option",
    "radius_text",
]


class Group(TyperGroup):
    """Commands whose names may be written with underscores in place of hyphens.

    Those with commands of their own are listed first.
    """

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the commands in the order of the help."""
        names = super().list_commands(ctx)
        return sorted(names, key=lambda name: not isinstance(self.commands[name], TyperGroup))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a name, or None."""
        found = super().get_command(ctx, cmd_name)
        return found or super().get_command(ctx, cmd_name.replace("_", "-"))


def known_name(name: str, text: str, known: Iterable[str]) -> str:
    """Return which of the known names a text stands for, whatever its hyphens and underscores.

    Raises
    ------
    ValueError
        If it is none; the message spells all names with hyphens.
    """
    names = {one.replace("_", "-"): one for one in known}
    return names[one_of(name, text.replace("_", "-"), list(names))]


def name_argument(text: str, names: str, **options: Any) -> Any:
    """Return the argument of one of these names, between commas, which a shell completes."""
    known = names.split(", ")

    def complete(incomplete: str) -> list[str]:
        return [name for name in known if name.startswith(incomplete)]

    return typer.Argument(help=f"{text} {names}.", autocompletion=complete, **options)


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
ConfidenceOption = Annotated[
    float, typer.Option("--confidence", help="In (0, 1), that no sound measurement is refused.")
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


def radius_text(radius: float) -> str:
    """Return how a radius is written: a short decimal, or a fraction of 255, or six digits.

    Examples
    --------
    >>> radius_text(0.1), radius_text(8 / 255), radius_text(1 / 7)
    ('0.1', '8/255', '0.142857')
    """
    short = f"{radius:.6g}"
    steps = round(radius * 255) if abs(radius) < 1e6 else 0
    return f"{steps}/255" if steps and float(short) != radius == steps / 255 else short


def radius_option(name: str, text: str) -> Any:
    """Return the option ``name`` of attack radii, written 0.1 or 8/255."""
    return typer.Option(name, parser=parse_radius, metavar="RADIUS", help=text)
