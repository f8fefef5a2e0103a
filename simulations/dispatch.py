"""Calls handed to workers that may die: each is repeated until it is done or hopeless."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import AbstractContextManager
from typing import Protocol

from simulations.attempt import Attempt, Outcome

__all__ = ["Workers", "dispatch"]

_TICK = 1.0  # seconds between two looks at the health of the workers


class Workers(AbstractContextManager["Workers"], Protocol):
    """What runs calls: local processes or a cluster."""

    @property
    def capacity(self) -> int:
        """How many calls may be unfinished at a time; it may change during a run."""

    def submit(self, call: Callable[[], Outcome]) -> "Future[Outcome]":
        """Start a call."""

    def losses(self, error: BaseException) -> int:
        """Return how many workers a failed call has cost: 0 if the call itself raised."""

    def check(self) -> None:
        """Raise ConnectionError if no worker can be reached any more."""


def dispatch(
    calls: Mapping[str, Attempt], workers: Workers, retries: int
) -> Iterator[tuple[str, Outcome]]:
    """Run calls on workers and yield name and outcome of each, in the order they finish.

    Raises
    ------
    ChildProcessError
        If a call has lost its worker more than `retries` times.
    ConnectionError
        If no worker can be reached any more.

    An exception of a call ends the run too, after everything that is finished was yielded.
    """
    waiting = deque(calls)
    running: dict[Future[Outcome], str] = {}
    lost: Counter[str] = Counter()
    failure: Exception | None = None

    def fill() -> None:
        while waiting and failure is None and len(running) < workers.capacity:
            name = waiting.popleft()
            running[workers.submit(calls[name])] = name

    fill()
    while running and failure is None:
        finished, _ = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
        if not finished:
            workers.check()
        outcomes = []
        for future in finished:
            name = running.pop(future)
            try:
                outcomes.append((name, future.result()))
            except Exception as error:
                losses = workers.losses(error)
                lost[name] += losses
                if losses and lost[name] <= retries:
                    waiting.append(name)
                else:
                    failure = _explained(error, name, lost[name], calls[name].timeout)
        fill()  # before the outcomes are written, so that no worker waits for the disk
        yield from outcomes
    if failure is not None:
        raise failure


def _explained(error: Exception, name: str, lost: int, timeout: float | None) -> Exception:
    """Return what a user needs to know of a call that cannot be repeated."""
    explained: Exception
    if lost:
        limit = "none" if timeout is None else f"{timeout:g} s"
        explained = ChildProcessError(
            f"task {name!r} lost its worker {lost} times: killed, out of memory, or beyond the "
            f"timeout ({limit}); see the messages of the worker"
        )
    elif isinstance(error, CancelledError):
        explained = ConnectionError(
            f"cluster must keep its scheduler, lost it during task {name!r}; finished records "
            "are kept: start it again and repeat the command"
        )
    else:
        error.add_note(f"raised by task {name!r}")
        return error
    explained.__cause__ = error
    return explained
