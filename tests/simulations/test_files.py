"""Files that appear whole or not at all."""

import io
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.lib import format as npy

from simulations.files import checked_path, clean, read_npz, write_atomically


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
    write_atomically(tmp_path / "b.json", b"another file")
    assert left.exists()
    content = left.read_bytes()
    write_atomically(tmp_path / "a.json", b"the same file")
    assert not left.exists()
    left.write_bytes(content)
    for written in ("a.json", "b.json"):
        (tmp_path / written).unlink()
    assert clean(tmp_path) == [left]
    assert sorted(tmp_path.iterdir()) == sorted([own, foreign])


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.npz must exist, got no such file"):
        read_npz(tmp_path / "none.npz", ["a"])
    np.savez(tmp_path / "a.npz", a=np.arange(4))
    with pytest.raises(ValueError, match=r"a\.npz must hold the arrays \['b'\]"):
        read_npz(tmp_path / "a.npz", ["b"])
    (tmp_path / "cut.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:60])
    with pytest.raises(ValueError, match=r"cut\.npz must be a readable \.npz file"):
        read_npz(tmp_path / "cut.npz", ["a"])
    np.save(tmp_path / "one.npy", np.arange(4))
    with pytest.raises(ValueError, match=r"one\.npy must be a readable \.npz file"):
        read_npz(tmp_path / "one.npy", ["a"])


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "o.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"o\.npz must be a readable \.npz file of plain arrays"):
        read_npz(tmp_path / "o.npz", ["a"])


@pytest.mark.parametrize("compress", [np.savez, np.savez_compressed])
def test_every_flipped_bit_and_truncation_is_noticed_or_harmless(
    tmp_path: Path, compress: Callable[..., None]
) -> None:
    arrays = {"a": np.arange(20.0), "count a": np.int64(7)}
    path = tmp_path / "a.npz"
    compress(path, **arrays)
    whole = path.read_bytes()
    damaged = [whole[:size] for size in range(len(whole))]
    damaged += [
        whole[:place] + bytes([whole[place] ^ (1 << bit)]) + whole[place + 1 :]
        for place in range(len(whole))
        for bit in (0, 3, 7)
    ]
    messages = []
    for content in damaged:
        path.write_bytes(content)
        try:
            found = read_npz(path)
        except ValueError as error:
            messages.append(str(error))
            continue
        assert found.keys() == arrays.keys()
        assert all(np.array_equal(found[name], arrays[name]) for name in arrays)
    told = re.compile(r".*a\.npz must be a readable \.npz file of plain arrays: .")
    assert all(told.match(message) for message in messages)
    assert len(messages) > len(whole) * 1.5  # what is left are dates and marks of the archive


def test_no_memory_is_asked_for_that_the_file_cannot_fill(tmp_path: Path) -> None:
    content = io.BytesIO()
    npy.write_array_header_1_0(
        content, {"shape": (1 << 60,), "fortran_order": False, "descr": "<f8"}
    )
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("a.npy", content.getvalue())
    with pytest.raises(ValueError, match=r"a\.npy promises 9223372036854775808 bytes and holds 0"):
        read_npz(tmp_path / "a.npz")


def test_what_is_no_path_is_refused() -> None:
    for value in (3, b"x", "", "a\0b", None):
        with pytest.raises(ValueError, match=r"^folder must be the path of a file or folder, got "):
            checked_path("folder", value)
    with pytest.raises(ValueError, match=r"^path must be that of a file, got \.$"):
        write_atomically(".", b"")
