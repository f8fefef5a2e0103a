"""Runs and workers killed by SIGKILL at random points, and full disks: nothing changes."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from simulations.execution.execute import execute
from simulations.records import Record
from tests.simulations.execution import tasks

PLAN = {f"task-{i}": {"i": i, "sleep": 0.03} for i in range(12)}
OTHER_PROCESS = """
import sys
from tests.simulations.execution.test_execute_killed import run
run(sys.argv[1])
"""


def run(folder: str | os.PathLike[str]) -> list[str]:
    records = execute(tasks.draw, PLAN, experiment="test", folder=folder, seed=3, workers=2)
    return [record.content for record in records]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return run(tmp_path_factory.mktemp("reference"))


def wait_for(records: int, folder: Path) -> None:
    end = time.monotonic() + 60.0
    while len(list(folder.glob("*.json"))) < records:
        assert time.monotonic() < end, "the run does not advance"
        time.sleep(0.001)


def survivors(parent: int) -> list[int]:
    """Processes of the session that the killed run had started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            pid = int(entry.name)
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if os.getsid(pid) == parent and state != "Z":
                found.append(pid)
        except (OSError, ValueError):
            continue
    return found


def kill_the_run(folder: Path, rng: np.random.Generator) -> None:
    """Kill a run after a random number of records and a random moment more."""
    command = [sys.executable, "-c", OTHER_PROCESS, str(folder)]
    with subprocess.Popen(command, start_new_session=True) as process:
        wait_for(int(rng.integers(len(PLAN))), folder)
        time.sleep(rng.uniform(0.0, 0.06))
        process.kill()
    end = time.monotonic() + 30.0
    while survivors(process.pid):
        assert time.monotonic() < end, "workers outlive their run"
        time.sleep(0.05)


def kill_a_worker(folder: Path, rng: np.random.Generator) -> threading.Thread:
    """Kill one of the workers of this process at a random point of its run."""
    records, moment = int(rng.integers(len(PLAN) - 3)), rng.uniform(0.0, 0.06)

    def act() -> None:
        wait_for(records, folder)
        time.sleep(moment)
        workers = [child.pid for child in multiprocessing.active_children() if child.pid]
        for pid in rng.permutation(workers)[:1]:
            os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def check_killed_run(folder: Path, reference: list[str], point: int) -> None:
    kill_the_run(folder, np.random.default_rng(point))
    for path in folder.glob("*.json"):
        assert Record.load(path).content in reference
    assert run(folder) == reference
    assert {path.name for path in folder.glob("*.json")} == {f"{name}.json" for name in PLAN}


def check_killed_worker(folder: Path, reference: list[str], point: int) -> None:
    folder.mkdir()
    thread = kill_a_worker(folder, np.random.default_rng(point))
    assert run(folder) == reference
    thread.join()


@pytest.mark.parametrize("point", [100])
def test_killed_run(tmp_path: Path, reference: list[str], point: int) -> None:
    check_killed_run(tmp_path / "out", reference, point)


@pytest.mark.parametrize("point", [100])
def test_killed_worker(tmp_path: Path, reference: list[str], point: int) -> None:
    check_killed_worker(tmp_path / "out", reference, point)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(20))
def test_run_killed_at_twenty_points(tmp_path: Path, reference: list[str], point: int) -> None:
    check_killed_run(tmp_path / "out", reference, point)


@pytest.mark.slow
@pytest.mark.parametrize("point", range(20))
def test_worker_killed_at_twenty_points(tmp_path: Path, reference: list[str], point: int) -> None:
    check_killed_worker(tmp_path / "out", reference, point)


def test_a_full_disk_leaves_whole_records_alone(
    tmp_path: Path, reference: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0

    def full(_: int) -> None:
        nonlocal written
        written += 1
        # every record flushes its file, then its folder
        if written > 8:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("simulations.files.os.fsync", full)
        with pytest.raises(OSError, match="No space left on device"):
            run(tmp_path)
    assert len(list(tmp_path.iterdir())) == 4
    assert {Record.load(path).content for path in tmp_path.iterdir()} < set(reference)
    assert run(tmp_path) == reference
