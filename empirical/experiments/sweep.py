"""Named experiments: families of runs, in the profiles smoke, quick and paper."""

import functools
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from empirical.experiments.plans import PROFILES, Experiment
from empirical.experiments.plans_first import FIRST
from empirical.experiments.plans_recipes import RECIPE_SWEEPS
from empirical.experiments.runs import Run, measure, trained
from simulations.execution.execute import execute
from simulations.records import Record, provenance
from theory.checks import one_of

__all__ = ["EXPERIMENTS", "experiment", "sweep"]

EXPERIMENTS = {chosen.name: chosen for chosen in (*FIRST, *RECIPE_SWEEPS)}


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
    precision: str = "float32",
) -> Record:
    """Train and measure every network of an experiment, and save one record of all rows.

    Finished networks are not trained again, an interrupted one goes on from its last epoch.
    Their records are in ``out/NAME-PROFILE/``, checkpoints and per-image flags in
    ``out/NAME-PROFILE/checkpoints/``, and the record of all is ``out/NAME-PROFILE.json``.
    `precision` is that of training; measurements are in float32.
    """
    chosen = experiment(name)
    plan = chosen.plan(one_of("profile", profile, PROFILES))
    tasks = {
        task: replace(run, precision=precision).to_json()
        for task, run in plan.tasks(seed, seeds).items()
    }
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
    flags, rows = measure(run, model, test.to(device))
    if path is not None:
        flags.save(path.with_suffix(".npz"))
    return rows
