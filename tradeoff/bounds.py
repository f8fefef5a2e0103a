"""Commands of the theory: ``bound``, ``check``, ``derive``."""

import sys
from typing import Annotated, Any

import numpy as np
import typer

from tradeoff.settings import SETTINGS, setting_options
from tradeoff.errors import execute
from theory.frontiers.measurements import check_measurement
from tradeoff.reports import bound_report, render
from theory.setting.setting import Setting

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

Format = Annotated[str, typer.Option("--format", help="text, json or csv")]


@app.callback()
def _commands() -> None:
    """Bounds on the trade-off between spatial and adversarial accuracy."""


@app.command()
@setting_options
def bound(
    setting: Setting,
    options: dict[str, Any],
    *,
    adversarial_error: Annotated[
        list[float], typer.Option(help="adversarial error e_A; may be repeated")
    ] = [0.1],  # noqa: B006
    form: Format = "text",
) -> None:
    """Print the certified bound on the spatial error, the closed form and the residuals."""
    code = SETTINGS["cyclic-code"] | options if setting.name == "cyclic-code" else None
    report = bound_report(setting, np.array(adversarial_error), code)
    sys.stdout.write(render(report, "bounds", form))


@app.command()
@setting_options
def check(
    setting: Setting,
    options: dict[str, Any],  # noqa: ARG001
    *,
    spatial: Annotated[str, typer.Option(metavar="K/N", help="right under transformation")],
    adversarial: Annotated[str, typer.Option(metavar="K/N", help="right under attack")],
    confidence: Annotated[float, typer.Option(help="of the verdict")] = 0.999,
    points: Annotated[int, typer.Option(help="measurements that are checked together")] = 1,
) -> None:
    """Say whether a measured point is possible; exit code 1 if no classifier can be there."""
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


@app.command(name="derive")
def derive_proof(
    name: Annotated[str, typer.Argument(metavar="SETTING", help="a setting of the catalogue")],
    latex: Annotated[bool, typer.Option("--latex", help="as LaTeX")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="as Markdown")] = False,
) -> None:
    """Print the theorem of a setting as a proof, after verifying each of its steps."""
    from theory.derivations.derive import derive

    if latex and markdown:
        raise ValueError("format must be one of --latex, --markdown, got both")
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
        raise ValueError(f"{name} must be counts K/N such as 746/1000, got {text!r}")
    return int(successes), int(trials)


if __name__ == "__main__":
    execute(app, program="python -m theory")
