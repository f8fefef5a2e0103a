"""Worker processes of a Dask cluster, on any number of machines.

Tasks are submitted to the scheduler directly.  joblib's own Dask backend was measured and
dropped: when a task has killed its workers, joblib 1.6 waits for ever, because that backend
reports results but never failures of workers (``benchmarks/execution.py`` shows it).
"""

import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from types import TracebackType
from typing import Any, Self

__all__ = ["ClusterWorkers"]

_BACKLOG = 4  # tasks in sight of the scheduler per worker, so that no worker waits for the next


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
        if not isinstance(address, str) or not address.startswith(("tcp://", "tls://")):
            raise ValueError(f"cluster must be like tcp://host:8786, got {address!r}")
        try:
            from distributed import Client, KilledWorker
        except ImportError as error:
            raise ValueError(
                f"cluster needs Dask, got {address} without it; install the extra [cluster]"
            ) from error
        self._address, self._reach, self._patience = address, reach, patience
        self._killed = KilledWorker
        self._seen = time.monotonic()
        try:
            self._client = Client(address, timeout=reach, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConnectionError(
                f"cluster must be a running Dask scheduler, got {address}, which does not "
                f"answer within {reach:g} s; start it with: dask scheduler"
            ) from error
        try:
            self.capacity = _BACKLOG * self._count()
        except BaseException:
            self._client.close()
            raise
        self._executor = self._client.get_executor(pure=False)

    def _count(self) -> int:
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
            raise ValueError(
                f"cluster workers must run one task at a time, got {max(threads.values())} "
                "threads in one; start them with: dask worker --nthreads 1 --nworkers auto"
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
        self._executor.shutdown(wait=False)
        self._client.close()

    def submit(self, call: Callable[[], Any]) -> "Future[Any]":
        """Hand a call to the scheduler."""
        future: Future[Any] = self._executor.submit(call)
        return future

    def losses(self, error: BaseException) -> int:
        """Return how many workers a failed call has cost: 0 if the call itself raised."""
        if isinstance(error, self._killed):
            return int(error.allowed_failures) + 1
        if isinstance(error, CancelledError):
            raise ConnectionError(self._gone()) from error
        return 0

    def check(self) -> None:
        """Raise ConnectionError if scheduler or all workers are gone beyond the patience."""
        if self._threads():
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > self._patience:
            raise ConnectionError(self._gone())

    def _gone(self) -> str:
        return (
            f"cluster must keep its scheduler and a worker, got none at {self._address} for "
            f"{self._patience:g} s; finished records are kept, start it again and repeat"
        )
