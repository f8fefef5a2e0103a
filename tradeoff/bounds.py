"""Commands of the theory: ``bound``, ``frontier``, ``check``, ``derive``."""

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from simulations.execution.progress import bar
from theory.checks import InputError
from theory.setting.setting import Setting
from tradeoff.options import SeedOption, TableFormat, TableOption
from tradeoff.settings import add_settings

__all__ = ["bound", "check", "derive_command", "frontier"]

bound = typer.Typer(
    name="bound", no_args_is_help=True, help="The certified bound at given adversarial errors."
)
frontier = typer.Typer(
    name="frontier", no_args_is_help=True, help="Outer and inner curves, and the gap between them."
)
check = typer.Typer(
    name="check", no_args_is_help=True, help="Is a measured pair of accuracies possible?"
)


def _bound(
    setting: Setting,
    parameters: dict[str, Any],
    *,
    adversarial_error: Annotated[
        list[float] | None, typer.Option(help="Adversarial error e_A; repeatable.")
    ] = None,
    form: TableOption = TableFormat.text,
) -> None:
    """Print the certified bound on the spatial error, the closed form and the residuals."""
    from tradeoff.reports import bound_report, render

    report = bound_report(setting, np.array(adversarial_error or [0.1]), parameters)
    sys.stdout.write(render(report, "bounds", form.value))


def _check(
    setting: Setting,
    parameters: dict[str, Any],  # noqa: ARG001
    *,
    spatial: Annotated[str, typer.Option(metavar="K/N", help="Right under transformation.")],
    adversarial: Annotated[str, typer.Option(metavar="K/N", help="Right under attack.")],
    confidence: Annotated[float, typer.Option(help="Of the verdict.")] = 0.999,
    points: Annotated[int, typer.Option(help="Measurements that are checked together.")] = 1,
) -> None:
    """Say whether a measured point is possible; exit code 1 if no classifier can be there."""
    from theory.frontiers.measurements import check_measurement

    verdict = check_measurement(
        setting,
        spatial=_counts("spatial", spatial),
        adversarial=_counts("adversarial", adversarial),
        confidence=confidence,
        points=points,
    )
    sys.stdout.write(f"{verdict}\n")
    if verdict.violated:
        raise typer.Exit(1)


def _frontier(
    setting: Setting,
    parameters: dict[str, Any],
    *,
    points: Annotated[int, typer.Option(help="Points of each curve.")] = 33,
    weights: Annotated[int, typer.Option(help="Weights of the joint bound.")] = 9,
    samples: Annotated[int, typer.Option(help="Samples of each joint bound.")] = 1 << 18,
    seed: SeedOption = 0,
    form: TableOption = TableFormat.text,
    plot: Annotated[
        Path | None, typer.Option(help="Also draw to this file: png, pdf or svg.")
    ] = None,
) -> None:
    """Print the outer and the inner curve of a setting and the gap between them."""
    from theory.frontiers.frontier import frontier as enclose
    from tradeoff.reports import frontier_report, render

    if plot is not None:
        from paper_figures.style import check_format

        check_format(plot)
    with bar("frontier", weights + 1) as advance:
        found = enclose(
            setting, rng=seed, points=points, weights=weights, samples=samples,
            progress=lambda _done, _total: advance(),
        )  # fmt: skip
    sys.stdout.write(render(frontier_report(found, parameters), "frontier", form.value))
    if plot is not None:
        from paper_figures.from_theory.frontier_curve import plot_frontier
        from paper_figures.style import save

        typer.echo(f"figure: {save(plot_frontier(found), plot)}", err=True)


for _group, _command in ((bound, _bound), (frontier, _frontier), (check, _check)):
    add_settings(_group, _command)


def derive_command(
    name: Annotated[str, typer.Argument(metavar="SETTING", help="A setting of the catalogue.")],
    latex: Annotated[bool, typer.Option("--latex", help="As LaTeX.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """Print the theorem of a setting as a proof, after verifying each of its steps."""
    from theory.derivations.derive import derive

    if latex and markdown:
        raise InputError("format must be one of --latex, --markdown, got both")
    derivation = derive(name)
    derivation.verify()
    if latex:
        text = derivation.to_latex()
    else:
        text = derivation.to_markdown() if markdown else derivation.to_text()
    sys.stdout.write(text.rstrip("\n") + "\n")


def _counts(name: str, text: str) -> tuple[int, int]:
    """Read K/N."""
    successes, slash, trials = text.partition("/")
    if not (slash and successes.strip().isdecimal() and trials.strip().isdecimal()):
        raise InputError(f"{name} must be counts K/N such as 746/1000, got {text!r}")
    return int(successes), int(trials)
