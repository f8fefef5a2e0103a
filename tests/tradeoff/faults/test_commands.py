"""The commands killed, out of space and in company end with what one run alone leaves.

The step `tradeoff bound` of `make reproduce` is not here: it writes nothing.
"""

import time
from pathlib import Path

import numpy as np
import pytest

from tests.tradeoff.faults.commands import COMMANDS, Command, leftovers, outcome

pytestmark = pytest.mark.slow
KILLS = 20


WRITERS = [name for name in COMMANDS if name != "own images"]  # it writes as any sweep does


@pytest.fixture(scope="module")
def alone(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A command, and what it leaves when nothing happens."""
    out = tmp_path_factory.mktemp("alone") / "out"
    code, printed = Command(request.param, out).finish()
    assert code == 0, printed
    return request.param, out


def state(out: Path) -> list[tuple[str, int]]:
    """What is on the disk now, temporary files included."""
    found = []
    for path in out.rglob("*"):
        try:
            found.append((path.name, path.stat().st_mtime_ns))
        except FileNotFoundError:
            continue
    return sorted(found)


def wait_for_changes(command: Command, out: Path, count: int) -> None:
    before = state(out)
    while count and command.process.is_alive():
        now = state(out)
        count -= now != before
        before = now
        time.sleep(0.002)


@pytest.mark.parametrize("alone", COMMANDS, indirect=True)
def test_twenty_kills_change_nothing(tmp_path: Path, alone: tuple[str, Path]) -> None:
    name, reference = alone
    rng = np.random.default_rng(sorted(COMMANDS).index(name))
    killed, runs, places = 0, [], [tmp_path / "0"]
    while killed < KILLS:
        runs.append(command := Command(name, places[-1]))
        wait_for_changes(command, places[-1], int(rng.integers(6)))
        time.sleep(rng.choice([0.0, rng.uniform(0.0, 0.3)]))
        if command.process.is_alive():
            command.kill(workers=bool(rng.integers(2)))
            killed += 1
        if command.process.exitcode == 0:  # too late: another place for the next
            command.rest()
            assert outcome(places[-1]) == outcome(reference)
            places.append(tmp_path / str(len(places)))
    for run in runs:
        run.rest()
    code, printed = Command(name, places[-1]).finish()
    assert code == 0, printed
    assert outcome(places[-1]) == outcome(reference)
    assert leftovers(places[-1]) == []


@pytest.mark.parametrize("alone", WRITERS, indirect=True)
def test_no_space_leaves_nothing_half_written(tmp_path: Path, alone: tuple[str, Path]) -> None:
    name, reference = alone
    expected, out = outcome(reference), tmp_path / "out"
    sizes = [path.stat().st_size for path in reference.rglob("*") if path.is_file()]
    for size in (min(sizes), max(sizes)):
        # seconds in a record may take some digits fewer than they took alone
        code, printed = Command(name, out, largest=size - 32).finish()
        assert code == 2, printed
        assert "Traceback" not in printed
        assert printed.splitlines()[-1].startswith("error: ")
        assert "File too large" in printed.splitlines()[-1]
        assert leftovers(out) == []
        for file, content in outcome(out).items():  # all can be read
            assert content == expected[file] or file.endswith(".pt")
    code, printed = Command(name, out).finish()
    assert code == 0, printed
    assert outcome(out) == expected


@pytest.mark.parametrize("alone", WRITERS, indirect=True)
def test_two_at_a_time_in_one_folder(tmp_path: Path, alone: tuple[str, Path]) -> None:
    name, reference = alone
    out = tmp_path / "out"
    both = [Command(name, out), Command(name, out)]
    for command in both:
        code, printed = command.finish()
        assert code == 0, printed
    assert outcome(out) == outcome(reference)
    assert leftovers(out) == []
