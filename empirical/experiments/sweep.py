"""Training and measuring every network of an experiment, into one record."""

import functools
import platform
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from empirical.checks import device_name, resolve_device
from empirical.data.dataset import Dataset
from empirical.data.load import is_drawn
from empirical.evaluation.evaluate import check_measures
from empirical.evaluation.measures import Key, Outcomes
from empirical.experiments.catalogue import experiment
from empirical.experiments.plans import PROFILES
from empirical.experiments.runs import Run, evaluate_run, train_run
from empirical.training.checkpoints import (
    CheckpointError,
    checkpoint_content,
    load_checkpoint,
    open_checkpoint,
)
from empirical.training.loop import FINISHED, TrainingDivergedError
from simulations.execution.execute import Delivery, execute
from simulations.execution.identity import code_of
from simulations.files import write_atomically
from simulations.records import Record, RecordError, combined
from theory.checks import InputError, one_of

__all__ = ["finished", "sweep", "worker_data"]

FLAGS = "-flags.npz"
NETWORK = ".pt"
CHECKPOINTS = "checkpoints"


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
    precision: str | None = None,
    only: Sequence[str] | None = None,
    keep: bool = False,
) -> Record:
    """Train and measure every network of an experiment, and save one record of all rows.

    Finished networks are not trained again, an interrupted one goes on from its last epoch.
    ``out/NAME-PROFILE/`` has of each its record, TASK.json, its weights, TASK.pt, and the outcome
    of every image, TASK-flags.npz, wherever it was trained; ``out/NAME-PROFILE/checkpoints/`` on
    the disk of the worker has what an interrupted one goes on from; the record of all is
    ``out/NAME-PROFILE.json``.
    `precision` is that of training, the plan's own by default; measurements are in float32.
    What other code made is made anew unless `keep` is true (`simulations.execute`), and so is
    what is damaged, flags included, in any case.  A network of the same training that is
    finished is measured anew where the measures are others, and not trained, on this machine;
    its record then says the device and the seconds of measuring.
    With `only` runs of these names are made; the record is then that of all that is `finished`.
    A network that diverges is told at the end, after all others were made.

    Rows of networks that differ in the seed alone and were tested on the same stored images have
    the column ``shared``: on how many images both are right, summed over all of these networks, for
    `simulations.estimates.CrossedMean`.
    """
    every = _tasks(name, profile, seed, seeds, precision)
    tasks = _chosen(every, only) if only else every
    folder = out / f"{name}-{profile}"
    for task, parameters in tasks.items():
        if not _flags_fit(task, parameters, folder):
            (folder / f"{task}.json").unlink(missing_ok=True)
            _flags_path(task, parameters, folder).unlink(missing_ok=True)
        if cluster is None and _recorded(task, parameters, folder) is None:
            run = Run.from_json(parameters)
            _offer(folder / f"{task}{NETWORK}", run, folder / CHECKPOINTS, keep=keep)
    records = execute(
        functools.partial(
            run_task,
            device=device,
            checkpoints=folder / CHECKPOINTS,
            keep=keep,
            remote=cluster is not None,
        ),
        tasks,
        experiment=name,
        folder=folder,
        seed=seed,
        workers=workers,
        cluster=cluster,
        progress=f"{name} ({profile})",
        keep=keep,
        streams=False,
        tolerated=(TrainingDivergedError,),
    )
    if only:
        return finished(name, profile=profile, seed=seed, out=out, seeds=seeds, precision=precision)
    done = dict(zip(tasks, records, strict=True))
    return _together(tasks, done, out, name=name, profile=profile, seed=seed)


