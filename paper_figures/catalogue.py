"""Every figure by name: what draws it and which records it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from paper_figures import (
    fig_frontier,
    fig_mnist_rotation,
    fig_probit,
    fig_progressive,
    fig_validation,
    records,
)

__all__ = ["FIGURES", "Exhibit", "figure"]


@dataclass(frozen=True)
class Exhibit:
    """A figure: a pure function of the records of the experiments named."""

    draw: Callable[..., Figure]
    experiments: tuple[str, ...] = ()


FIGURES = {
    "frontier": Exhibit(fig_frontier.draw, ("orientation_texture",)),
    "mnist_rotation": Exhibit(fig_mnist_rotation.draw, ("mnist_rotation",)),
    "validation": Exhibit(fig_validation.draw, ("validation",)),
    "progressive": Exhibit(fig_progressive.draw),
    "probit": Exhibit(fig_probit.draw),
}


def figure(name: str, folders: tuple[Path, ...]) -> Figure:
    """Draw the figure of a name from the records in `folders`.

    Raises
    ------
    ValueError
        If the name is unknown, or a record is missing, damaged or unfit.
    """
    if name not in FIGURES:
        raise ValueError(f"figure must be one of {', '.join(FIGURES)}, got {name!r}")
    exhibit = FIGURES[name]
    return exhibit.draw(*(records.find(experiment, folders) for experiment in exhibit.experiments))
