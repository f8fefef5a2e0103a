"""Worker processes on this machine, each of which can die without harming the others."""

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from joblib.externals.loky import ProcessPoolExecutor
from joblib.externals.loky.process_executor import BrokenProcessPool

from simulations.execution.task import ONE_THREAD
from theory.checks import integer

__all__ = ["ProcessWorkers"]


def _prepare(parent: int) -> None:
    """Leave Ctrl-C to the parent, and end within a second of its death."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _executor() -> ProcessPoolExecutor:
    """One process; it starts when it gets its first task."""
    return ProcessPoolExecutor(
        max_workers=1, env=ONE_THREAD, initializer=_prepare, initargs=(os.getpid(),)
    )


@dataclass
class _Slot:
    executor: ProcessPoolExecutor = field(default_factory=_executor)
    future: Future[Any] | None = None

    @property
    def free(self) -> bool:
        return self.future is None or self.future.done()

    def close(self) -> None:
        """Kill the process, whatever it does."""
        # loky's manager thread fails on a shutdown between the arrival of a call and its start
        while not self.free and self.future is not None and not self.future.running():
            time.sleep(0.001)
        self.executor.shutdown(wait=True, kill_workers=True)


class ProcessWorkers:
    """`count` loky processes of joblib, one executor each.

    When a process of a shared pool dies, loky fails every task of the pool and does not tell
    which task was at fault; with one executor per process exactly one task is affected.

    Raises
    ------
    ValueError
        If `count` < 1.
    """

    def __init__(self, count: int) -> None:
        self.capacity = integer("workers", count, minimum=1)
        self._slots = [_Slot() for _ in range(self.capacity)]
        self._warnings = warnings.catch_warnings()

    def __enter__(self) -> Self:
        self._warnings.__enter__()
        # loky replaces a process that has grown by 300 MB, which is welcome here
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for slot in self._slots:
            slot.close()
        self._warnings.__exit__(kind, error, trace)

    def submit(self, call: Callable[[], Any]) -> Future[Any]:
        """Start a call in a free process, a new one where the last has died."""
        slot = next(slot for slot in self._slots if slot.free)
        try:
            slot.future = slot.executor.submit(call)
        except BrokenProcessPool:
            slot.executor = _executor()
            slot.future = slot.executor.submit(call)
        return slot.future

    def workers_lost(self, error: BaseException) -> int:
        """Return how many workers a failed call has cost: 0 if the call itself raised."""
        return int(isinstance(error, BrokenProcessPool))

    def check(self) -> None:
        """Local processes are always within reach."""
