from pathlib import Path

import pytest

from paper_figures.files import write


def test_writes_into_new_folders_and_replaces(tmp_path):
    path = write(tmp_path / "a" / "b.txt", b"one")
    assert write(path, b"two").read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = write(tmp_path / "b.txt", b"old")

    def full(self, content):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
