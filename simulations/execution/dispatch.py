"""Calls handed to workers that may die: each is repeated until it is done or hopeless."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from simulations.execution.task import Outcome, Task

__all__ = ["Workers", "dispatch"]

_TICK = 1.0  # seconds between two looks at the health of the workers


class Workers(AbstractContextManager["Workers"], Protocol):
    """What runs calls: local processes or a cluster."""

    @property
    def capacity(self) -> int:
        """How many calls may be unfinished at a time; it may change during a run."""

    def submit(self, call: Callable[[], Outcome]) -> Future[Outcome]:
        """Start a call."""

    def workers_lost(self, error: BaseException) -> int:
        """Return how many workers a failed call has cost: 0 if the call itself raised.

        Raises ConnectionError if there are none left.
        """

    def check(self) -> None:
        """Raise ConnectionError if no worker can be reached any more."""


def dispatch(
    calls: Mapping[str, Task],
    workers: Workers,
    retries: int,
    tolerated: tuple[type[Exception], ...] = (),
) -> Iterator[tuple[str, Outcome]]:
    """Run calls on workers and yield name and outcome of each, in the order they finish.

    Raises
    ------
    ChildProcessError
        If a call has lost its worker more than `retries` times.
    ConnectionError
        If no worker can be reached any more.

    An exception of a call ends the run too, after everything that is finished was yielded; one
    that is `tolerated` after all other calls.
    """
    state = _State(calls, workers, retries, deque(calls), tolerated)
    state.fill()
    while state.running and state.failure is None:
        outcomes = state.collect()
        state.fill()  # before the outcomes are written, so that no worker waits for the disk
        yield from outcomes
    put_off = list(state.put_off.items())
    failure = state.failure or (put_off.pop(0)[1] if put_off else None)
    if failure is not None:
        for name, error in put_off:
            failure.add_note(f"task {name!r}: {error}")
        raise failure


@dataclass
class _State:
    """Where every call stands."""

    calls: Mapping[str, Task]
    workers: Workers
    retries: int
    waiting: deque[str]
    tolerated: tuple[type[Exception], ...]
    running: dict[Future[Outcome], str] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    failure: Exception | None = None
    put_off: dict[str, Exception] = field(default_factory=dict)

    def fill(self) -> None:
        while self.waiting and self.failure is None and len(self.running) < self.workers.capacity:
            name = self.waiting.popleft()
            self.running[self.workers.submit(self.calls[name])] = name

    def collect(self) -> list[tuple[str, Outcome]]:
        """Wait for calls to finish, a tick at most."""
        finished, _ = wait(self.running, timeout=_TICK, return_when=FIRST_COMPLETED)
        if not finished:
            self.workers.check()
        outcomes = []
        for future in finished:
            name = self.running.pop(future)
            try:
                outcomes.append((name, future.result()))
            except Exception as error:
                self.failure = self.judge(name, error) or self.failure
        return outcomes

    def judge(self, name: str, error: Exception) -> Exception | None:
        """Queue a call again if its worker was lost, or return what ends the run."""
        try:
            losses = self.workers.workers_lost(error)
        except ConnectionError as gone:
            return gone
        self.lost[name] += losses
        if losses and self.lost[name] <= self.retries:
            self.waiting.append(name)
            return None
        told = _explained(error, name, self.lost[name] if losses else 0, self.calls[name].timeout)
        if not losses and isinstance(error, self.tolerated):
            self.put_off[name] = told
            return None
        return told


def _explained(error: Exception, name: str, lost: int, timeout: float | None) -> Exception:
    """Return what a user needs to know of a call that cannot be repeated."""
    if not lost:
        error.add_note(f"raised by task {name!r}")
        return error
    limit = "none" if timeout is None else f"{timeout:g} s"
    explained = ChildProcessError(
        f"task {name!r} lost its worker {lost} times: killed, out of memory, or beyond the "
        f"timeout ({limit}); see the messages of the worker"
    )
    explained.__cause__ = error
    return explained
