"""Every figure and table by name: what draws it and which records it reads."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from paper_figures import records
from paper_figures.from_records import (
    boundary,
    profiles,
    ranges,
    recipes,
    recipes_table,
    turns,
)
from paper_figures.from_records.against_theory import (
    attack_strength,
    connection,
    deviations,
    frontier,
    noisy_images,
    noisy_networks,
    probit_table,
    validation,
)
from paper_figures.from_theory import (
    bounds_table,
    heatmaps,
    probit_limit,
    progressive,
    residual,
    steps,
)
from paper_figures.tables import Caption, Table
from simulations.records import Record
from theory.checks import one_of

__all__ = ["FIGURES", "TABLES", "FigureSpec", "caption_named", "draw_named"]


@dataclass(frozen=True)
class FigureSpec:
    """A figure or a table and its caption: pure functions of the records of the experiments."""

    draw: Callable[..., Figure | Table]
    experiments: tuple[str, ...] = ()
    _: KW_ONLY
    caption: Callable[..., Caption]


FIGURES = {
    "frontier": FigureSpec(frontier.draw, ("orientation_texture",), caption=frontier.caption),
    "frontier_recipes": FigureSpec(frontier.draw, ("recipes_gaussian",), caption=frontier.caption),
    **{
        name: FigureSpec(ranges.draw, (name,), caption=ranges.caption)
        for name in (
            "mnist_rotation",
            "cifar10_rotation",
            "mnist_translation",
            "cifar10_translation",
        )
    },
    "training_radius": FigureSpec(ranges.draw, ("mnist_epsilon",), caption=ranges.caption),
    "training_radius_cifar10": FigureSpec(
        ranges.draw, ("cifar10_epsilon",), caption=ranges.caption
    ),
    "recipes": FigureSpec(recipes.draw, ("recipes_mnist",), caption=recipes.caption),
    "recipes_small_epsilon": FigureSpec(
        recipes.draw, ("recipes_mnist_small_epsilon",), caption=recipes.caption
    ),
    "recipes_cifar10": FigureSpec(recipes.draw, ("recipes_cifar10",), caption=recipes.caption),
    "recipes_equal_passes": FigureSpec(
        recipes.draw, ("recipes_cifar10", "cifar10_equal_compute"), caption=recipes.caption
    ),
    "recipes_paper_networks": FigureSpec(
        recipes.draw, ("paper_networks",), caption=recipes.caption
    ),
    "turns": FigureSpec(turns.draw, ("mnist_turns",), caption=turns.caption),
    "turns_cifar10": FigureSpec(turns.draw, ("cifar10_turns",), caption=turns.caption),
    "profiles": FigureSpec(profiles.draw, ("recipes_mnist",), caption=profiles.caption),
    "profiles_cifar10": FigureSpec(profiles.draw, ("recipes_cifar10",), caption=profiles.caption),
    "boundary": FigureSpec(boundary.draw, ("recipes_mnist",), caption=boundary.caption),
    "connection": FigureSpec(connection.draw, ("connection",), caption=connection.caption),
    "attack_strength": FigureSpec(
        attack_strength.draw, ("attack_strength",), caption=attack_strength.caption
    ),
    "validation": FigureSpec(validation.draw, ("validation",), caption=validation.caption),
    "deviations": FigureSpec(deviations.draw, ("random-settings",), caption=deviations.caption),
    "noisy_images": FigureSpec(noisy_images.draw, ("noisy_images",), caption=noisy_images.caption),
    "noisy_images_all": FigureSpec(
        noisy_images.draw, ("noisy_images_all",), caption=noisy_images.caption
    ),
    "noisy_networks": FigureSpec(
        noisy_networks.draw, ("noisy_images", "noisy_digits"), caption=noisy_networks.caption
    ),
    "noisy_networks_all": FigureSpec(
        noisy_networks.draw,
        ("noisy_images_all", "noisy_digits_all"),
        caption=noisy_networks.caption,
    ),
    "progressive": FigureSpec(progressive.draw, caption=progressive.caption),
    "probit": FigureSpec(probit_limit.draw, caption=probit_limit.caption),
    "steps": FigureSpec(steps.draw, caption=steps.caption),
    "residual": FigureSpec(residual.draw, caption=residual.caption),
    "heatmaps": FigureSpec(heatmaps.draw, caption=heatmaps.caption),
}


TABLES = {
    "recipes_table": FigureSpec(
        recipes_table.draw, ("recipes_mnist",), caption=recipes_table.caption
    ),
    "recipes_small_epsilon_table": FigureSpec(
        recipes_table.draw, ("recipes_mnist_small_epsilon",), caption=recipes_table.caption
    ),
    "recipes_cifar10_table": FigureSpec(
        recipes_table.draw, ("recipes_cifar10",), caption=recipes_table.caption
    ),
    "paper_networks_table": FigureSpec(
        recipes_table.draw, ("paper_networks",), caption=recipes_table.caption
    ),
    "probit_table": FigureSpec(probit_table.draw, ("connection",), caption=probit_table.caption),
    "bounds_table": FigureSpec(bounds_table.draw, caption=bounds_table.caption),
}


def draw_named(name: str, folders: tuple[Path, ...]) -> Figure | Table:
    """Draw the figure, or set the table, of a name from the records in `folders`.

    Parameters
    ----------
    name : str
        A key of ``FIGURES`` or ``TABLES``.
    folders : tuple of path
        Searched for the records.

    Raises
    ------
    ValueError
        If the name is unknown, or a record is missing, damaged or unfit.
    """
    needed = _needed(name, folders)
    if name in TABLES and not needed:
        table: Table = _of_theory(_known(name).draw)
        return table
    return _known(name).draw(*needed)


def caption_named(name: str, folders: tuple[Path, ...]) -> Caption:
    """Return the caption of a figure or a table, with the numbers of the records in `folders`.

    Parameters
    ----------
    name, folders
        As for `draw_named`.

    Raises
    ------
    ValueError
        If the name is unknown, or a record is missing, damaged or unfit.
    """
    needed = _needed(name, folders)
    caption: Caption = _known(name).caption(*needed) if needed else _of_theory(_known(name).caption)
    return caption


@cache
def _of_theory(make: Callable[[], Any]) -> Any:
    """Return a table or a caption that no record changes; some take seconds to compute."""
    return make()


def _known(name: str) -> FigureSpec:
    known = FIGURES | TABLES
    return known[one_of("figure", name, tuple(known))]


def _needed(name: str, folders: tuple[Path, ...]) -> list[Record]:
    places = records.checked_folders(folders)
    return [records.find(experiment, places) for experiment in _known(name).experiments]
