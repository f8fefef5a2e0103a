import os
import re
import sys
from typing import Any

import numpy as np
import pytest

from simulations.execution.progress import track
from simulations.execution.task import ONE_THREAD, Task, versions
from tests.simulations.execution import tasks


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_rows_and_seconds_of_the_stream_at_its_position() -> None:
    config = {"i": 4, "sleep": 0.05}
    rows, seconds = Task(tasks.draw, config, seed=9, stream=2)()
    assert rows == tasks.draw(config, np.random.SeedSequence(9).spawn(3)[2])
    assert rows != tasks.draw(config, np.random.SeedSequence(9).spawn(3)[1])
    assert 0.05 <= seconds < 30.0


def test_the_watchdog_is_called_off_when_the_task_is_done() -> None:
    rows, _ = Task(tasks.draw, {"i": 0}, 0, 0, timeout=0.2)()
    again, _ = Task(tasks.draw, {"i": 0, "sleep": 0.5}, 0, 0)()
    assert rows == again


def test_the_watchdog_is_called_off_when_the_task_fails() -> None:
    with pytest.raises(ValueError, match="level must be >= 0"):
        Task(tasks.fail, {"i": 0}, 0, 0, timeout=0.2)()
    Task(tasks.draw, {"i": 0, "sleep": 0.5}, 0, 0)()


def test_a_task_draws_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    def tracked(config: dict[str, Any], sequence: np.random.SeedSequence) -> list[dict[str, Any]]:
        return [{"i": i} for i in track(range(config["i"]), "inside")]

    assert Task(tracked, {"i": 2}, 0, 0)()[0] == [{"i": 0}, {"i": 1}]
    assert capsys.readouterr().err == ""


def test_a_worker_of_other_versions_is_refused() -> None:
    other = versions() | {"numpy": "0.1"}
    message = re.escape(f"worker must have numpy 0.1, the planner's, got {np.__version__}")
    with pytest.raises(ValueError, match=message):
        Task(tasks.draw, {"i": 0}, 0, 0, expected=other)()


def test_the_version_of_a_library_that_is_not_loaded_does_not_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    other = versions() | {"torch": "0.1"}
    assert Task(tasks.draw, {"i": 0}, 0, 0, expected=other)()[0]


@pytest.mark.parametrize("threads", [None, "2"])
def test_a_worker_of_several_threads_is_refused(
    monkeypatch: pytest.MonkeyPatch, threads: str | None
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    if threads:
        monkeypatch.setenv("OMP_NUM_THREADS", threads)
    message = f"must be started with OMP_NUM_THREADS=1, got {threads or 'unset'}"
    with pytest.raises(ValueError, match=message):
        Task(tasks.draw, {"i": 0}, 0, 0)()


def test_one_thread_is_for_every_library() -> None:
    assert set(ONE_THREAD.values()) == {"1"}
    assert {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"} <= set(ONE_THREAD)
    assert os.environ["OMP_NUM_THREADS"] == "1"
