"""The command ``simulate``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from theory.setting.catalogue import SETTINGS
from tradeoff.options import (
    ClusterOption,
    KeepOption,
    OutOption,
    Profile,
    ProfileOption,
    SeedOption,
    WorkersOption,
    known_name,
    name_argument,
)

__all__ = ["simulate_command"]


# Told in the help, which loads no checks.
_NAMES = ", ".join(
    [
        *SETTINGS,
        "closed-forms",
        "no-crossing",
        "inner-curve",
        "convergence",
        "rare-errors",
        "power",
        "random-settings",
    ]
)


class Format(StrEnum):
    """What is printed on stdout."""

    text = "text"
    json = "json"


def simulate_command(
    name: Annotated[
        str, name_argument("Everything (validation), one setting or one check:", _NAMES)
    ] = "validation",
    *,
    profile: ProfileOption = Profile.quick,
    seed: SeedOption = 0,
    out: OutOption = Path("results"),
    workers: WorkersOption = 1,
    cluster: ClusterOption = None,
    keep: KeepOption = False,
    form: Annotated[
        Format, typer.Option("--format", help="Page of text, or the record.")
    ] = Format.text,
) -> None:
    """Check the theory by simulation; exit code 1 if a check fails.

    The record goes to OUT/NAME-PROFILE.json. A run that was interrupted continues.
    """
    from simulations.validation.experiments import EXPERIMENTS, run
    from simulations.validation.report import failures, report

    name = known_name("experiment", name, EXPERIMENTS)
    folder = out / "tasks"
    record = run(
        name, profile.value, seed, folder=folder, workers=workers, cluster=cluster, keep=keep
    )
    path = record.save(out / f"{name}-{profile.value}.json")
    typer.echo(path.read_text(encoding="utf-8") if form is Format.json else report(record))
    if form is Format.text:
        typer.echo(f"record: {path}")
    if failures(record):
        raise typer.Exit(1)
