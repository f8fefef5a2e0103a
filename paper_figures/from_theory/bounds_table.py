"""The settings of the catalogue: what theory forbids, and what halfspaces reach."""

import numpy as np

from paper_figures.tables import Caption, Table, at_least, at_most
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.frontiers.halfspaces import halfspace_frontier
from theory.setting.curves import concave_envelope
from theory.setting.setting import Setting

__all__ = ["ERRORS", "caption", "draw"]

ERRORS = (0.3, 0.1, 0.01)
"""Adversarial errors at which the curves are read."""
SETTINGS = ("orientation-texture", "rotating-bump", "robust-feature")


def draw() -> Table:
    """Tabulate the largest spatial accuracy at given adversarial errors, in percent.

    Each cell is "reached – bound": the best mixture of halfspaces found (THEORY.md, Theorem
    5), and the bound on every classifier (Theorem 3).  "Impossible": no classifier has so small
    an adversarial error.
    """
    settings = catalogue.defaults()
    heads = [f"adversarial error {100 * error:g} %" for error in ERRORS]
    return Table(
        ("setting", "dimension", "ε", *heads),
        tuple(_line(settings[name]) for name in SETTINGS),
    )


def caption() -> Caption:
    """Say what the two numbers of a cell are."""
    rows = draw().rows
    gaps = []
    for row in rows:
        for cell in row[3:]:
            reached, _, bound = cell.partition(" – ")
            gaps += [float(bound) - float(reached)] if bound else []
    impossible = sum(cell == "impossible" for row in rows for cell in row[3:])
    return Caption.of_theory(
        "What is impossible and what is reached, in three settings",
        shows="Each cell is reached – bound: the spatial accuracy of the best mixture of "
        "halfspaces found (Theorem 5), and the bound on every classifier (Theorem 3), in percent.",
        settings="Settings of the catalogue with their defaults (THEORY.md, section 9.6), ℓ∞ "
        "attack.",
        see=f"The two differ by {min(gaps):.2f} to {max(gaps):.2f} points; in {impossible} cells "
        "no classifier has so small an adversarial error.",
        paper="Not among the paper's experiments.",
    )


def _line(setting: Setting) -> tuple[str, ...]:
    outer = pairwise_bound(setting, ERRORS)
    found = halfspace_frontier(setting, np.linspace(0.0, 1.0, 17))
    x, y = concave_envelope(found.adversarial_accuracy, found.spatial_accuracy)
    cells = []
    for error, bound, attainable in zip(
        ERRORS, outer.spatial_accuracy, outer.attainable, strict=True
    ):
        reached = float(np.interp(1.0 - error, x, y, right=0.0))
        cells.append(
            f"{at_least(reached, 2)} – {at_most(bound, 2)}" if attainable else "impossible"
        )
    return (setting.name, f"{setting.mixture.dimension}", f"{setting.epsilon:g}", *cells)
