"""Commands of the theory: ``bound``, ``frontier``, ``check``, ``derive``."""

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from simulations.execution.progress import follow
from theory.checks import InputError
from theory.setting.catalogue import SETTINGS
from theory.setting.setting import Setting
from tradeoff.answers.repetition import repetition
from tradeoff.options import (
    ConfidenceOption,
    Group,
    SeedOption,
    TableFormat,
    TableOption,
    known_name,
    name_argument,
)
from tradeoff.settings import add_settings

__all__ = ["bound", "check", "derive_command", "frontier"]

bound = typer.Typer(
    name="bound",
    cls=Group,
    no_args_is_help=True,
    help="The certified bound at given adversarial errors.",
)
frontier = typer.Typer(
    name="frontier",
    cls=Group,
    no_args_is_help=True,
    help="Outer and inner curves, and the gap between them.",
)
check = typer.Typer(name="check", cls=Group, no_args_is_help=True)


def _bound(
    setting: Setting,
    parameters: dict[str, Any],
    repeat: dict[str, Any],
    *,
    adversarial_error: Annotated[
        list[float], typer.Option(help="Adversarial error e_A in [0, 1]; repeatable.")
    ] = [0.1],  # noqa: B006 - typer copies it
    form: TableOption = TableFormat.text,
) -> None:
    """Print the sharpest certified bound on the spatial error, its source and the residuals."""
    from tradeoff.answers.reports import bound_report
    from tradeoff.answers.tables import render

    with follow("bound") as progress:
        report = bound_report(setting, np.array(adversarial_error), parameters, progress=progress)
    sys.stdout.write(render(repeat | report, "bounds", form.value))


def _check(
    setting: Setting,
    parameters: dict[str, Any],
    repeat: dict[str, Any],
    *,
    spatial: Annotated[
        str, typer.Option(metavar="K/N|RATE", help="Right under transformation, 746/1000 or .746.")
    ],
    adversarial: Annotated[
        str, typer.Option(metavar="K/N|RATE", help="Right under attack, 998/1000 or .998.")
    ],
    n: Annotated[
        int | None, typer.Option("--n", min=1, help="Test images behind the rates; no default.")
    ] = None,
    confidence: ConfidenceOption = 0.999,
    points: Annotated[int, typer.Option(help="Measurements that are checked together.")] = 1,
    form: TableOption = TableFormat.text,
) -> None:
    """Say whether a measured point is possible; exit code 1 if no classifier can be there.

    A rate is taken as the least count that is written so, 0.94 of 10000 as 9350.
    """
    from theory.frontiers.measurements import check_measurement
    from tradeoff.answers.reports import setting_summary
    from tradeoff.answers.tables import render
    from tradeoff.answers.verdicts import read_counts, verdict_rows

    counts = read_counts("spatial", spatial, n), read_counts("adversarial", adversarial, n)
    with follow("check") as progress:
        verdict = check_measurement(
            setting, spatial=counts[0], adversarial=counts[1], confidence=confidence,
            points=points, progress=progress,
        )  # fmt: skip
    report = {
        **repeat,
        "setting": setting_summary(setting, parameters),
        "about": {"confidence": confidence, "points": points},
        "verdicts": verdict_rows([({}, *counts)], [verdict]),
    }
    sys.stdout.write(render(report, "verdicts", form.value))
    if form is TableFormat.text:
        sys.stdout.write(f"\n{verdict}\n")
    if verdict.violated:
        raise typer.Exit(1)


@check.callback(invoke_without_command=True)
def check_record(
    context: typer.Context,
    *,
    record: Annotated[
        Path | None,
        typer.Option(help="Record of sweep or evaluate on images of a setting, whose name it has."),
    ] = None,
    limits: Annotated[
        Path | None,
        typer.Option(help="Record of frontier images, where the record is of networks on these."),
    ] = None,
    confidence: ConfidenceOption = 0.999,
    form: TableOption = TableFormat.text,
) -> None:
    """Is a measured pair of accuracies possible? Exit code 1 if no classifier can be there.

    Give a setting and the counts or rates, or --record with counts that this program measured.
    """
    from simulations.records import Record
    from tradeoff.answers.tables import render
    from tradeoff.answers.verdicts import limit_verdicts, record_verdicts

    if context.invoked_subcommand is not None:
        for name, path in (("record", record), ("limits", limits)):
            if path is not None:
                raise InputError(f"{name} must be given without a setting, got {path}")
        return
    if record is None:
        raise InputError("check must have a setting or --record, got neither")
    stored = Record.load(record)
    about: dict[str, Any] = {"record": str(record), "confidence": confidence}
    if limits is not None:
        rows = limit_verdicts(Record.load(limits), stored, confidence=confidence)
        about["limits"] = str(limits)
    else:
        with follow("check"):
            rows = record_verdicts(
                stored.rows, confidence=confidence,
                setting_sha256=stored.config.get("setting_sha256"),
            )  # fmt: skip
    report = {
        **repetition(context),
        "about": {**about, "points": len(rows)},
        "verdicts": rows,
    }
    sys.stdout.write(render(report, "verdicts", form.value))
    if any(row["verdict"] == "impossible" for row in rows):
        raise typer.Exit(1)


def _frontier(
    setting: Setting,
    parameters: dict[str, Any],
    repeat: dict[str, Any],
    *,
    points: Annotated[int, typer.Option(help="Points of each curve.")] = 33,
    weights: Annotated[int, typer.Option(help="Weights of the joint bound.")] = 9,
    samples: Annotated[int, typer.Option(help="Samples of each joint bound.")] = 1 << 18,
    steps: Annotated[
        int, typer.Option(help="Steps of the search for templates; 0: no search.")
    ] = 200,
    seed: SeedOption = 0,
    form: TableOption = TableFormat.text,
    plot: Annotated[
        Path | None, typer.Option(help="Also draw to this file: png, pdf or svg.")
    ] = None,
) -> None:
    """Print the outer and the inner curve of a setting and the gap between them."""
    from theory.frontiers.frontier import frontier as enclose
    from tradeoff.answers.reports import frontier_report
    from tradeoff.answers.tables import render

    if plot is not None:
        from paper_figures.style import check_format

        check_format(plot)
    with follow("frontier") as progress:
        found = enclose(
            setting, rng=seed, points=points, weights=weights, samples=samples,
            steps=steps, progress=progress,
        )  # fmt: skip
    report = repeat | frontier_report(found, parameters)
    sys.stdout.write(render(report, "frontier", form.value))
    if plot is not None:
        from paper_figures.from_theory.frontier_curve import plot_frontier
        from paper_figures.style import save

        typer.echo(f"figure: {save(plot_frontier(found), plot)}", err=True)


for _group, _command in ((bound, _bound), (frontier, _frontier), (check, _check)):
    add_settings(_group, _command)


def derive_command(
    name: Annotated[str, name_argument("One of:", ", ".join(SETTINGS), metavar="SETTING")],
    latex: Annotated[bool, typer.Option("--latex", help="As LaTeX.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown.")] = False,
) -> None:
    """Print the theorem of a setting as a proof, after verifying each of its steps."""
    from theory.derivations.derive import derive

    if latex and markdown:
        raise InputError("format must be one of --latex, --markdown, got both")
    derivation = derive(known_name("setting", name, SETTINGS))
    derivation.verify()
    if latex:
        text = derivation.to_latex()
    else:
        text = derivation.to_markdown() if markdown else derivation.to_text()
    sys.stdout.write(text.rstrip("\n") + "\n")
