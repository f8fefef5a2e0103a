import os
import signal
import time
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest

from simulations.execution.processes import ProcessWorkers


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def pid_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def divide(number: int) -> float:
    return 1 / number


def test_calls_run_at_the_same_time_in_processes_of_their_own() -> None:
    with ProcessWorkers(2) as pool:
        futures = [pool.submit(partial(pid_after, 0.3)) for _ in range(pool.capacity)]
        pids = {future.result() for future in futures}
    assert len(pids | {os.getpid()}) == 3


def test_one_death_leaves_the_neighbour_at_work() -> None:
    with ProcessWorkers(2) as pool:
        dying: Future[Any] = pool.submit(kill_itself)
        living: Future[Any] = pool.submit(partial(divide, 4))
        error = dying.exception()
        assert error is not None
        assert pool.workers_lost(error) == 1
        assert living.result() == 0.25
        assert pool.submit(partial(divide, 2)).result() == 0.5
        pool.check()


def test_a_process_that_died_without_work_is_replaced() -> None:
    with ProcessWorkers(1) as pool:
        first = pool.submit(os.getpid).result()
        os.kill(first, signal.SIGKILL)
        time.sleep(0.5)
        assert pool.submit(os.getpid).result() != first


def test_an_exception_costs_no_worker() -> None:
    with ProcessWorkers(1) as pool:
        first = pool.submit(os.getpid).result()
        error = pool.submit(partial(divide, 0)).exception()
        assert isinstance(error, ZeroDivisionError)
        assert pool.workers_lost(error) == 0
        assert pool.submit(os.getpid).result() == first


def test_workers_ignore_the_interrupt_of_the_terminal() -> None:
    with ProcessWorkers(1) as pool:
        pid = pool.submit(os.getpid).result()
        os.kill(pid, signal.SIGINT)
        assert pool.submit(os.getpid).result() == pid


def test_leaving_right_after_a_submission_kills_without_a_word() -> None:
    for _ in range(3):
        with ProcessWorkers(1) as pool:
            pool.submit(os.getpid).result()
            future = pool.submit(partial(time.sleep, 60.0))
        assert future.done()


@pytest.mark.parametrize("count", [0, -1])
def test_at_least_one(count: int) -> None:
    with pytest.raises(ValueError, match=f"workers must be >= 1, got {count}"):
        ProcessWorkers(count)
