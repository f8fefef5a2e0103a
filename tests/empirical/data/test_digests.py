"""Reading arrays and checking what they are."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from empirical.data.digests import digest, read_arrays


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
