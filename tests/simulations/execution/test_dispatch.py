from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any

import pytest

from simulations.execution.dispatch import Workers, dispatch
from simulations.execution.task import Outcome, Task
from tests.simulations.execution import tasks

Answer = Outcome | Exception


class DeathError(Exception):
    """What these workers raise when they die."""


class Scripted(AbstractContextManager[Workers]):
    """Workers that answer each call with what its script holds next."""

    capacity = 2

    def __init__(self, scripts: dict[int, list[Answer]]) -> None:
        self.scripts = {stream: deque(answers) for stream, answers in scripts.items()}
        self.checks = 0
        self.submitted: list[int] = []

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, call: Callable[[], Outcome]) -> Future[Outcome]:
        assert isinstance(call, Task)
        self.submitted.append(call.stream)
        future: Future[Outcome] = Future()
        answer = self.scripts[call.stream].popleft()
        if isinstance(answer, Exception):
            future.set_exception(answer)
        elif answer[1] >= 0:
            future.set_result(answer)
        return future

    def workers_lost(self, error: BaseException) -> int:
        if isinstance(error, EOFError):
            raise ConnectionError("no worker is left")
        return int(isinstance(error, DeathError))

    def check(self) -> None:
        self.checks += 1
        raise ConnectionError("gone")


def done(value: int) -> Outcome:
    return [{"value": value}], 0.0


def calls(count: int, timeout: float | None = None) -> dict[str, Task]:
    return {f"call-{i}": Task(tasks.draw, {"i": i}, 0, i, timeout) for i in range(count)}


def collect(workers: Workers, count: int, **options: Any) -> dict[str, Outcome]:
    return dict(dispatch(calls(count), workers, options.get("retries", 1)))


def test_every_call_is_answered_once() -> None:
    workers = Scripted({i: [done(i)] for i in range(5)})
    assert collect(workers, 5) == {f"call-{i}": done(i) for i in range(5)}
    assert workers.submitted == [0, 1, 2, 3, 4]


def test_a_lost_call_is_repeated_behind_the_others() -> None:
    workers = Scripted({0: [DeathError(), done(0)], 1: [done(1)], 2: [done(2)]})
    assert collect(workers, 3) == {f"call-{i}": done(i) for i in range(3)}
    assert workers.submitted == [0, 1, 2, 0]


def test_too_many_losses_end_the_run() -> None:
    workers = Scripted({0: [DeathError(), DeathError()]})
    with pytest.raises(ChildProcessError, match="'call-0' lost its worker 2 times") as caught:
        collect(workers, 1)
    assert isinstance(caught.value.__cause__, DeathError)


def test_the_message_tells_the_timeout() -> None:
    with pytest.raises(ChildProcessError, match=r"timeout \(9\.5 s\); see the messages"):
        list(dispatch(calls(1, timeout=9.5), Scripted({0: [DeathError()]}), 0))


def test_what_is_finished_is_yielded_before_the_failure() -> None:
    workers = Scripted({0: [ValueError("bad input")], 1: [done(1)], 2: [done(2)]})
    seen: list[str] = []

    def consume() -> None:
        for name, _ in dispatch(calls(3), workers, 1):
            seen.append(name)

    with pytest.raises(ValueError, match="bad input") as caught:
        consume()
    assert caught.value.__notes__ == ["raised by task 'call-0'"]
    assert seen == ["call-1"]
    assert workers.submitted == [0, 1]


def test_a_tolerated_failure_is_raised_after_all_other_calls() -> None:
    errors = {0: ValueError("one"), 2: ZeroDivisionError("two")}
    workers = Scripted({0: [errors[0]], 1: [done(1)], 2: [errors[2]], 3: [done(3)]})
    seen: list[str] = []

    def consume() -> None:
        for name, _ in dispatch(calls(4), workers, 1, (ValueError, ArithmeticError)):
            seen.append(name)

    with pytest.raises(ValueError, match="one") as caught:
        consume()
    assert caught.value.__notes__ == ["raised by task 'call-0'", "task 'call-2': two"]
    assert seen == ["call-1", "call-3"]


def test_a_failure_that_ends_the_run_tells_of_those_tolerated_before() -> None:
    workers = Scripted({0: [ValueError("one")], 1: [RuntimeError("two")]})
    with pytest.raises(RuntimeError, match="two") as caught:
        list(dispatch(calls(2), workers, 1, (ValueError,)))
    assert caught.value.__notes__ == ["raised by task 'call-1'", "task 'call-0': one"]


def test_what_is_finished_is_yielded_before_the_workers_are_given_up() -> None:
    workers = Scripted({0: [EOFError()], 1: [done(1)]})
    seen: list[str] = []

    def consume() -> None:
        for name, _ in dispatch(calls(2), workers, 1):
            seen.append(name)

    with pytest.raises(ConnectionError, match="no worker is left"):
        consume()
    assert seen == ["call-1"]


def test_workers_are_checked_while_nothing_finishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulations.execution.dispatch._TICK", 0.01)
    workers = Scripted({0: [([], -1.0)]})
    with pytest.raises(ConnectionError, match="gone"):
        collect(workers, 1)
    assert workers.checks == 1


def test_nothing_to_do() -> None:
    assert collect(Scripted({}), 0) == {}
