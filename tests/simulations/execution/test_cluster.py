import ast
import asyncio
import re
import shlex
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from dask.utils import parse_timedelta
from dask_jobqueue import SLURMCluster
from distributed.cli import dask_worker

from simulations.execution.cluster import ClusterWorkers
from simulations.execution.execute import execute
from simulations.execution.task import Task
from simulations.records import Record
from tests import ROOT
from tests.simulations.execution import tasks
from tests.simulations.execution.loopback import Loopback, loopback


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    with loopback(tmp_path_factory.mktemp("dask") / "cluster") as started:
        yield started


def run(folder: Path, function: Any = tasks.draw, count: int = 20, **options: Any) -> list[Record]:
    extra = {key: options.pop(key) for key in ("trace", "deaths", "sleep") if key in options}
    plan = {f"task-{i}": {"i": i, **extra} for i in range(count)}
    return execute(function, plan, experiment="test", folder=folder, seed=7, **options)


def contents(records: list[Record]) -> list[str]:
    return [record.content for record in records]


def kill_after(records: int, folder: Path, process: Any) -> threading.Thread:
    """Kill a process as soon as so many records exist."""

    def watch() -> None:
        while len(list(folder.glob("*.json"))) < records:
            time.sleep(0.01)
        process.kill()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def check_until(done: Any, pool: ClusterWorkers) -> None:
    while not done():
        time.sleep(0.2)
        pool.check()


def test_the_same_bits_as_local_processes(tmp_path: Path, cluster: Loopback) -> None:
    far = run(tmp_path / "far", cluster=cluster.address)
    assert contents(far) == contents(run(tmp_path / "near", workers=2))


def test_a_worker_killed_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    with loopback(tmp_path / "cluster") as own:
        kill_after(5, tmp_path / "far", own.workers[0])
        far = run(tmp_path / "far", sleep=0.1, cluster=own.address)
        assert own.workers[0].wait() == -9
        assert own.workers[1].poll() is None
    assert contents(far) == contents(run(tmp_path / "near", sleep=0.1, workers=2))


@pytest.mark.slow
def test_all_workers_killed_and_new_ones_started_change_nothing(tmp_path: Path) -> None:
    with loopback(tmp_path / "cluster") as own:
        first = [kill_after(5, tmp_path / "far", worker) for worker in own.workers]

        def replace() -> None:
            for thread in first:
                thread.join()
            own.add()

        threading.Thread(target=replace, daemon=True).start()
        far = run(tmp_path / "far", sleep=0.1, cluster=own.address)
        assert [worker.wait() for worker in own.workers[:2]] == [-9, -9]
    assert contents(far) == contents(run(tmp_path / "near", sleep=0.1, workers=2))
    assert len(list((tmp_path / "far").iterdir())) == 20


@pytest.mark.slow
def test_all_workers_killed_is_an_error_and_the_run_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient = partial(ClusterWorkers, patience=2.0)
    monkeypatch.setattr("simulations.execution.cluster.ClusterWorkers", impatient)
    with loopback(tmp_path / "cluster") as own:
        for worker in own.workers:
            kill_after(5, tmp_path / "out", worker)
        with pytest.raises(ConnectionError, match=r"lost them at tcp.*finished records are kept"):
            run(tmp_path / "out", sleep=0.1, cluster=own.address)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    assert 5 <= len(kept) < 20
    resumed = run(tmp_path / "out", sleep=0.1, workers=2)
    assert all(path.stat().st_mtime_ns == moment for path, moment in kept.items())
    assert contents(resumed) == contents(run(tmp_path / "near", sleep=0.1, workers=2))


@pytest.mark.slow
def test_a_lost_scheduler_is_an_error_and_the_run_resumes(tmp_path: Path) -> None:
    with loopback(tmp_path / "cluster") as own:
        kill_after(5, tmp_path / "out", own.scheduler)
        with pytest.raises(ConnectionError, match="finished records are kept: start it again"):
            run(tmp_path / "out", sleep=0.1, cluster=own.address)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*.json")}
    assert 5 <= len(kept) < 20
    resumed = run(tmp_path / "out", sleep=0.1, workers=2)
    assert all(path.stat().st_mtime_ns == moment for path, moment in kept.items())
    assert contents(resumed) == contents(run(tmp_path / "near", sleep=0.1, workers=2))


