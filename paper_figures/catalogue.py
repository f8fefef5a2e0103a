"""Every figure and table by name: what draws it and which records it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from paper_figures import (
    fig_boundary,
    fig_connection,
    fig_distance,
    fig_frontier,
    fig_mnist_rotation,
    fig_probit,
    fig_profiles,
    fig_progressive,
    fig_recipes,
    fig_steps,
    fig_validation,
    records,
    tab_bounds,
    tab_probit,
    tab_recipes,
)
from paper_figures.tables import Table

__all__ = ["FIGURES", "TABLES", "Exhibit", "exhibit"]


@dataclass(frozen=True)
class Exhibit:
    """A figure or a table: a pure function of the records of the experiments named."""

    draw: Callable[..., Figure | Table]
    experiments: tuple[str, ...] = ()


FIGURES = {
    "frontier": Exhibit(fig_frontier.draw, ("orientation_texture",)),
    "frontier_recipes": Exhibit(fig_frontier.draw, ("recipes_gaussian",)),
    "mnist_rotation": Exhibit(fig_mnist_rotation.draw, ("mnist_rotation",)),
    "distance": Exhibit(fig_distance.draw, ("mnist_rotation",)),
    "recipes": Exhibit(fig_recipes.draw, ("recipes_mnist",)),
    "recipes_cifar10": Exhibit(fig_recipes.draw, ("recipes_cifar10",)),
    "profiles": Exhibit(fig_profiles.draw, ("recipes_mnist",)),
    "boundary": Exhibit(fig_boundary.draw, ("recipes_mnist",)),
    "connection": Exhibit(fig_connection.draw, ("connection",)),
    "validation": Exhibit(fig_validation.draw, ("validation",)),
    "progressive": Exhibit(fig_progressive.draw),
    "probit": Exhibit(fig_probit.draw),
    "steps": Exhibit(fig_steps.draw),
}


TABLES = {
    "recipes_table": Exhibit(tab_recipes.draw, ("recipes_mnist",)),
    "recipes_cifar10_table": Exhibit(tab_recipes.draw, ("recipes_cifar10",)),
    "probit_table": Exhibit(tab_probit.draw, ("connection",)),
    "bounds_table": Exhibit(tab_bounds.draw),
}


def exhibit(name: str, folders: tuple[Path, ...]) -> Figure | Table:
    """Draw the figure, or set the table, of a name from the records in `folders`.

    Raises
    ------
    ValueError
        If the name is unknown, or a record is missing, damaged or unfit.
    """
    known = FIGURES | TABLES
    if name not in known:
        raise ValueError(f"figure must be one of {', '.join(known)}, got {name!r}")
    needed = (records.find(experiment, folders) for experiment in known[name].experiments)
    return known[name].draw(*needed)
