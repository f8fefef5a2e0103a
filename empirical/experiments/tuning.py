"""The learning rate of each network, chosen on images held out of the training set."""

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from empirical.experiments.plans import PROFILES
from empirical.experiments.runs import Run, trained
from empirical.experiments.sweep import experiment
from empirical.training.loop import Report, TrainingDivergedError
from simulations.execution.execute import execute
from simulations.records import Record, provenance
from theory.checks import InputError, one_of, positive

__all__ = ["PROBES", "RATES", "chosen", "tune"]

RATES = (0.003, 0.01, 0.03, 0.1)
"""Peak learning rates that are tried."""

PROBES = ("augmented", "adversarial", "mixture")
"""Recipes on which they are tried: each side of the trade-off, and both."""

SEED = 1000
"""Of all that is random here, above the seeds of reported networks."""


def tune(
    name: str,
    *,
    profile: str,
    out: Path,
    rates: Sequence[float] = RATES,
    workers: int = 1,
    cluster: str | None = None,
    device: str = "cpu",
) -> Record:
    """Train the `PROBES` of an experiment at every rate and record their held-out losses.

    No test image is looked at.  The record, ``out/NAME-PROFILE-rates.json``, has one row per
    network, recipe and rate, with the lowest loss after any epoch of the last stage on the
    held-out images, None where training diverged.

    Raises
    ------
    ValueError
        If the experiment is unknown or holds no image out, or a rate is not positive.
    """
    plan = experiment(name).plan(one_of("profile", profile, PROFILES))
    tasks = {}
    for task, run in plan.runs.items():
        if run.recipe.name not in PROBES or run.recipe.weight != 0.5:
            continue
        if not run.held_out:
            raise InputError(f"experiment must hold images out, got {name} with held_out 0")
        for rate in rates:
            schedule = replace(run.schedule, peak=positive("rate", rate))
            tasks[f"{task}-{rate:g}"] = replace(run, schedule=schedule, seed=SEED).to_json()
    records = execute(
        functools.partial(held_out_rows, device=device),
        tasks,
        experiment=f"{name}-rates",
        folder=out / f"{name}-{profile}-rates",
        seed=SEED,
        workers=workers,
        cluster=cluster,
        progress=f"{name} rates ({profile})",
    )
    whole = Record(
        f"{name}-rates",
        {"profile": profile, "rates": list(rates), "tasks": tasks},
        [row for record in records for row in record.rows],
        provenance(seed=SEED, seconds=sum(r.provenance["seconds"] for r in records), device=device),
    )
    whole.save(out / f"{name}-{profile}-rates.json")
    return whole


def chosen(rows: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the rate of each network with the lowest mean of its held-out losses.

    The losses of `PROBES` are cross-entropies, so their mean over recipes has a meaning; a rate
    at which a recipe diverged is out.  Of equal rates the smaller is chosen.

    Raises
    ------
    ValueError
        If a network diverged at every rate.
    """
    losses: dict[str, dict[float, list[float]]] = {}
    for row in rows:
        loss = math.inf if row["held_out_loss"] is None else float(row["held_out_loss"])
        losses.setdefault(row["network"], {}).setdefault(row["rate"], []).append(loss)
    found = {}
    for network, by_rate in losses.items():
        means = {rate: math.fsum(by_rate[rate]) / len(by_rate[rate]) for rate in sorted(by_rate)}
        found[network] = min(means, key=means.__getitem__)
        if math.isinf(means[found[network]]):
            raise InputError(f"rates must let {network} converge, got {', '.join(map(str, means))}")
    return found


def held_out_rows(
    config: dict[str, Any], _stream: np.random.SeedSequence, *, device: str = "cpu"
) -> list[dict[str, Any]]:
    """Train one network and return its lowest held-out loss, as the task of a sweep."""
    torch.set_num_threads(1)
    run = Run.from_json(config)
    images, _ = run.data()
    reports: list[Report] = []
    try:
        trained(run, images.to(device), report=reports.append)
        last = max(report.stage for report in reports)
        losses = [r.held_out_loss for r in reports if r.stage == last and r.held_out_loss]
        lowest = min(losses) if losses else None
    except TrainingDivergedError:
        lowest = None
    return [{**run.labels(images), "rate": run.schedule.peak, "held_out_loss": lowest}]
