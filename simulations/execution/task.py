"""What a worker process does with one task."""

import faulthandler
import importlib.metadata
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from simulations.execution.progress import silence
from theory.checks import InputError

__all__ = ["ONE_THREAD", "Function", "Outcome", "Task", "versions"]

Rows = list[dict[str, Any]]
Function = Callable[[dict[str, Any], np.random.SeedSequence], Rows]
Outcome = tuple[Rows, float]

# Every library that starts threads reads one of these before it is imported.  One thread per
# worker keeps the order of floating-point sums, hence every bit, independent of the machine.
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "BLIS_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMEXPR_NUM_THREADS",
    ),
    "1",
)


@cache
def versions() -> dict[str, str]:
    """Versions of the libraries whose numbers must agree between machines."""
    found = {}
    for name in ("numpy", "scipy", "torch"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "none"
    return found


@dataclass(frozen=True)
class Task:
    """One task, ready to be sent to a worker: calling it returns the rows and the seconds.

    A task beyond `timeout` seconds ends its process, after writing to stderr where it was:
    the watchdog is a C thread, so that a loop inside a library cannot hold it up.  The process
    must therefore run one task at a time.

    Parameters
    ----------
    function : callable
        ``function(config, seed_sequence)`` returns rows.
    config : dict
        Its first argument.
    seed, stream : int
        The second argument is ``SeedSequence(seed).spawn(stream + 1)[stream]``.
    timeout : float or None
        In seconds.
    expected : dict
        The `versions` where the task was planned.

    Raises
    ------
    ValueError
        If this process might not give the same bits as the one that planned the task: another
        version of a library that it has loaded, or more than one thread per library.
    """

    function: Function
    config: dict[str, Any]
    seed: int
    stream: int
    timeout: float | None = None
    expected: dict[str, str] = field(default_factory=versions)

    def __call__(self) -> Outcome:
        """Run the task in this process."""
        for name, found in versions().items():
            if name in sys.modules and found != self.expected[name]:
                raise InputError(
                    f"worker must have {name} {self.expected[name]}, the planner's, got {found}"
                )
        threads = os.environ.get("OMP_NUM_THREADS", "unset")
        if threads != "1":
            raise InputError(f"worker must be started with OMP_NUM_THREADS=1, got {threads}")
        if self.timeout is not None:
            faulthandler.dump_traceback_later(self.timeout, exit=True)
        start = time.perf_counter()
        try:
            with silence():
                sequence = np.random.SeedSequence(self.seed, spawn_key=(self.stream,))
                rows = self.function(self.config, sequence)
        finally:
            if self.timeout is not None:
                faulthandler.cancel_dump_traceback_later()
        return rows, time.perf_counter() - start
