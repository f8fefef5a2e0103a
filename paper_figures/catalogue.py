"""Every figure and table by name: what draws it and which records it reads."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from paper_figures import records
from paper_figures.from_records import (
    boundary,
    connection,
    distance,
    frontier,
    probit_table,
    profiles,
    recipes,
    recipes_table,
    rotation_ranges,
    validation,
)
from paper_figures.from_theory import bounds_table, probit_limit, progressive, steps
from paper_figures.tables import Table
from theory.checks import InputError

__all__ = ["FIGURES", "TABLES", "Exhibit", "exhibit"]


@dataclass(frozen=True)
class Exhibit:
    """A figure or a table: a pure function of the records of the experiments named."""

    draw: Callable[..., Figure | Table]
    experiments: tuple[str, ...] = ()


FIGURES = {
    "frontier": Exhibit(frontier.draw, ("orientation_texture",)),
    "frontier_recipes": Exhibit(frontier.draw, ("recipes_gaussian",)),
    "mnist_rotation": Exhibit(rotation_ranges.draw, ("mnist_rotation",)),
    "distance": Exhibit(distance.draw, ("mnist_rotation",)),
    "recipes": Exhibit(recipes.draw, ("recipes_mnist",)),
    "recipes_cifar10": Exhibit(recipes.draw, ("recipes_cifar10",)),
    "profiles": Exhibit(profiles.draw, ("recipes_mnist",)),
    "boundary": Exhibit(boundary.draw, ("recipes_mnist",)),
    "connection": Exhibit(connection.draw, ("connection",)),
    "validation": Exhibit(validation.draw, ("validation",)),
    "progressive": Exhibit(progressive.draw),
    "probit": Exhibit(probit_limit.draw),
    "steps": Exhibit(steps.draw),
}


TABLES = {
    "recipes_table": Exhibit(recipes_table.draw, ("recipes_mnist",)),
    "recipes_cifar10_table": Exhibit(recipes_table.draw, ("recipes_cifar10",)),
    "probit_table": Exhibit(probit_table.draw, ("connection",)),
    "bounds_table": Exhibit(bounds_table.draw),
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
        raise InputError(f"figure must be one of {', '.join(known)}, got {name!r}")
    needed = (records.find(experiment, folders) for experiment in known[name].experiments)
    return known[name].draw(*needed)
