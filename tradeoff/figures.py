"""Commands ``figures``, which draws from records, and ``frontier``, which needs none."""

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from tradeoff.settings import setting_options
from tradeoff.errors import execute
from theory.setting.setting import Setting

app = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__
)


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


@app.command()
@setting_options
def frontier(
    setting: Setting,
    options: dict[str, Any],  # noqa: ARG001
    *,
    points: Annotated[int, typer.Option(help="points of each curve")] = 33,
    weights: Annotated[int, typer.Option(help="weights of the joint bound")] = 9,
    samples: Annotated[int, typer.Option(help="samples of each joint bound")] = 1 << 18,
    random_state: Annotated[int, typer.Option(help="seed of the samples")] = 0,
    form: Annotated[str, typer.Option("--format", help="text, json or csv")] = "text",
    plot: Annotated[Path | None, typer.Option(help="also draw to FILE: png, pdf or svg")] = None,
) -> None:
    """Print the outer and the inner curve of a setting and the gap between them."""
    from tradeoff.frontier_report import frontier_report
    from theory.checks import one_of
    from theory.frontiers.frontier import frontier as enclose
    from tradeoff.reports import FORMATS, render

    one_of("format", form, FORMATS)
    if random_state < 0:
        raise ValueError(f"random-state must be >= 0, got {random_state}")
    if plot is not None:
        from paper_figures.style import check_format

        check_format(plot)
    rng = np.random.default_rng(random_state)
    found = enclose(setting, rng=rng, points=points, weights=weights, samples=samples)
    sys.stdout.write(render(frontier_report(found), "frontier", form))
    if plot is not None:
        from paper_figures.from_theory.frontier_curve import plot_frontier
        from paper_figures.style import save

        typer.echo(f"figure: {save(plot_frontier(found), plot)}", err=True)


if __name__ == "__main__":
    execute(app, program="python -m paper_figures")