def test_workers_may_join(cluster: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulations.execution.cluster._RECOUNT", 0.0)
    with ClusterWorkers(cluster.address) as pool:
        before = len(pool._threads())
        assert pool.capacity == 4 * before
        cluster.add()
        end = time.monotonic() + 60.0
        while pool.capacity == 4 * before:
            assert time.monotonic() < end
            time.sleep(0.1)
        assert pool.capacity == 4 * (before + 1)


@pytest.mark.slow
def test_a_task_that_kills_its_workers_stops_the_run(tmp_path: Path) -> None:
    with loopback(tmp_path / "cluster", options=("--nthreads", "1", "--nanny")) as own:
        calls = tmp_path / "calls"
        calls.mkdir()
        options: dict[str, Any] = {"trace": str(calls), "deaths": 99, "count": 1}
        with pytest.raises(ChildProcessError, match=r"task 'task-0' lost its worker 4 times"):
            run(tmp_path / "out", tasks.die_until, cluster=own.address, **options)
        assert len(list(calls.iterdir())) == 4


@pytest.mark.slow
def test_a_task_beyond_the_timeout_costs_its_worker(tmp_path: Path) -> None:
    with (
        loopback(tmp_path / "cluster") as own,
        ClusterWorkers(own.address, patience=2.0) as pool,
    ):
        own.workers[0].kill()
        future = pool.submit(Task(tasks.draw, {"i": 0, "sleep": 60.0}, 0, 0, timeout=0.5))
        assert own.workers[1].wait(timeout=30.0) == 1
        with pytest.raises(ConnectionError, match=r"lost them at tcp"):
            check_until(future.done, pool)


def test_an_exception_of_the_task_is_raised_as_it_is(tmp_path: Path, cluster: Loopback) -> None:
    with pytest.raises(ValueError, match="level must be >= 0, got") as caught:
        run(tmp_path, tasks.fail, cluster=cluster.address)
    assert re.fullmatch("raised by task 'task-[0-9]+'", caught.value.__notes__[0])


@pytest.mark.slow
def test_a_cluster_without_workers(tmp_path: Path) -> None:
    with loopback(tmp_path / "cluster", workers=0) as own:
        start = time.monotonic()
        with pytest.raises(ConnectionError, match="cluster must have workers, got none at tcp"):
            run(tmp_path / "out", cluster=own.address)
        assert time.monotonic() - start < 10.0


@pytest.mark.slow
def test_workers_with_several_threads_are_refused(tmp_path: Path) -> None:
    with (
        loopback(tmp_path / "cluster", workers=1, options=("--nthreads", "3")) as own,
        pytest.raises(ValueError, match="must run one task at a time, got 3 threads in one"),
    ):
        run(tmp_path / "out", cluster=own.address)


def test_a_worker_is_no_scheduler(tmp_path: Path, cluster: Loopback) -> None:
    with ClusterWorkers(cluster.address) as pool:
        worker = next(iter(pool._threads()))
    with pytest.raises(ConnectionError, match="running Dask scheduler, got a Worker at tcp"):
        run(tmp_path, cluster=worker)


def test_unreachable_within_ten_seconds(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    start = time.monotonic()
    with pytest.raises(ConnectionError, match="which does not answer within 4 s; start one with"):
        run(tmp_path, cluster=f"tcp://127.0.0.1:{port}")
    assert time.monotonic() - start < 10.0


def test_a_port_that_never_answers(tmp_path: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(ConnectionError, match=r"which does not answer within 0\.5 s"),
    ):
        ClusterWorkers(f"tcp://127.0.0.1:{silent.getsockname()[1]}", reach=0.5)


def test_a_port_of_another_protocol(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(ConnectionError, match="must be a running Dask scheduler"):
            ClusterWorkers(f"tcp://127.0.0.1:{server.getsockname()[1]}", reach=2.0)


def test_without_dask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(
        ValueError, match=r"distributed must be installed: pip install '.*\[cluster\]'"
    ):
        run(tmp_path, cluster="tcp://127.0.0.1:8786")


def test_one_missed_question_is_no_loss(cluster: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    with ClusterWorkers(cluster.address, patience=0.2) as pool:
        time.sleep(0.3)
        with monkeypatch.context() as patch:
            patch.setattr(pool, "_threads", dict)
            pool.check()
        pool.check()
        with monkeypatch.context() as patch:
            patch.setattr(pool, "_threads", dict)
            pool.check()
            time.sleep(0.3)
            with pytest.raises(ConnectionError, match="cluster must keep its scheduler and a"):
                pool.check()


def test_the_job_of_a_queue_starts_workers_of_one_thread(tmp_path: Path) -> None:
    """What SCALE.md submits to SLURM, on this machine's network, is what `ClusterWorkers` needs."""
    document = (ROOT / "simulations" / "SCALE.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(from dask_jobqueue .*?)```", document, flags=re.DOTALL)
    calls = [node for node in ast.walk(ast.parse(block)) if isinstance(node, ast.Call)]
    (options,) = (
        {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
        for call in calls
        if ast.unparse(call.func) == "SLURMCluster"
    )

    async def script() -> str:
        # a cluster that nobody awaits starts no scheduler
        cluster = SLURMCluster(**options | {"interface": "lo"}, asynchronous=True)
        try:
            return str(cluster.job_script())
        finally:
            await cluster.close()

    lines = asyncio.run(script()).splitlines()
    asked = dict(
        line.split(maxsplit=1)[1].replace("=", " ").split() for line in lines if "#S" in line
    )
    assert asked["--cpus-per-task"] == str(options["cores"]) == str(options["processes"])
    assert asked["-n"] == "1"
    assert asked["-t"] == options["walltime"]
    *before, last = (line for line in lines if line and not line.startswith("#"))
    assert before == options["job_script_prologue"]
    assert "export OMP_NUM_THREADS=1" in before
    _, dash, module, *arguments = shlex.split(last)
    assert (dash, module) == ("-m", "distributed.cli.dask_worker")
    found = dask_worker.main.make_context("worker", arguments).params
    assert (found["nthreads"], found["n_workers"]) == (1, str(options["processes"]))
    assert found["interface"] == "lo"
    lifetime, stagger = (parse_timedelta(found[name]) for name in ("lifetime", "lifetime_stagger"))
    hours, minutes, seconds = map(int, asked["-t"].split(":"))
    assert lifetime + stagger < 3600 * hours + 60 * minutes + seconds
