"""Worker processes of a Dask cluster, on any number of machines.

Tasks are submitted to the scheduler directly.  joblib's own Dask backend was measured and
dropped: when a task has killed its workers, joblib 1.6 waits for ever, because that backend
reports results but never failures of workers (``benchmarks/execution.py`` shows it).
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self

from theory.checks import InputError, optional_module

__all__ = ["ClusterWorkers"]

_BACKLOG = 4  # tasks in sight of the scheduler per worker: none waits, and more are worth adding
_RECOUNT = 5.0  # seconds between two counts of the workers, which come and go
_GATHER = 60.0  # seconds for a result to arrive after it was announced


class ClusterWorkers:
    """The workers of a running Dask scheduler.

    Parameters
    ----------
    address : str
        Of the scheduler, ``tcp://host:8786``.
    reach : float
        Seconds to wait for the scheduler and for its first worker.
    patience : float
        Seconds for which the scheduler or all workers may be gone in the middle of a run.

    Raises
    ------
    ValueError
        If Dask is not installed, the address is none, or a worker runs several tasks at once.
    ConnectionError
        If the scheduler does not answer within `reach`, or has no workers by then.
    """

    def __init__(self, address: str, *, reach: float = 4.0, patience: float = 60.0) -> None:
        if not isinstance(address, str) or not address.startswith("tcp://"):
            raise InputError(f"cluster must be like tcp://host:8786, got {address!r}")
        self._dask: Any = optional_module("distributed", "cluster")
        self._address, self._reach, self._patience = address, reach, patience
        self._counted = time.monotonic()
        self._missed: float | None = None
        self._probe()
        # the client's timeout is also how long it tries to find a lost scheduler again
        self._client = self._dask.Client(address, timeout=patience, set_as_default=False)
        try:
            self._workers = self._first_workers()
        except BaseException:
            self._client.close()
            raise

    def _probe(self) -> None:
        """Ask who is there: a client that fails to connect takes long to clean up."""

        async def kind() -> object:
            async with self._dask.rpc(self._address) as remote:
                return (await asyncio.wait_for(remote.identity(), self._reach)).get("type")

        try:
            with ThreadPoolExecutor(1) as thread:  # the caller may have an event loop of its own
                found = thread.submit(asyncio.run, kind()).result()
        except Exception as error:  # bytes of another protocol decode to anything, MemoryError too
            raise ConnectionError(
                f"cluster must be a running Dask scheduler, got {self._address}, which does not "
                f"answer within {self._reach:g} s; start one with: dask scheduler"
            ) from error
        if found != "Scheduler":
            raise ConnectionError(
                f"cluster must be a running Dask scheduler, got a {found} at {self._address}"
            )

    def _first_workers(self) -> int:
        """Wait for the first worker and return the number of workers."""
        end = time.monotonic() + self._reach
        while not (threads := self._threads()):
            if time.monotonic() > end:
                raise ConnectionError(
                    f"cluster must have workers, got none at {self._address}; start them with: "
                    f"dask worker {self._address} --nthreads 1"
                )
            time.sleep(0.1)
        if max(threads.values()) > 1:
            raise InputError(
                f"cluster workers must run one task at a time, got {max(threads.values())} "
                f"threads in one; start them with: dask worker {self._address} --nthreads 1"
            )
        return len(threads)

    def _threads(self) -> dict[str, int]:
        """Threads by worker; empty if the scheduler cannot be reached now."""
        if self._client.status != "running":
            return {}
        try:
            ask = self._client.scheduler.ncores
            return dict(self._client.sync(ask, callback_timeout=self._reach))
        except OSError:
            return {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    @property
    def capacity(self) -> int:
        """A few calls per worker, as many workers as there are now."""
        if time.monotonic() - self._counted > _RECOUNT:
            self._workers = len(self._threads()) or self._workers
            self._counted = time.monotonic()
        return _BACKLOG * self._workers

    def submit(self, call: Callable[[], Any]) -> Future[Any]:
        """Hand a call to the scheduler.

        Dask's own executor would do, but leaves a call unanswered for ever if the connection
        breaks while its result is on the way.
        """
        answer: Future[Any] = Future()
        try:
            self._client.submit(call, pure=False).add_done_callback(partial(_answer, answer))
        except OSError as error:  # the client has given up its scheduler
            answer.set_exception(_LostError(error))
        return answer

    def workers_lost(self, error: BaseException) -> int:
        """Return how many workers a failed call has cost: 0 if the call itself raised.

        Raises
        ------
        ConnectionError
            If the call was lost because the scheduler is, and does not come back.
        """
        if isinstance(error, self._dask.KilledWorker):
            return int(error.allowed_failures) + 1
        if not isinstance(error, _LostError):
            return 0
        while self._client.status == "connecting":
            time.sleep(0.1)
        if self._client.status != "running":
            raise ConnectionError(self._gone()) from error
        return 1

    def check(self) -> None:
        """Raise ConnectionError if scheduler or all workers are gone beyond the patience."""
        now = time.monotonic()
        if self._threads():
            self._missed = None
        elif self._missed is None:  # a busy scheduler may miss one question
            self._missed = now
        elif now - self._missed > self._patience:
            raise ConnectionError(self._gone())

    def _gone(self) -> str:
        return (
            f"cluster must keep its scheduler and a worker, lost them at {self._address}; "
            "finished records are kept: start it again and repeat the command"
        )


class _LostError(Exception):
    """The answer to a call was lost with a connection, not by the call."""


def _answer(answer: Future[Any], future: Any) -> None:
    """Pass on what became of a call of Dask."""
    try:
        if future.status == "error":
            error = future.exception(timeout=_GATHER)
            answer.set_exception(error.with_traceback(future.traceback(timeout=_GATHER)))
        else:
            answer.set_result(future.result(timeout=_GATHER))
    except Exception as error:
        answer.set_exception(_LostError(f"{type(error).__name__}: {error}"))
