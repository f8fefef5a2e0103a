"""The command ``report``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["report_command"]


def report_command(
    records: Annotated[
        Path | None, typer.Option(help="Folder of records; those shipped by default.")
    ] = None,
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("results/report.html"),
) -> None:
    """Write one HTML file that needs no network: explorer, figures, networks, proofs, records."""
    from paper_figures.records import folders
    from simulations.execution.progress import bar
    from simulations.files import write_atomically

    places = folders(records)
    from tradeoff.page.report import report_html, steps

    with bar("report", steps()) as advance:
        page = report_html(places, advance)
    sys.stdout.write(f"{write_atomically(out, page.encode())}\n")
