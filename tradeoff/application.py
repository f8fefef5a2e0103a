"""All commands in one application."""

import os
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from tradeoff import bounds, figures, images, networks, simulate
from tradeoff.options import Group
from tradeoff.page import command as page

__all__ = ["app"]

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode="markdown",  # fills the lines of a paragraph
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tradeoff {installed_version('spatial-adversarial-tradeoff')}")
        raise typer.Exit


@app.callback()
def tradeoff(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    data_folder: Annotated[
        Path | None,
        typer.Option(
            "--data-folder",
            envvar="TRADEOFF_DATA",
            help="Where CIFAR-10 lies; cifar10 of this folder by default.",
        ),
    ] = None,
) -> None:
    """Bound, check, simulate and train: spatial against adversarial robustness."""
    if data_folder is not None:  # worker processes inherit it
        os.environ["TRADEOFF_DATA"] = str(data_folder.resolve())


bounds.frontier.command("images")(images.frontier_images)
for group in (bounds.bound, bounds.frontier, bounds.check):
    app.add_typer(group)
app.command("derive")(bounds.derive_command)
app.command("simulate")(simulate.simulate_command)
app.command("data")(networks.data_command)
app.command("train")(networks.train_command)
app.command("evaluate")(networks.evaluate_command)
app.command("sweep")(networks.sweep_command)
app.command("tune")(networks.tune_command)
app.command("connect")(networks.connect_command)
app.command("figures")(figures.figures_command)
app.command("leaderboard")(page.leaderboard_command)
app.command("report")(page.report_command)
