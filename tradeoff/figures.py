"""The command ``figures``."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tradeoff.options import known_name, name_argument

__all__ = ["figures_command"]


# Told in the help, which loads no figures.
_NAMES = (
    "frontier, frontier-recipes, mnist-rotation, cifar10-rotation, mnist-translation, "
    "cifar10-translation, training-radius, training-radius-cifar10, recipes, recipes-cifar10, "
    "recipes-small-epsilon, recipes-equal-passes, recipes-paper-networks, turns, turns-cifar10, "
    "profiles, profiles-cifar10, boundary, connection, attack-strength, validation, deviations, "
    "noisy-images, noisy-images-all, noisy-networks, noisy-networks-all, progressive, probit, "
    "steps, residual, heatmaps, recipes-table, recipes-small-epsilon-table, "
    "recipes-cifar10-table, paper-networks-table, probit-table, bounds-table"
)


class FigureFormat(StrEnum):
    """Of the files that are drawn."""

    png = "png"
    pdf = "pdf"
    svg = "svg"


def figures_command(
    names: Annotated[list[str] | None, name_argument("All by default, of:", _NAMES)] = None,
    records: Annotated[
        Path | None, typer.Option(help="Folder of records; those shipped by default.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("results/figures"),
    form: Annotated[
        FigureFormat, typer.Option("--format", help="Of the files.")
    ] = FigureFormat.png,
    index: Annotated[
        Path | None, typer.Option(help="Also write the index of all, as Markdown, to this file.")
    ] = None,
) -> None:
    """Draw the figures and tables named, or all that have their records, and their captions.

    The captions are written to figures.tex, for LaTeX to include.
    """
    from paper_figures.catalogue import FIGURES, TABLES, draw_named
    from paper_figures.index import index_latex, index_markdown
    from paper_figures.records import MissingRecordError, folders
    from paper_figures.style import save
    from paper_figures.tables import Table, save_table
    from simulations.execution.progress import bar
    from simulations.files import write_atomically

    places = folders(records)
    known = FIGURES | TABLES
    chosen = [known_name("figure", name, known) for name in names or known]
    drawn, lines = [], []
    with bar("figures", len(chosen)) as advance:
        for name in chosen:
            try:
                item = draw_named(name, places)
            except MissingRecordError as error:
                if names:
                    raise
                lines.append(f"left out {name}: {error}")
                continue
            finally:
                advance()
            drawn.append(name)
            if isinstance(item, Table):
                paths = save_table(item, out / name)
            else:
                paths = [save(item, out / f"{name}.{form.value}")]
            sys.stdout.write("".join(f"{path}\n" for path in paths))
    typer.echo("\n".join(lines), err=True, nl=bool(lines))
    latex = write_atomically(out / "figures.tex", index_latex(drawn, places).encode())
    typer.echo(latex)
    if index is not None:
        import os

        images = os.path.relpath(out, index.parent).replace(os.sep, "/")
        typer.echo(write_atomically(index, index_markdown(places, images).encode()))
