"""Named experiments: families of runs, in the profiles smoke, quick and paper."""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from empirical.evaluation import Measures
from empirical.recipes import Recipe
from empirical.runs import Run, measure, trained
from empirical.settings import Adam
from simulations.execution import execute
from simulations.records import Record, provenance
from theory import catalogue
from theory.checks import one_of

__all__ = ["EXPERIMENTS", "Experiment", "Plan", "experiment", "sweep"]

PROFILES = ("smoke", "quick", "paper")


@dataclass(frozen=True)
class Plan:
    """Runs to be made, each with every one of `seeds` seeds."""

    runs: Mapping[str, Run]
    seeds: int

    def tasks(self, first_seed: int, seeds: int | None = None) -> dict[str, Run]:
        """Return the runs by name, the seeds counted from `first_seed`."""
        count = self.seeds if seeds is None else seeds
        return {
            f"{name}-{seed}": replace(run, seed=seed)
            for name, run in self.runs.items()
            for seed in range(first_seed, first_seed + count)
        }


@dataclass(frozen=True)
class Experiment:
    """A question, and the plan that answers it in each profile."""

    name: str
    question: str
    plan: Callable[[str], Plan]


def experiment(name: str) -> Experiment:
    """Return an experiment by name.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    return EXPERIMENTS[one_of("experiment", name, sorted(EXPERIMENTS))]


def sweep(
    name: str,
    *,
    profile: str,
    seed: int,
    out: Path,
    seeds: int | None = None,
    workers: int = 1,
    cluster: str | None = None,
    device: str = "cpu",
) -> Record:
    """Train and measure every network of an experiment, and save one record of all rows.

    Finished networks are not trained again, an interrupted one goes on from its last epoch.
    Their records and checkpoints are in ``out/NAME-PROFILE/``, the record of all is
    ``out/NAME-PROFILE.json``.
    """
    chosen = experiment(name)
    plan = chosen.plan(one_of("profile", profile, PROFILES))
    tasks = {task: run.to_json() for task, run in plan.tasks(seed, seeds).items()}
    folder = out / f"{name}-{profile}"
    records = execute(
        functools.partial(perform, device=device, checkpoints=folder / "checkpoints"),
        tasks,
        experiment=name,
        folder=folder,
        seed=seed,
        workers=workers,
        cluster=cluster,
        progress=f"{name} ({profile})",
    )
    whole = Record(
        name,
        {"profile": profile, "seed": seed, "tasks": tasks},
        [row for record in records for row in record.rows],
        provenance(seed=seed, seconds=sum(r.provenance["seconds"] for r in records), device=device),
    )
    whole.save(out / f"{name}-{profile}.json")
    return whole


def perform(
    config: dict[str, Any],
    _stream: np.random.SeedSequence,
    *,
    device: str = "cpu",
    checkpoints: Path | None = None,
) -> list[dict[str, Any]]:
    """Train and measure one network; its randomness comes from the seed of the run.

    A run is thus the same network whether it is made alone or in a sweep of any size.
    """
    torch.set_num_threads(1)
    run = Run.from_json(config)
    images, test = run.data()
    path = None if checkpoints is None else checkpoints / f"{run.digest}.pt"
    model = trained(run, images.to(device), checkpoint=path)
    return measure(run, model, test.to(device))[1]


def _orientation_texture(profile: str) -> Plan:
    """Four recipes on images of the default orientation-texture setting."""
    setting = catalogue.defaults()["orientation-texture"]
    epsilon = setting.epsilon
    train, epochs, test, steps, seeds = {
        "smoke": (256, 1, 128, 3, 1),
        "quick": (6000, 3, 4000, 20, 3),
        "paper": (50_000, 10, 20_000, 50, 5),
    }[profile]
    recipes = {
        "natural": Recipe("natural"),
        "augmented": Recipe("augmented", degrees=180.0),
        "adversarial": Recipe("adversarial", epsilon=epsilon, steps=5),
        "mixture": Recipe("mixture", degrees=180.0, epsilon=epsilon, steps=5),
    }
    base = Run(
        "orientation-texture",
        "stdcnn",
        recipes["natural"],
        schedule=Adam(epochs=epochs),
        measures=Measures(epsilons=(epsilon,), steps=steps),
        width=8,
        train=train,
        test=test,
    )
    return Plan({name: replace(base, recipe=recipe) for name, recipe in recipes.items()}, seeds)


def _mnist_rotation(profile: str) -> Plan:
    """Training ranges from 0 to 180 degrees on MNIST."""
    train, epochs, test, steps, seeds = {
        "smoke": (256, 1, 64, 3, 1),
        "quick": (20_000, 2, 1000, 20, 3),
        "paper": (0, 10, 0, 50, 5),
    }[profile]
    base = Run(
        "mnist",
        "stdcnn",
        Recipe("natural"),
        schedule=Adam(epochs=epochs),
        measures=Measures(rotations=(60.0,), epsilons=(0.1,), steps=steps),
        train=train,
        test=test,
    )
    runs = {"natural": base}
    for degrees in (30.0, 60.0, 90.0, 180.0):
        recipe = Recipe("augmented", degrees=degrees)
        runs[f"augmented-{degrees:g}"] = replace(base, recipe=recipe)
    return Plan(runs, seeds)


EXPERIMENTS = {
    chosen.name: chosen
    for chosen in (
        Experiment(
            "orientation_texture",
            "Where do trained networks lie below the frontier of their own setting?",
            _orientation_texture,
        ),
        Experiment(
            "mnist_rotation",
            "What does a wider training range of rotations cost in adversarial accuracy?",
            _mnist_rotation,
        ),
    )
}
