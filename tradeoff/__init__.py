"""The one command of the project: ``tradeoff COMMAND ...`` runs the command of a package.

Packages are imported when one of their commands is called, so that ``tradeoff bound`` needs
neither torch nor matplotlib.
"""

import importlib
import os
import sys
from importlib.metadata import version

from tradeoff.errors import execute

__all__ = ["COMMANDS", "main"]

COMMANDS = {
    "bound": ("theory", "The certified bound at given adversarial errors"),
    "frontier": ("paper_figures", "Outer and inner curves of a setting, and the gap between them"),
    "check": ("theory", "Is a measured pair of accuracies possible?"),
    "derive": ("theory", "The theorem of a setting as a proof, each step verified"),
    "simulate": ("simulations", "Check the theory by Monte Carlo"),
    "data": ("empirical", "Fetch and verify a data set"),
    "train": ("empirical", "Train one network"),
    "evaluate": ("empirical", "Evaluate a trained network, yours or ours"),
    "sweep": ("empirical", "Train and evaluate a family of networks"),
    "tune": ("empirical", "Choose learning rates on held-out images"),
    "connect": ("empirical", "Compare trained networks with the theory"),
    "figures": ("paper_figures", "Draw the figures and tables"),
}

EXTRAS = {"torch": "empirical", "pooch": "empirical", "matplotlib": "figures"}


def main() -> None:
    """Run ``tradeoff`` on the arguments of this process."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in {"-h", "--help"}:
        sys.stdout.write(_help())
    elif arguments[0] == "--version":
        sys.stdout.write(f"tradeoff {version('spatial-adversarial-tradeoff')}\n")
    elif arguments[0] in COMMANDS:
        _run(COMMANDS[arguments[0]][0])
    else:
        names = ", ".join(COMMANDS)
        sys.stderr.write(f"error: command must be one of {names}, got {arguments[0]}\n")
        raise SystemExit(2)


def _run(package: str) -> None:
    for library in ("OMP", "OPENBLAS"):  # on matrices of a few hundred rows threads only wait
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    try:
        execute(importlib.import_module(f"{package}.__main__").app, program="tradeoff")
    except ModuleNotFoundError as error:
        extra = EXTRAS.get(error.name or "")
        if extra is None:
            raise
        sys.stderr.write(
            f"error: this command needs {error.name}; install it with pip install '.[{extra}]'\n"
        )
        raise SystemExit(2) from None


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, (_, text) in COMMANDS.items()]
    head = "usage: tradeoff COMMAND [options]     (tradeoff COMMAND --help tells more)"
    return "\n".join([head, "", *lines, "", "  --version  print the version", ""])


if __name__ == "__main__":
    main()
