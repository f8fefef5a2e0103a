"""Commands of the theory: ``bound``, ``derive``, ``check``."""

import sys
from typing import Annotated, Any

import numpy as np
import typer

from theory.arguments import SETTINGS, setting_options
from theory.command import execute
from theory.reports import bound_report, render
from theory.setting import Setting

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


if __name__ == "__main__":
    execute(app, program="python -m theory")
