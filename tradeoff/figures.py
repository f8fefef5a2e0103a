"""The command ``figures``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["figures_command"]


class FigureFormat(StrEnum):
    """Of the files that are drawn."""

    png = "png"
    pdf = "pdf"
    svg = "svg"


def figures_command(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all by default.")] = None,
    records: Annotated[
        Path | None, typer.Option(help="Folder of records; those shipped by default.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("results/figures"),
    form: Annotated[
        FigureFormat, typer.Option("--format", help="Of the files.")
    ] = FigureFormat.png,
) -> None:
    """Draw the figures and tables named, or all that have their records."""
    from paper_figures.catalogue import FIGURES, TABLES, draw_named
    from paper_figures.records import MissingRecordError, folders
    from paper_figures.style import save
    from paper_figures.tables import Table, save_table

    places = folders(records)
    for name in names or FIGURES | TABLES:
        try:
            drawn = draw_named(name, places)
        except MissingRecordError as error:
            if names:
                raise
            typer.echo(f"left out {name}: {error}", err=True)
            continue
        if isinstance(drawn, Table):
            paths = save_table(drawn, out / name)
        else:
            paths = [save(drawn, out / f"{name}.{form.value}")]
        typer.echo("\n".join(map(str, paths)))
