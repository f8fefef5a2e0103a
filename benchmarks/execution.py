"""Measure what ``simulations/SCALE.md`` states: ``python benchmarks/execution.py [NAME ...]``.

Each measurement prints one line of JSON; without names all are taken, in about ten minutes on
two cores.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from distributed.deploy.subprocess import SubprocessCluster

from simulations.classifiers.templates import Templates
from simulations.execution.execute import execute
from simulations.sampling.accuracy import spatial_accuracy
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts

Rows = list[dict[str, Any]]


def nothing(config: dict[str, Any], _: np.random.SeedSequence) -> Rows:
    """Return one row of counts: all that is left is overhead."""
    return [{"successes": config["i"], "trials": 10**6}]


def rest(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """Occupy a worker without occupying a core."""
    time.sleep(config["seconds"])
    return nothing(config, sequence)


def sample(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """Sample four scores of 3072 dimensions through their sufficient statistic."""
    rng = np.random.default_rng(0)
    means = rng.normal(scale=0.02, size=(2, 3072))
    shifts = cyclic_shifts(3072, (0, 768, 1536, 2304))
    setting = Setting(GaussianMixture(means, np.array([0, 1])), shifts, epsilon=0.01)
    normals = rng.normal(size=(4, 3072)) / 55.0
    classifier = Templates(normals, np.zeros(4), np.array([0, 0, 1, 1]))
    stream = np.random.Generator(np.random.SFC64(sequence))
    start = time.process_time()
    estimate = spatial_accuracy(setting, classifier, config["samples"], rng=stream)
    seconds = time.process_time() - start
    return [{"successes": estimate.successes, "trials": estimate.trials, "seconds": seconds}]


def timed(function: Any, plan: dict[str, dict[str, Any]], **options: Any) -> dict[str, float]:
    """Run a plan in a fresh folder; then again, when all is finished."""
    with tempfile.TemporaryDirectory() as folder:
        call = partial(execute, function, plan, experiment="cost", folder=folder, seed=0)
        start, busy = time.perf_counter(), time.process_time()
        records = call(**options)
        seconds, planner = time.perf_counter() - start, time.process_time() - busy
        start = time.perf_counter()
        call()
        again = time.perf_counter() - start
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    busy = sum(record.provenance["seconds"] for record in records)
    cores = sum(record.rows[0].get("seconds", 0.0) for record in records)
    count = len(plan)
    return {
        "tasks": count,
        "seconds": seconds,
        "busy_seconds": busy,
        "core_seconds": cores,
        "milliseconds_per_task": 1e3 * seconds / count,
        "planner_core_milliseconds_per_task": 1e3 * planner / count,
        "milliseconds_per_finished_task": 1e3 * again / count,
        "bytes_per_task": size / count,
    }


def numbered(count: int, **config: Any) -> dict[str, dict[str, Any]]:
    """Return `count` equal tasks."""
    return {f"task-{i:05d}": {"i": i, **config} for i in range(count)}


def overhead() -> None:
    """10,000 tasks that do nothing, on one and two local workers."""
    for workers in (1, 2):
        report("overhead", workers=workers, **timed(nothing, numbered(10_000), workers=workers))


def start() -> None:
    """Start workers for one task each."""
    for workers in (1, 2, 20):
        report("start", workers=workers, **timed(nothing, numbered(workers), workers=workers))


def scaling() -> None:
    """Eight tasks of 25 million samples on one and two local workers."""
    for workers in (1, 2):
        measured = timed(sample, numbered(8, samples=25_000_000), workers=workers)
        rate = 8 * 25_000_000 / measured["seconds"] / workers
        core = 8 * 25_000_000 / measured["core_seconds"]
        report(
            "scaling",
            workers=workers,
            samples_per_second_per_worker=rate,
            samples_per_second_per_core=core,
            **measured,
        )


def cluster() -> None:
    """10,000 tasks that do nothing, on a real scheduler and two worker processes."""
    with SubprocessCluster(
        n_workers=2,
        worker_class="distributed.Worker",
        worker_kwargs={"nthreads": 1},
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    ) as dask:
        dask.wait_for_workers(2)
        measured = timed(nothing, numbered(10_000), cluster=dask.scheduler_address)
        spent = psutil.Process(dask.scheduler.process.pid).cpu_times()
        scheduler = 1e3 * (spent.user + spent.system) / 10_000
        report("cluster", workers=2, scheduler_core_milliseconds_per_task=scheduler, **measured)


def many_workers() -> None:
    """Tasks that only wait, ten for each of many workers that share one process."""
    for workers, seconds in ((8, 1.0), (32, 4.0), (64, 4.0)):
        emulated(workers, seconds)


def emulated(workers: int, seconds: float) -> None:
    """Start workers as threads of one other process and give each ten tasks."""
    program = (
        "import sys; from distributed import LocalCluster\n"
        f"with LocalCluster(n_workers={workers}, threads_per_worker=1, processes=False,\n"
        "                  protocol='tcp', dashboard_address=None) as dask:\n"
        "    print(dask.scheduler_address, flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-W", "ignore", "-c", program]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    quiet = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}  # 64 profilers fill a core
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | quiet
    with subprocess.Popen(command, env=environment, **pipes) as dask:
        assert dask.stdout is not None
        address = dask.stdout.readline().strip()
        measured = timed(rest, numbered(10 * workers, seconds=seconds), cluster=address)
    share = 10 * seconds / measured["seconds"]
    report("many_workers", workers=workers, task_seconds=seconds, efficiency=share, **measured)


def joblib_backend() -> None:
    """Show that joblib's Dask backend waits for ever once a task has killed its workers."""
    program = (
        "import joblib, os, signal; from distributed import Client, LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as dask:\n"
        "        with Client(dask), joblib.parallel_config(backend='dask'):\n"
        "            joblib.Parallel(2)([joblib.delayed(os.kill)(os.getpid(), 0),\n"
        "                joblib.delayed(lambda: os.kill(os.getpid(), signal.SIGKILL))()])\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "killer.py"
        script.write_text(program)
        command = [sys.executable, "-W", "ignore", str(script)]
        with subprocess.Popen(
            command, stderr=subprocess.DEVNULL, start_new_session=True
        ) as process:
            try:
                outcome = f"ended with code {process.wait(timeout=120.0)}"
            except subprocess.TimeoutExpired:
                outcome = "still waiting after 120 s"
                os.killpg(process.pid, 9)
    report("joblib_backend", outcome=outcome)


def report(name: str, **figures: Any) -> None:
    """Print one line of JSON."""
    rounded = {
        key: float(f"{value:.4g}") if isinstance(value, float) else value
        for key, value in figures.items()
    }
    print(json.dumps({"measurement": name} | rounded), flush=True)


MEASUREMENTS: dict[str, Callable[[], None]] = {
    function.__name__: function
    for function in (overhead, start, scaling, cluster, many_workers, joblib_backend)
}

if __name__ == "__main__":
    for chosen in sys.argv[1:] or MEASUREMENTS:
        MEASUREMENTS[chosen]()
