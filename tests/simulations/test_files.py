"""Files that appear whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulations.files import clean, write_atomically


def test_the_content_and_nothing_else_is_there(tmp_path: Path) -> None:
    path = write_atomically(tmp_path / "new" / "file.bin", b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["file.bin"]
    assert path.stat().st_mode & 0o777 == 0o644 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("fails", ["fsync", "replace"])
def test_a_full_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    path = write_atomically(tmp_path / "file.bin", b"before")

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    target = "simulations.files.os.fsync" if fails == "fsync" else "pathlib.Path.replace"
    monkeypatch.setattr(target, full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"after")
    assert path.read_bytes() == b"before"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file.bin"]


def test_what_killed_writers_left_is_removed_and_nothing_of_the_living(tmp_path: Path) -> None:
    script = (
        "import os, sys, signal, simulations.files as f\n"
        "f.os.fsync = lambda *a: os.kill(os.getpid(), signal.SIGKILL)\n"
        "f.write_atomically(sys.argv[1], b'x' * 1000)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "a.json")], check=False)
    (left,) = tmp_path.iterdir()
    assert left.name.endswith(".tmp")
    own = tmp_path / left.name.replace(left.name.split(".")[-4], str(os.getpid()))
    own.write_bytes(b"being written")
    foreign = tmp_path / ".notes.tmp"
    foreign.write_bytes(b"somebody's")
    assert clean(tmp_path) == [left]
    assert sorted(tmp_path.iterdir()) == sorted([own, foreign])
