"""Reading arrays and checking what they are."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from empirical.data.digests import digest, read_arrays, read_named


def test_the_digest_is_of_the_bytes_in_row_major_order() -> None:
    array = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert digest(array) == hashlib.sha256(bytes(range(6))).hexdigest()
    assert digest(array.T) == hashlib.sha256(bytes([0, 3, 1, 4, 2, 5])).hexdigest()


def test_known_arrays_are_read(tmp_path: Path) -> None:
    array = np.arange(4)
    np.savez(tmp_path / "a.npz", a=array)
    assert (read_arrays(tmp_path / "a.npz", {"a": digest(array)})["a"] == array).all()
    with pytest.raises(ValueError, match=r"a of .*a\.npz must have SHA-256 0, got [0-9a-f]{64}"):
        read_arrays(tmp_path / "a.npz", {"a": "0"})


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.npz must exist, got no such file"):
        read_named(tmp_path / "none.npz", ["a"])
    np.savez(tmp_path / "a.npz", a=np.arange(4))
    with pytest.raises(ValueError, match=r"a\.npz must hold the arrays \['b'\]"):
        read_named(tmp_path / "a.npz", ["b"])
    (tmp_path / "cut.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:60])
    with pytest.raises(ValueError, match=r"cut\.npz must be a readable \.npz file"):
        read_named(tmp_path / "cut.npz", ["a"])
    np.save(tmp_path / "one.npy", np.arange(4))
    with pytest.raises(ValueError, match=r"one\.npy must be a readable \.npz file"):
        read_named(tmp_path / "one.npy", ["a"])


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "o.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"o\.npz must be a readable \.npz file of plain arrays"):
        read_named(tmp_path / "o.npz", ["a"])
