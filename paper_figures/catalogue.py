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

__all__ = ["FIGURES", "TABLES", "FigureSpec", "draw_named"]


@dataclass(frozen=True)
class FigureSpec:
    """A figure or a table: a pure function of the records of the experiments named."""

    draw: Callable[..., Figure | Table]
    experiments: tuple[str, ...] = ()


FIGURES = {
    "frontier": FigureSpec(frontier.draw, ("orientation_texture",)),
    "frontier_recipes": FigureSpec(frontier.draw, ("recipes_gaussian",)),
    "mnist_rotation": FigureSpec(rotation_ranges.draw, ("mnist_rotation",)),
    "distance": FigureSpec(distance.draw, ("mnist_rotation",)),
    "recipes": FigureSpec(recipes.draw, ("recipes_mnist",)),
    "recipes_cifar10": FigureSpec(recipes.draw, ("recipes_cifar10",)),
    "profiles": FigureSpec(profiles.draw, ("recipes_mnist",)),
    "boundary": FigureSpec(boundary.draw, ("recipes_mnist",)),
    "connection": FigureSpec(connection.draw, ("connection",)),
    "validation": FigureSpec(validation.draw, ("validation",)),
    "progressive": FigureSpec(progressive.draw),
    "probit": FigureSpec(probit_limit.draw),
    "steps": FigureSpec(steps.draw),
}


TABLES = {
    "recipes_table": FigureSpec(recipes_table.draw, ("recipes_mnist",)),
    "recipes_cifar10_table": FigureSpec(recipes_table.draw, ("recipes_cifar10",)),
    "probit_table": FigureSpec(probit_table.draw, ("connection",)),
    "bounds_table": FigureSpec(bounds_table.draw),
}


def draw_named(name: str, folders: tuple[Path, ...]) -> Figure | Table:
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
