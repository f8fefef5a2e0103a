"""Small records with the columns that the experiments write."""

from typing import Any

import numpy as np

from simulations.records import Record

__all__ = ["mnist_epsilon", "mnist_rotation", "orientation_texture"]

PLACES = {
    "natural": (0.51, 0.999),
    "augmented": (0.985, 0.01),
    "adversarial": (0.5, 1.0),
    "mixture": (0.735, 0.998),
}


def row(recipe: str, measure: str, level: float, successes: int, **columns: Any) -> dict[str, Any]:
    """One measurement of 1000 images."""
    fixed = {"dataset": "mnist", "network": "stdcnn", "degrees": None, "epsilon": 0.0, "seed": 0}
    counted = {"measure": measure, "level": level, "successes": successes, "trials": 1000}
    return {**fixed, "recipe": recipe, "weight": None, **counted, **columns}


def orientation_texture(places: dict[str, tuple[float, float]] | None = None) -> Record:
    """Networks at the given (S, A), two seeds each."""
    rng, rows = np.random.default_rng(1), []
    for recipe, (spatial, attacked) in (places or PLACES).items():
        for seed in range(2):
            for measure, level, p in (("spatial", 0.0, spatial), ("adversarial", 0.12, attacked)):
                rows.append(row(recipe, measure, level, int(rng.binomial(1000, p)), seed=seed))
    return Record("orientation_texture", {"profile": "smoke"}, rows)


def mnist_rotation(seeds: int = 3, tested: tuple[float, ...] = (60.0,)) -> Record:
    """Spatial accuracy that rises, adversarial accuracy and distance that fall with the range."""
    rng, rows = np.random.default_rng(2), []
    curve = {0.0: (0.55, 0.24), 30.0: (0.8, 0.2), 60.0: (0.95, 0.15), 180.0: (0.92, 0.07)}
    for degrees, (spatial, attacked) in curve.items():
        recipe = "augmented" if degrees else "natural"
        for seed in range(seeds):
            own = {"seed": seed, "degrees": degrees}
            measured = [("rotation", level, spatial * 60.0 / level) for level in tested]
            others = (
                ("invariance_rotation", 60.0, spatial + 0.01),
                ("translation", 4.0, 0.5 + attacked),
                ("adversarial", 0.1, attacked),
            )
            for measure, level, p in (*measured, *others):
                count = int(rng.binomial(1000, p))
                rows.append(row(recipe, measure, level, count, **own))
            moments = {"mean": attacked / 2 + 0.005 * seed, "std": attacked / 5}
            rows.append(row(recipe, "boundary_distance", 0.5, 1000, **moments, **own))
    return Record("mnist_rotation", {"profile": "smoke"}, rows)


def mnist_epsilon(seeds: int = 3) -> Record:
    """Spatial accuracy that falls, adversarial accuracy that rises with the training radius."""
    rng, rows = np.random.default_rng(4), []
    curve = {0.0: (0.6, 0.1), 0.1: (0.55, 0.5), 0.3: (0.4, 0.95)}
    for epsilon, (spatial, attacked) in curve.items():
        for seed in range(seeds):
            own = {"seed": seed, "degrees": 0.0, "epsilon": epsilon}
            for measure, level, p in (
                ("rotation", 0.0, 0.98),
                ("rotation", 180.0, spatial),
                ("invariance_rotation", 180.0, spatial + 0.01),
                ("translation", 4.0, 0.7),
                ("adversarial", 0.1, attacked),
                ("adversarial", 0.3, attacked / 2),
            ):
                rows.append(row("adversarial", measure, level, int(rng.binomial(1000, p)), **own))
    return Record("mnist_epsilon", {"profile": "smoke"}, rows)
