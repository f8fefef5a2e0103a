"""Command line of the simulations: ``tradeoff simulate``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simulations.validation.experiments import EXPERIMENTS, PROFILES, run
from simulations.validation.report import failures, page
from tradeoff.errors import execute

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


class Format(StrEnum):
    """What is printed on stdout."""

    text = "text"
    json = "json"


@app.callback()
def simulations() -> None:
    """Check the theory by Monte Carlo."""


@app.command()
def simulate(
    name: Annotated[
        str, typer.Argument(help=f"What to check: {', '.join(EXPERIMENTS)}.")
    ] = "validation",
    *,
    profile: Annotated[str, typer.Option(help=f"Size: {', '.join(PROFILES)}.")] = "quick",
    seed: Annotated[int, typer.Option(help="Seed of all randomness.")] = 0,
    out: Annotated[Path, typer.Option(help="Folder of the records.")] = Path("results"),
    workers: Annotated[int, typer.Option(help="Number of local processes.")] = 1,
    cluster: Annotated[
        str | None, typer.Option(help="Dask scheduler, tcp://host:8786, instead.")
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="Page of text, or the record.")
    ] = Format.text,
) -> None:
    """Check the theory by simulation; exit code 1 if a check fails.

    The record goes to OUT/NAME-PROFILE.json. A run that was interrupted continues.
    """
    record = run(name, profile, seed, folder=out / "tasks", workers=workers, cluster=cluster)
    path = record.save(out / f"{name}-{profile}.json")
    typer.echo(path.read_text(encoding="utf-8") if form is Format.json else page(record))
    if form is Format.text:
        typer.echo(f"record: {path}")
    if failures(record):
        raise typer.Exit(1)


if __name__ == "__main__":
    execute(app)
