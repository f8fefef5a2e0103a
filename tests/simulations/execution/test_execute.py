import multiprocessing
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulations.execution.execute import Delivery, execute
from simulations.records import Record
from tests.simulations.execution import tasks


def plan(count: int, **extra: Any) -> dict[str, dict[str, Any]]:
    return {f"task-{i}": {"i": i, **extra} for i in range(count)}


def run(folder: Path, count: int = 6, function: Any = tasks.draw, **changes: Any) -> list[Record]:
    extra = {key: changes.pop(key) for key in ("trace", "deaths", "sleep") if key in changes}
    options: dict[str, Any] = {"experiment": "test", "folder": folder, "seed": 7}
    return execute(function, plan(count, **extra), **(options | changes))


def contents(records: list[Record]) -> list[str]:
    return [record.content for record in records]


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return contents(run(tmp_path_factory.mktemp("reference")))


def test_records_in_order_with_the_stream_of_their_position(tmp_path: Path) -> None:
    records = run(tmp_path, 3)
    children = np.random.SeedSequence(7).spawn(3)
    for i, record in enumerate(records):
        assert record.experiment == "test"
        assert record.config == {
            "task": f"task-{i}",
            "parameters": {"i": i},
            "seed": 7,
            "stream": i,
        }
        assert record.provenance["seed"] == 7
        assert record.rows == tasks.draw({"i": i}, children[i])
        assert Record.load(tmp_path / f"task-{i}.json") == record


@pytest.mark.parametrize("workers", [2, 20])
def test_the_same_bits_on_any_number_of_workers(
    tmp_path: Path, reference: list[str], workers: int
) -> None:
    assert contents(run(tmp_path, workers=workers)) == reference


def test_the_seed_and_the_position_change_the_numbers(tmp_path: Path) -> None:
    first, second = run(tmp_path / "a", 2)
    other, _ = run(tmp_path / "b", 2, seed=8)
    assert len({row.rows[0]["draw"] for row in (first, second, other)}) == 3


def test_what_is_finished_is_not_computed_again(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    calls.mkdir()
    first = run(tmp_path / "out", function=tasks.trace, trace=str(calls))
    assert run(tmp_path / "out", function=tasks.trace, trace=str(calls)) == first
    assert len(list(calls.iterdir())) == 6


def test_more_tasks_reuse_the_records_of_fewer(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    calls.mkdir()
    run(tmp_path / "out", 2, function=tasks.trace, trace=str(calls))
    run(tmp_path / "out", 5, function=tasks.trace, trace=str(calls))
    assert len(list(calls.iterdir())) == 5


@pytest.mark.parametrize(("streams", "computed"), [(True, 3), (False, 2)])
def test_without_streams_the_place_among_the_tasks_does_not_matter(
    tmp_path: Path, streams: bool, computed: int
) -> None:
    calls = tmp_path / "calls"
    calls.mkdir()
    every = plan(2, trace=str(calls))
    options: dict[str, Any] = {"experiment": "t", "folder": tmp_path / "out", "seed": 1}
    execute(tasks.trace, every, **options, streams=streams)
    last = {"task-1": every["task-1"]}
    (record,) = execute(tasks.trace, last, **options, streams=streams)
    assert record.rows[0]["i"] == 1
    assert len(list(calls.iterdir())) == computed


@pytest.mark.parametrize("change", [{"seed": 8}, {"experiment": "other"}, {"sleep": 0.01}])
def test_a_record_of_another_question_is_redone(tmp_path: Path, change: dict[str, Any]) -> None:
    run(tmp_path, 2)
    again = run(tmp_path, 2, **change)
    assert contents(again) == [Record.load(tmp_path / f"task-{i}.json").content for i in range(2)]
    assert contents(again) == contents(run(tmp_path / "fresh", 2, **change))


def test_damaged_records_are_redone(tmp_path: Path, reference: list[str]) -> None:
    run(tmp_path)
    paths = [tmp_path / f"task-{i}.json" for i in range(6)]
    whole = [path.read_bytes() for path in paths]
    paths[0].write_bytes(whole[0][:-20])
    paths[1].write_bytes(whole[1].replace(b'"draw":', b'"drew":'))
    paths[2].write_bytes(b"")
    paths[3].unlink()
    paths[3].symlink_to(tmp_path / "nowhere")
    paths[4].write_bytes(whole[5])
    assert contents(run(tmp_path)) == reference
    assert contents([Record.load(path) for path in paths]) == reference
    assert paths[5].read_bytes() == whole[5]


def test_a_task_whose_worker_died_is_repeated(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    calls.mkdir()
    options: dict[str, Any] = {
        "function": tasks.die_until,
        "trace": str(calls),
        "deaths": 2,
        "workers": 2,
    }
    records = run(tmp_path / "out", 2, **options)
    assert [record.rows for record in records] == [
        tasks.draw({"i": i}, child) for i, child in enumerate(np.random.SeedSequence(7).spawn(2))
    ]
    assert len(list(calls.iterdir())) == 2 * 3


def test_a_task_that_always_kills_its_worker_stops_the_run(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    calls.mkdir()
    options: dict[str, Any] = {
        "function": tasks.die_until,
        "trace": str(calls),
        "deaths": 9,
        "retries": 1,
    }
    with pytest.raises(ChildProcessError, match=r"task 'task-0' lost its worker 2 times: killed"):
        run(tmp_path / "out", 1, **options)
    assert len(list(calls.iterdir())) == 2
    assert list((tmp_path / "out").iterdir()) == []


def test_a_task_beyond_the_timeout_stops_the_run(tmp_path: Path) -> None:
    start = time.monotonic()
    with pytest.raises(ChildProcessError, match=re.escape("beyond the timeout (0.5 s)")):
        run(tmp_path, 1, sleep=60.0, timeout=0.5, retries=0)
    assert time.monotonic() - start < 30.0


def test_the_timeout_is_for_each_task_alone(tmp_path: Path, reference: list[str]) -> None:
    records = run(tmp_path, 6, sleep=0.3, timeout=1.5)
    assert len(records) == 6


def test_an_exception_of_the_task_is_raised_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="level must be >= 0, got 0") as caught:
        run(tmp_path, 1, function=tasks.fail)
    assert caught.value.__notes__ == ["raised by task 'task-0'"]


def test_one_thread_per_worker(tmp_path: Path) -> None:
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]
    (record,) = execute(
        tasks.threads, {"one": {"names": names}}, experiment="test", folder=tmp_path, seed=0
    )
    assert record.rows == [dict.fromkeys(names, "1")]


def test_a_worker_that_grows_is_replaced_without_a_word(tmp_path: Path) -> None:
    records = execute(
        tasks.grow,
        {f"grow-{i}": {"megabytes": 400 * (i == 1)} for i in range(3)},
        experiment="test",
        folder=tmp_path,
        seed=0,
    )
    pids = [record.rows[0]["pid"] for record in records]
    assert pids[0] == pids[1] != pids[2]


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    before = set(multiprocessing.active_children())
    run(tmp_path, workers=2)
    assert set(multiprocessing.active_children()) <= before


def test_no_tasks_no_records(tmp_path: Path) -> None:
    assert run(tmp_path, 0) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"workers": 0}, "workers must be >= 1, got 0"),
        ({"workers": -3}, "workers must be >= 1, got -3"),
        ({"workers": 1.5}, "workers must be an integer, got 1.5"),
        ({"retries": -1}, "retries must be >= 0, got -1"),
        ({"timeout": 0.0}, "timeout must be finite and > 0, got 0"),
        ({"seed": -1}, "seed must be >= 0, got -1"),
        ({"cluster": "scheduler"}, "cluster must be like tcp://host:8786, got 'scheduler'"),
    ],
)
def test_bad_arguments(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        run(tmp_path / "out", **change)


@pytest.mark.parametrize("name", ["../task", "a/b", "", ".hidden", "a b", "ä"])
def test_task_names_are_file_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="task name must be a file name of letters"):
        execute(tasks.draw, {name: {"i": 0}}, experiment="test", folder=tmp_path, seed=0)


