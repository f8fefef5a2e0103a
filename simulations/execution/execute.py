"""Seeded tasks over worker processes, here or on a cluster, safe to kill and to repeat.

Every task owns the random stream of its position and writes one record, atomically, when it
is finished.  A run therefore gives the same bits on any number of workers, and one that was
killed continues where it stopped.  ``simulations/SCALE.md`` says what a task costs and how to
start a cluster.
"""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulations.execution.dispatch import Workers, dispatch
from simulations.execution.identity import code_of
from simulations.execution.processes import ProcessWorkers
from simulations.execution.progress import bar, track
from simulations.execution.task import Function, Outcome, Task
from simulations.files import checked_path, clean, write_atomically
from simulations.records import Record, RecordError, provenance
from theory.checks import (
    InputError,
    boolean,
    function as check_function,
    integer,
    positive,
    shown,
    text,
)

__all__ = ["Delivery", "execute", "track"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=+,-]*")
_ENDING = re.compile(r"[-.][A-Za-z0-9._-]+(?<!\.json)")


class Delivery(list[dict[str, Any]]):
    """Rows of a task together with files, which come home to the folder of its record.

    Parameters
    ----------
    rows : iterable of dict
    files : mapping of str to bytes
        Contents by ending: that of ``-flags.npz`` goes to ``folder/TASK-flags.npz``.
    origin : dict, optional
        What the record's provenance is to say besides, as the device of the worker.

    Raises
    ------
    ValueError
        If an ending does not begin with a dot or a hyphen, or is that of a record.
    """

    def __init__(
        self,
        rows: Iterable[dict[str, Any]],
        files: Mapping[str, bytes],
        origin: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(rows)
        for ending in files:
            if not _ENDING.fullmatch(ending):
                raise InputError(f"ending must be like .pt or -flags.npz, got {shown(ending)}")
        self.files, self.origin = dict(files), dict(origin or {})


@dataclass(frozen=True)
class _Task:
    """A name, where its record goes, and that record without its rows."""

    name: str
    path: Path
    wanted: Record
    streams: bool

    def finished(self, code: dict[str, str] | None) -> Record | None:
        """Return the record of an earlier run if it is whole and answers the same question.

        Unless `code` is None it must also have been made by that code.
        """
        try:
            record = Record.load(self.path)
        except RecordError:
            return None
        # where no stream is drawn from, the place among other tasks does not matter
        placed = {} if self.streams else {"stream": self.wanted.config["stream"]}
        found = record.experiment, record.config | placed
        same = found == (self.wanted.experiment, self.wanted.config)
        made = code is None or record.provenance.get("code") == code
        return record if same and made else None

    def attempt(self, function: Function, timeout: float | None) -> Task:
        config = self.wanted.config
        return Task(function, config["parameters"], config["seed"], config["stream"], timeout)

    def save(self, outcome: Outcome, code: dict[str, str]) -> Record:
        rows, seconds = outcome
        config = self.wanted.config
        origin = provenance(seed=config["seed"], seconds=seconds) | {"code": code}
        if isinstance(rows, Delivery):
            # before the record: where it is, they are
            for ending, content in rows.files.items():
                write_atomically(self.path.with_name(f"{self.name}{ending}"), content)
            origin |= rows.origin
        record = Record(self.wanted.experiment, config, rows, origin)
        record.save(self.path)
        return record


def execute(
    function: Function,
    tasks: Mapping[str, dict[str, Any]],
    *,
    experiment: str,
    folder: str | os.PathLike[str],
    seed: int,
    workers: int = 1,
    cluster: str | None = None,
    timeout: float | None = None,
    retries: int = 2,
    progress: str | None = None,
    keep: bool = False,
    streams: bool = True,
    tolerated: tuple[type[Exception], ...] = (),
) -> list[Record]:
    """Map a function over seeded tasks and return their records in the order of the tasks.

    Parameters
    ----------
    function : callable
        ``function(config, seed_sequence)`` returns the rows of one task, or a `Delivery` of rows
        and files; all its randomness comes from the `numpy.random.SeedSequence`.
    tasks : mapping of str to dict
        Configurations (JSON) by name; task `name` is recorded in ``folder/name.json``.
    experiment : str
        Name of the experiment, written into each record.
    folder : path
        Where the records go.  What is finished there is not computed again; a record that is
        damaged, or of another configuration, seed, position or code, is.
    seed : int
        Task number i draws from ``SeedSequence(seed).spawn(len(tasks))[i]``.
    workers : int
        Number of local processes, each with one thread.
    cluster : str, optional
        Address of a Dask scheduler, ``tcp://host:8786``, whose workers then replace the local
        processes.
    timeout : float, optional
        Seconds after which the process of a task is ended, at the level of the task.
    retries : int
        How often a task whose process has died or ran out of time is repeated.
    progress : str, optional
        Text before the progress bar; the name of the experiment by default.
    keep : bool
        Whether finished records count whatever code made them.  By default they count only if
        the sources behind `function` and the versions of the libraries are the same (`code_of`);
        every record says in its provenance which they were.
    streams : bool
        Whether tasks draw from streams of their own.  Those that draw from seeds in their
        configurations alone do not, and finished ones then count wherever they stand.
    tolerated : tuple of types
        Exceptions of one task that say nothing of the others: these are finished before it is
        raised.

    Returns
    -------
    list of Record
        ``config`` holds the keys ``task``, ``parameters`` (the configuration), ``seed`` and
        ``stream`` (the position).  Everything but the provenance is bit-identical for any
        number of workers, local or not, whatever died on the way; tested in
        ``tests/simulations/execution/test_execute.py`` and ``test_cluster.py``.

    Raises
    ------
    ValueError
        On a bad argument, a task name that is no file name, or a folder that is not writable.
    ChildProcessError
        If a task has lost its worker more than `retries` times.
    ConnectionError
        If the cluster cannot be reached, or has lost its scheduler or all its workers.

    An exception of `function` is raised as it is, with the name of the task as a note.  In all
    cases the records of finished tasks stay, and the same call resumes.
    """
    check_function("function", function)
    integer("retries", retries, minimum=0)
    integer("workers", workers, minimum=1)
    boolean("keep", keep)
    boolean("streams", streams)
    text("experiment", experiment)
    for name, value in (("cluster", cluster), ("progress", progress)):
        if value is not None:
            text(name, value)
    if timeout is not None:
        timeout = positive("timeout", timeout)
    plan = _plan(
        tasks,
        experiment,
        _writable(checked_path("folder", folder)),
        integer("seed", seed, minimum=0),
        streams,
    )
    clean(folder)
    code = code_of(function)
    records = {task.name: task.finished(None if keep else code) for task in plan}
    missing = {task.name: task for task in plan if records[task.name] is None}
    if missing:
        done = len(plan) - len(missing)
        with (
            _connect(workers, cluster) as pool,
            bar(progress or experiment, len(plan), completed=done) as advance,
        ):
            calls = {task.name: task.attempt(function, timeout) for task in missing.values()}
            for name, outcome in dispatch(calls, pool, retries, tolerated):
                records[name] = missing[name].save(outcome, code)
                advance()
    return [record for record in records.values() if record is not None]


def _plan(
    tasks: Mapping[str, dict[str, Any]], experiment: str, folder: Path, seed: int, streams: bool
) -> list[_Task]:
    plan = []
    if not isinstance(tasks, Mapping):
        raise InputError(f"tasks must be a mapping of names to configurations, got {shown(tasks)}")
    for stream, (name, parameters) in enumerate(tasks.items()):
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InputError(
                f"task name must be a file name of letters, digits and ._=+,- got {shown(name)}"
            )
        if not isinstance(parameters, dict):
            raise InputError(f"tasks[{name!r}] must be a dictionary, got {shown(parameters)}")
        config = {"task": name, "parameters": parameters, "seed": seed, "stream": stream}
        wanted = Record(experiment, config, [])
        plan.append(_Task(name, folder / f"{name}.json", wanted, streams))
    return plan


def _writable(folder: Path) -> Path:
    """Return the folder, made if necessary, after writing into it once."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise InputError(
            f"folder must be writable, got {folder} ({error.strerror}); choose another one"
        ) from error


def _connect(workers: int, cluster: str | None) -> Workers:
    if cluster is None:
        return ProcessWorkers(workers)
    from simulations.execution.cluster import ClusterWorkers

    return ClusterWorkers(cluster)