def finished(
    name: str,
    *,
    profile: str,
    seed: int,
    out: Path,
    seeds: int | None = None,
    precision: str | None = None,
) -> Record:
    """Save one record of the networks of a sweep that are finished, while others are not.

    Takes the arguments of the sweep and may be called while it runs.

    Raises
    ------
    ValueError
        If no network is finished.
    """
    tasks = _tasks(name, profile, seed, seeds, precision)
    done, folder = {}, out / f"{name}-{profile}"
    for task, parameters in tasks.items():
        record = _recorded(task, parameters, folder)
        if record is None or record.experiment != name:
            continue
        if _flags_fit(task, parameters, folder):
            done[task] = record
    if not done:
        raise InputError(f"sweep must have finished a network, got none in {out}/{name}-{profile}")
    return _together(tasks, done, out, name=name, profile=profile, seed=seed)


def _tasks(
    name: str, profile: str, seed: int, seeds: int | None, precision: str | None
) -> dict[str, dict[str, Any]]:
    plan = experiment(name).plan(one_of("profile", profile, PROFILES))
    return {
        task: replace(run, precision=precision or run.precision).to_json()
        for task, run in plan.tasks(seed, seeds).items()
    }


def _chosen(tasks: Mapping[str, dict[str, Any]], only: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the tasks, whatever their seed, of the runs of these names."""
    runs = {task.rpartition("-")[0] for task in tasks}
    wanted = {one_of("run", name, sorted(runs)) for name in only}
    return {task: values for task, values in tasks.items() if task.rpartition("-")[0] in wanted}


def _together(
    tasks: Mapping[str, dict[str, Any]],
    done: Mapping[str, Record],
    out: Path,
    *,
    name: str,
    profile: str,
    seed: int,
) -> Record:
    """Save the one record of finished tasks of a sweep."""
    rows = {task: [dict(row) for row in record.rows] for task, record in done.items()}
    made = {task: tasks[task] for task in done}
    _share(made, rows, out / f"{name}-{profile}")
    passes = {task: Run.from_json(parameters).passes for task, parameters in made.items()}
    whole = combined(
        name,
        {"profile": profile, "seed": seed, "tasks": made, "passes": passes},
        done,
        seed=seed,
        rows=[row for task in done for row in rows[task]],
    )
    whole.save(out / f"{name}-{profile}.json")
    return whole


def _share(
    tasks: Mapping[str, dict[str, Any]], rows: Mapping[str, list[dict[str, Any]]], folder: Path
) -> None:
    """Add to the rows on how many images the networks of all seeds are right together."""
    groups: dict[str, list[str]] = {}
    for task, parameters in tasks.items():
        if not is_drawn(parameters["dataset"]):
            groups.setdefault(task.rpartition("-")[0], []).append(task)
    for members in groups.values():
        flags = {}
        for task in members:
            path = _flags_path(task, tasks[task], folder)
            if path.exists():
                flags[task] = Outcomes.load(path).outcomes
        if len(flags) < max(len(members), 2):
            continue
        own = [{(row["measure"], row["level"]): row for row in rows[task]} for task in members]
        for key, first in own[0].items():
            measured = [found[key] for found in own if key in found]
            outcomes = [
                _outcome(flags[task], row) for task, row in zip(members, measured, strict=False)
            ]
            right = [outcome for outcome in outcomes if outcome is not None]
            if len(right) < len(own) or any(len(item) != first["trials"] for item in right):
                continue
            correct = torch.stack(right).long()
            for row, both in zip(measured, (correct @ correct.sum(0)).tolist(), strict=True):
                row["shared"] = both


def _recorded(task: str, parameters: Mapping[str, Any], folder: Path) -> Record | None:
    """Return the record of a network, if there is one of this configuration."""
    try:
        record = Record.load(folder / f"{task}.json")
    except RecordError:
        return None
    return record if record.config.get("parameters") == parameters else None


def _flags_path(task: str, parameters: Mapping[str, Any], folder: Path) -> Path:
    """Return where the flags are: beside the record, or where they were kept before that."""
    before = folder / CHECKPOINTS / f"{Run.from_json(parameters).digest}.npz"
    beside = folder / f"{task}{FLAGS}"
    return before if before.exists() and not beside.exists() else beside


def _flags_fit(task: str, parameters: Mapping[str, Any], folder: Path) -> bool:
    """Whether the flags of a network are whole, and those that its record counts, if there are any.

    Records that came without them stay.
    """
    path = _flags_path(task, parameters, folder)
    if not path.exists():
        return True
    try:
        outcomes = Outcomes.load(path).outcomes
    except InputError:
        return False
    record = _recorded(task, parameters, folder)
    return record is None or all(_outcome(outcomes, row) is not None for row in record.rows)


def _outcome(outcomes: Mapping[Key, torch.Tensor], row: Mapping[str, Any]) -> torch.Tensor | None:
    """Return the flags that a row counts, under the rounded level of the file."""
    key = row["measure"], float(f"{row['level']:.9g}")
    found = outcomes.get(key)
    return found if found is not None and int(found.sum()) == row["successes"] else None


def run_task(
    config: dict[str, Any],
    _stream: np.random.SeedSequence,
    *,
    device: str = "cpu",
    checkpoints: Path | None = None,
    keep: bool = False,
    remote: bool = False,
) -> list[dict[str, Any]]:
    """Train and measure one network; its randomness comes from the seed of the run.

    A run is thus the same network whether it is made alone or in a sweep of any size. A network
    that other code has half trained is begun anew unless it is to be kept; one whose checkpoint
    is damaged in any case. With `checkpoints` the rows are a `Delivery` of the network, as a
    checkpoint of what `restore_run` reads, and of the flags; its origin is the device, and
    ``trained_by``, all code that had a part in the training, unless it is this alone.
    """
    torch.set_num_threads(1)
    run = Run.from_json(config)
    images, test = worker_data(run, device=device, remote=remote)
    path = None if checkpoints is None else checkpoints / f"{run.digest}{NETWORK}"
    if path is not None:
        _drop_foreign(path, run, keep=keep)
    model = train_run(run, images.to(device), checkpoint=path, keep=keep)
    flags, rows = evaluate_run(run, model, test.to(device))
    origin: dict[str, Any] = {"device": device_name(device)}
    if path is None:
        return Delivery(rows, {}, origin)
    configuration, state = open_checkpoint(path)
    state = {name: state[name] for name in FINISHED}
    network = checkpoint_content(state, configuration=configuration)
    if state["code"] != [code_of(train_run)]:
        origin["trained_by"] = state["code"]
    return Delivery(rows, {NETWORK: network, FLAGS: flags.content()}, origin)


def _offer(network: Path, run: Run, checkpoints: Path, *, keep: bool) -> None:
    """Put a finished network of this training where a worker on this machine looks for one."""
    place = checkpoints / f"{run.digest}{NETWORK}"
    code = None if keep else code_of(train_run)

    def epoch(path: Path) -> int:
        try:
            return int(load_checkpoint(path, configuration=run.training, code=code)["epoch"])
        except (CheckpointError, KeyError, TypeError, ValueError):
            return -1

    if epoch(network) > epoch(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, network.read_bytes())


def worker_data(run: Run, *, device: str, remote: bool) -> tuple[Dataset, Dataset]:
    """Return the images of a run where it can be made and measured here.

    Raises
    ------
    ValueError
        If the images, the device or a library of its measures is missing; a remote worker says
        on which machine.
    """
    try:
        resolve_device(device)
        images, test = run.data()
        check_measures(run.measures, test)
    except (InputError, OSError) as error:
        if not remote:
            raise
        raise InputError(f"worker on {platform.node()} must be able to do it: {error}") from None
    return images, test


def _drop_foreign(path: Path, run: Run, *, keep: bool) -> None:
    """Remove the checkpoint of a run from which it cannot go on."""
    code = None if keep else code_of(train_run)
    try:
        load_checkpoint(path, configuration=run.training, code=code)
    except CheckpointError:
        path.unlink(missing_ok=True)
