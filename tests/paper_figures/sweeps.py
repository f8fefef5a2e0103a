"""Small records of sweeps over recipes, and of the validation."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulations.records import Record
from tests.paper_figures.synthetic import row

__all__ = ["RECIPES", "recipes_mnist", "validation"]

RECIPES = {
    "natural": (0.55, 0.12, 0.07),
    "augmented": (0.96, 0.06, 0.05),
    "adversarial": (0.5, 0.82, 0.16),
    "trades": (0.52, 0.85, 0.17),
    "mixture": (0.86, 0.7, 0.12),
    "cusp": (0.84, 0.72, 0.13),
}


def recipes_mnist(seeds: int = 3, networks: Sequence[str] = ("stdcnn", "p4cnn")) -> Record:
    """Two architectures, the recipes above, the mixture at three weights."""
    rng, rows = np.random.default_rng(3), []
    for network in networks:
        for recipe, (spatial, attacked, distance) in RECIPES.items():
            for weight in (0.25, 0.5, 0.75) if recipe == "mixture" else (None,):
                for seed in range(seeds):
                    shift = 0.1 * ((weight or 0.5) - 0.5) + 0.02 * (network == "p4cnn")
                    measured = _network(rng, spatial + shift, attacked - shift, distance)
                    own = {"network": network, "weight": weight, "seed": seed}
                    rows += [{**one, **own, "recipe": recipe} for one in measured]
    return Record("recipes_mnist", {"profile": "smoke"}, rows)


def _network(
    rng: np.random.Generator, spatial: float, attacked: float, distance: float
) -> list[dict[str, Any]]:
    """The measurements of one network."""

    def count(p: float) -> int:
        return int(rng.binomial(1000, min(max(p, 0.0), 1.0)))

    found = [row("natural", "clean", 0.0, count(0.98))]
    for degrees in (0.0, 60.0, 120.0, 180.0):
        share = 0.98 - (0.98 - spatial) * degrees / 180
        found.append(row("natural", "rotation", degrees, count(share)))
        found.append(row("natural", "invariance_rotation", degrees, count(share + 0.01)))
    for epsilon, power in ((0.05, 0.5), (0.1, 1.0)):
        found.append(row("natural", "adversarial", epsilon, count(attacked**power)))
    mean = distance + 0.005 * float(rng.standard_normal())
    moments = {"mean": mean, "std": 0.4 * distance}
    return [*found, row("natural", "boundary_distance", 0.5, 1000, **moments)]


def validation() -> Record:
    """Findings of every kind, one of them planted."""
    setting = {"setting": "rotating-bump", "check": "any", "passed": True}
    counts = {"spatial_successes": 700, "spatial_trials": 1000}
    counts |= {"adversarial_successes": 900, "adversarial_trials": 1000}
    match = {"kind": "match", "quantity": "spatial", "expected": 0.7, "trials": 10_000}
    rows = [
        {**setting, **match, "successes": 7050},
        {**setting, **match, "successes": 8000, "planted": True},
        {**setting, "kind": "crossing", "side": "exact", "limit": 0.75, **counts},
        {**setting, "kind": "rate", "subject": "independent samples", "expected": -0.5}
        | {"sizes": [100, 400], "errors": [0.05, 0.025], "slope": -0.5},
        {**setting, "kind": "rate", "subject": "scrambled Sobol points", "expected": -1.0}
        | {"sizes": [32, 64], "errors": [0.01, 0.005], "slope": -1.0},
    ]
    return Record("validation", {"profile": "smoke", "seed": 0}, rows)
