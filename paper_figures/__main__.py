"""``tradeoff figures``: draw the figures that have their records."""

from pathlib import Path
from typing import Annotated

import typer

from theory.command import execute

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback()
def group() -> None:
    """Figures and tables from records and theory alone."""


@app.command()
def figures(
    names: Annotated[list[str] | None, typer.Argument(help="Which; all by default.")] = None,
    records: Annotated[
        Path | None, typer.Option(help="Folder of records; those shipped by default.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("results/figures"),
    format: Annotated[str, typer.Option(help="png or pdf.")] = "png",  # noqa: A002
) -> None:
    """Draw the figures and tables named, or all that have their records."""
    from paper_figures.catalogue import FIGURES, TABLES, exhibit
    from paper_figures.records import MissingRecordError, folders
    from paper_figures.style import save
    from paper_figures.tables import Table, save_table

    if format not in ("png", "pdf"):
        raise ValueError(f"format must be png or pdf, got {format!r}")
    places = folders(records)
    for name in names or FIGURES | TABLES:
        try:
            drawn = exhibit(name, places)
        except MissingRecordError as error:
            if names:
                raise
            typer.echo(f"left out {name}: {error}", err=True)
            continue
        if isinstance(drawn, Table):
            paths = save_table(drawn, out / name)
        else:
            paths = [save(drawn, out / f"{name}.{format}")]
        typer.echo("\n".join(map(str, paths)))


if __name__ == "__main__":
    execute(app)
