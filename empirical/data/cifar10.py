"""CIFAR-10 from a folder, in whichever of the usual forms it is there, checked by SHA-256."""

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from empirical.data.cifar10_formats import read_binary, read_pickled
from empirical.data.dataset import Dataset
from empirical.data.digests import check_digests
from simulations.files import checked_path, read_npz, write_atomically
from theory.checks import InputError, one_of

__all__ = ["DIGESTS", "FILE_NAME", "VARIABLE", "data_folder", "load_cifar10", "save_cifar10"]

VARIABLE = "TRADEOFF_DATA"
"""The environment variable that says where data that are not shipped lie."""

FILE_NAME = "cifar10.npz"

DIGESTS = {
    "x_train": "47af8b02cfcfb6cdf3dbbd1969ad7f1b70f4413f6f80f437b020ee4e5bc8304a",
    "y_train": "2b7cd2f24487317614016b72ffd53071c3062f592f0eb300c18a770d41ae1253",
    "x_test": "f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04",
    "y_test": "cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5",
}
"""Of uint8 arrays: images (N, 32, 32, 3) and labels (N,), in the published order."""


def data_folder() -> Path:
    """Return the folder that TRADEOFF_DATA names, else ``cifar10`` of the current one."""
    return Path(os.environ.get(VARIABLE) or "cifar10")


def load_cifar10(split: str, *, folder: Path | None = None) -> Dataset:
    """Return the 50,000 training or the 10,000 test images, (N, 3, 32, 32) uint8.

    Read, in this order, from ``cifar10.npz`` (written by ``tradeoff data cifar10``), the
    binary batches ``*.bin`` or the Python batches, lying in ``folder`` itself (`data_folder` by
    default) or in the subfolder their archive unpacks to. The SHA-256 of both arrays is checked.

    Parameters
    ----------
    split : {"train", "test"}
    folder : Path, optional

    Raises
    ------
    ValueError
        If ``split`` is unknown, the data are missing (the message says how to get them) or
        not the published ones.

    Source: A. Krizhevsky, Learning multiple layers of features from tiny images, 2009.
    """
    one_of("split", split, ("train", "test"))
    names = (f"x_{split}", f"y_{split}")
    folder = data_folder() if folder is None else checked_path("folder", folder)
    stored = folder / FILE_NAME
    source = stored if stored.exists() else folder
    arrays = read_npz(stored, names) if source is stored else _read_batches(split, folder)
    check_digests(arrays, {name: DIGESTS[name] for name in names}, source)
    images = torch.from_numpy(arrays[names[0]]).permute(0, 3, 1, 2).contiguous()
    labels = torch.from_numpy(arrays[names[1]].astype(np.int64))
    return Dataset(images, labels, classes=10, name="cifar10")


def save_cifar10(arrays: dict[str, npt.NDArray[np.generic]], folder: Path) -> Path:
    """Check the four arrays and write ``cifar10.npz`` into ``folder``, whole or not at all.

    Raises
    ------
    ValueError
        If an array is not the published one; nothing is written then.
    """
    file = folder / FILE_NAME
    check_digests(arrays, DIGESTS, file)
    buffer = io.BytesIO()
    np.savez(buffer, **{name: arrays[name] for name in DIGESTS})  # type: ignore[arg-type]
    return write_atomically(file, buffer.getvalue())


def _read_batches(split: str, folder: Path) -> dict[str, npt.NDArray[np.generic]]:
    names = [f"data_batch_{n}" for n in range(1, 6)] if split == "train" else ["test_batch"]
    for read, suffix, below in (
        (read_binary, ".bin", "cifar-10-batches-bin"),
        (read_pickled, "", "cifar-10-batches-py"),
    ):
        for place in (folder, folder / below):
            files = [place / f"{name}{suffix}" for name in names]
            if all(file.is_file() for file in files):
                parts = [read(file) for file in files]
                return {
                    f"x_{split}": np.concatenate([images for images, _ in parts]),
                    f"y_{split}": np.concatenate([labels for _, labels in parts]),
                }
    raise InputError(
        f"folder must hold CIFAR-10 ({VARIABLE} says where it is), got {folder} without it; "
        f"to get it: tradeoff data cifar10 --folder {folder}"
    )
