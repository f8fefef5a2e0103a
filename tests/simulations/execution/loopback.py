"""A real Dask scheduler and its workers, each in a process of its own, on this machine."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_LOCAL = ("--host", "127.0.0.1", "--no-dashboard")


@dataclass
class Loopback:
    """The processes of a cluster; each may be killed at any time."""

    address: str
    scheduler: subprocess.Popen[bytes]
    folder: Path
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add(self, *options: str) -> None:
        """Start one more worker; without a nanny it stays dead when it dies."""
        options = options or ("--nthreads", "1", "--no-nanny")
        self.workers.append(_start(self.folder, "worker", self.address, *_LOCAL, *options))


def _start(folder: Path, kind: str, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "ignore", "-m", f"distributed.cli.dask_{kind}", *options]
    with (folder / f"{kind}.log").open("ab") as log:
        return subprocess.Popen(
            command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=log, stderr=log, cwd=folder
        )


def _until(happened: Callable[[], bool]) -> None:
    """Wait for something that takes seconds, a minute at most."""
    end = time.monotonic() + 60.0
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError("the cluster did not start")
        time.sleep(0.05)


@contextmanager
def loopback(folder: Path, workers: int = 2, options: tuple[str, ...] = ()) -> Iterator[Loopback]:
    """Start a scheduler and workers, and kill whatever is left of them in the end."""
    folder.mkdir()
    path = folder / "scheduler.json"
    ready = ("--port", "0", "--scheduler-file", str(path))
    scheduler = _start(folder, "scheduler", *_LOCAL, *ready)
    cluster = None
    try:
        _until(lambda: path.exists() and path.read_text().rstrip().endswith("}"))
        cluster = Loopback(json.loads(path.read_text())["address"], scheduler, folder)
        for _ in range(workers):
            cluster.add(*options)
        log = folder / "worker.log"
        _until(lambda: not workers or log.read_text().count("Registered to:") == workers)
        yield cluster
    finally:
        for process in [*(cluster.workers if cluster else []), scheduler]:
            process.kill()
            process.wait()