def test_configurations_are_json(tmp_path: Path) -> None:
    bad = {"a": {"i": float("nan")}}
    with pytest.raises(ValueError, match="config"):
        execute(tasks.draw, bad, experiment="test", folder=tmp_path, seed=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"function": 3}, r"^function must be callable, got 3$"),
        ({"keep": 1}, r"^keep must be True or False, got 1$"),
        ({"cluster": 8786}, r"^cluster must be a string, got 8786$"),
        ({"tasks": ["a"]}, r"^tasks must be a mapping of names to configurations, got \['a'\]$"),
        ({"tasks": {"a": 1}}, r"^tasks\['a'\] must be a dictionary, got 1$"),
    ],
)
def test_what_cannot_be_run_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    arguments = {"function": tasks.draw, "tasks": {}, "experiment": "test", "seed": 0, **change}
    with pytest.raises(ValueError, match=message):
        execute(folder=tmp_path, **arguments)


@pytest.mark.parametrize("place", ["file/out", "file"])
def test_folder_must_be_writable(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ValueError, match=r"folder must be writable, got .* choose another one"):
        run(tmp_path / place)


def test_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("simulations.execution.execute.tempfile.TemporaryFile", refuse)
    with pytest.raises(ValueError, match=r"folder must be writable, .* \(Permission denied\)"):
        run(tmp_path)


def test_files_of_a_task_go_beside_its_record(tmp_path: Path) -> None:
    plan = {"one": {"i": 1}, "two": {"i": 2}}
    records = execute(tasks.deliver, plan, experiment="t", folder=tmp_path, seed=0, workers=2)
    assert [record.rows for record in records] == [[{"i": 1}], [{"i": 2}]]
    assert {path.name for path in tmp_path.iterdir()} == {
        "one.json", "two.json", "one-words.txt", "two-words.txt",
    }  # fmt: skip
    assert (tmp_path / "two-words.txt").read_bytes() == b"2"
    assert [record.provenance["device"] for record in records] == ["a pencil", "a pencil"]
    kept = execute(tasks.draw, plan, experiment="t", folder=tmp_path, seed=0, keep=True)
    assert [record.content for record in kept] == [record.content for record in records]


@pytest.mark.parametrize("ending", ["", "x.npz", ".json", "-a.json", "/../x", "."])
def test_a_file_that_is_not_beside_its_record_is_refused(ending: str) -> None:
    with pytest.raises(ValueError, match=r"ending must be like \.pt or -flags\.npz, got"):
        Delivery([], {ending: b""})
