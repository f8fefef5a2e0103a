"""The learning rate of each network and recipe, chosen on images held out of the training set."""

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from empirical.checks import device_name
from empirical.evaluation.measures import Measures
from empirical.experiments.catalogue import experiment
from empirical.experiments.plans import PROFILES
from empirical.experiments.runs import Run, train_run
from empirical.experiments.sweep import worker_data
from empirical.training.loop import Report, TrainingDivergedError
from simulations.execution.execute import Delivery, execute
from simulations.records import Record, combined
from theory.checks import InputError, one_of, positive

__all__ = ["RATES", "best_rates", "trial_name", "tune"]

RATES = (0.5, 1.0, 2.0)
"""Peak learning rates that are tried first, in multiples of the plan's own."""

WIDEST = 4
"""How often the rates are widened where the best one is the lowest or the highest."""

HELD_OUT = 5000
"""Training images that are held out where the plan holds none out."""

SEED = 1000
"""Of all that is random here, above the seeds of reported networks."""


def tune(
    name: str,
    *,
    profile: str,
    out: Path,
    rates: Sequence[float] | None = None,
    epochs: int | None = None,
    only: Sequence[str] | None = None,
    workers: int = 1,
    cluster: str | None = None,
    device: str = "cpu",
    keep: bool = False,
) -> Record:
    """Train every recipe of an experiment at several rates and record the held-out losses.

    No test image is looked at.  The record, ``out/NAME-PROFILE-rates.json``, has one row per
    network, recipe and rate, with the lowest loss after any epoch of the last stage on the
    held-out images, None where training diverged.  Mixtures are tried at weight 1/2.

    Parameters
    ----------
    rates : sequence of float, optional
        Peak learning rates, tried as they are.  Without them, multiples of the plan's own rate
        (`RATES`), and twice or half the best one as long as that is the highest or the lowest.
    epochs : int, optional
        Length of the trials; that of the runs by default.
    only : sequence of str, optional
        Names of the runs whose rates are tried; by default all but mixtures of other weights.

    Raises
    ------
    ValueError
        If the experiment or a run is unknown, or a rate is not positive.
    """
    runs = experiment(name).plan(one_of("profile", profile, PROFILES)).runs
    probes = {task: run for task, run in runs.items() if _probed(run)}
    if only:
        probes = {task: runs[one_of("run", task, sorted(runs))] for task in only}
    grids = {
        task: [positive("rate", rate) for rate in rates or _around(run.schedule.peak)]
        for task, run in probes.items()
    }
    made: dict[str, Record] = {}
    tasks: dict[str, dict[str, Any]] = {}
    for _ in range(WIDEST + 1):
        tasks |= {
            f"{task}-{rate:g}": _trial(probes[task], rate, epochs).to_json()
            for task, grid in grids.items()
            for rate in grid
        }
        found = execute(
            functools.partial(held_out_rows, device=device, remote=cluster is not None),
            tasks,
            experiment=f"{name}-rates",
            folder=out / f"{name}-{profile}-rates",
            seed=SEED,
            workers=workers,
            cluster=cluster,
            progress=f"{name} rates ({profile})",
            keep=keep,
            streams=False,
        )
        made = dict(zip(tasks, found, strict=True))
        if rates or not _widened(grids, made):
            break
    config = {"profile": profile, "tasks": tasks}
    whole = combined(f"{name}-rates", config, made, seed=SEED)
    whole.save(out / f"{name}-{profile}-rates.json")
    return whole


def best_rates(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the rate of each run with the lowest held-out loss, by what tells runs apart.

    A rate at which training diverged is out.  Of equal rates the smaller is chosen.

    Raises
    ------
    ValueError
        If a run diverged at every rate.
    """
    losses: dict[str, dict[float, float]] = {}
    for row in rows:
        loss = math.inf if row["held_out_loss"] is None else float(row["held_out_loss"])
        losses.setdefault(trial_name(row), {})[row["rate"]] = loss
    found = {}
    for name, by_rate in losses.items():
        best = min(sorted(by_rate), key=by_rate.__getitem__)
        if math.isinf(by_rate[best]):
            tried = ", ".join(f"{rate:g}" for rate in sorted(by_rate))
            raise InputError(f"rates must let {name} converge, got {tried}")
        found[name] = best
    return found


def trial_name(row: Mapping[str, Any]) -> str:
    """Return what tells the run of a row apart: images, network, recipe and its numbers.

    Examples
    --------
    >>> trial_name({"dataset": "mnist", "network": "cnn5", "recipe": "mixture", "weight": 0.5})
    'mnist cnn5 mixture, weight 0.5'
    """
    numbers = ("weight", "degrees", "pixels", "epsilon")
    own = [f"{name} {row[name]:g}" for name in numbers if row.get(name)]
    return ", ".join([f"{row['dataset']} {row['network']} {row['recipe']}", *own])


def _probed(run: Run) -> bool:
    return run.recipe.name != "mixture" or run.recipe.weight == 0.5


def _around(peak: float) -> list[float]:
    return [multiple * peak for multiple in RATES]


def _trial(run: Run, rate: float, epochs: int | None) -> Run:
    schedule = replace(run.schedule, peak=rate, epochs=epochs or run.schedule.epochs)
    return replace(run, schedule=schedule, held_out=run.held_out or HELD_OUT, seed=SEED)


def _widened(grids: Mapping[str, list[float]], made: Mapping[str, Record]) -> list[str]:
    """Add a rate beyond each end of a grid that is the best so far; return where."""
    wider = []
    for task, grid in grids.items():
        (rate,) = best_rates(made[f"{task}-{rate:g}"].rows[0] for rate in grid).values()
        if rate in {min(grid), max(grid)}:
            grid.append(2 * rate if rate == max(grid) else rate / 2)
            wider.append(task)
    return wider


def held_out_rows(
    config: dict[str, Any],
    _stream: np.random.SeedSequence,
    *,
    device: str = "cpu",
    remote: bool = False,
) -> list[dict[str, Any]]:
    """Train one network and return its lowest held-out loss, as the task of a sweep."""
    torch.set_num_threads(1)
    run = Run.from_json(config)
    images, _ = worker_data(replace(run, measures=Measures()), device=device, remote=remote)
    reports: list[Report] = []
    try:
        train_run(run, images.to(device), report=reports.append)
        losses = [r.held_out_loss for r in reports if r.held_out_loss is not None]
        lowest = min((loss for loss in losses if math.isfinite(loss)), default=None)
    except TrainingDivergedError:
        lowest = None
    row = {**run.labels(images), "rate": run.schedule.peak, "held_out_loss": lowest}
    return Delivery([row], {}, {"device": device_name(device)})
