"""A user's own images from an .npz file."""

import zipfile
from pathlib import Path

import numpy as np
import torch

from empirical.data.dataset import Dataset
from simulations.files import checked_path, read_npz
from theory.checks import InputError, one_of

__all__ = ["load_images"]


def load_images(file: Path, split: str) -> Dataset:
    """Return the images of one split of an .npz file in the layout of MNIST's.

    The test images are ``x_test``, their labels ``y_test``, the training images ``x_train`` and
    ``y_train``; to measure a network the first two suffice. Images are (N, H, W), (N, H, W, C)
    or (N, C, H, W) with C in {1, 3, 4}, either uint8 or floats in [0, 1]; labels are integers
    0..K-1, with K the same for both splits.

    Parameters
    ----------
    file : Path
    split : {"train", "test"}

    Raises
    ------
    ValueError
        If an array is missing or has another shape, type or range.
    """
    one_of("split", split, ("train", "test"))
    file = checked_path("file", file)
    arrays = read_npz(file, (f"x_{split}", f"y_{split}"))
    with zipfile.ZipFile(file) as archive:
        labelled = [name for name in ("y_train", "y_test") if f"{name}.npy" in archive.namelist()]
    arrays |= read_npz(file, labelled)
    images = torch.from_numpy(_channels_first(arrays[f"x_{split}"]))
    for name in labelled:
        if arrays[name].dtype.kind not in "iu" or arrays[name].ndim != 1 or not arrays[name].size:
            raise InputError(
                f"{name} of {file} must be a list of one or more integer labels, "
                f"got shape {arrays[name].shape} of {arrays[name].dtype}"
            )
    return Dataset(
        images=images,
        labels=torch.from_numpy(arrays[f"y_{split}"].astype(np.int64)),
        classes=max(2, *(1 + int(arrays[name].max()) for name in labelled)),
        name=file.stem,
    )


def _channels_first(images: np.ndarray) -> np.ndarray:
    if images.dtype != np.uint8 and images.dtype.kind != "f":
        raise InputError(f"images must be uint8 or floats in [0, 1], got {images.dtype}")
    if images.dtype.kind == "f":  # torch knows no long doubles and no foreign order of bytes
        images = images.astype(np.float32, copy=False)
    if images.ndim == 3:
        return images[:, None]
    if images.ndim == 4:
        _, first, middle, last = images.shape
        before, after = first in {1, 3, 4}, last in {1, 3, 4}
        if before and after:  # of small images the square ones are meant
            before, after = middle == last, first == middle
            if before == after:
                raise InputError(
                    f"images must have sides that tell which are the channels, got {images.shape}"
                )
        if before:
            return images
        if after:
            return np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    raise InputError(
        "images must have shape (N, H, W), (N, H, W, C) or (N, C, H, W) with C 1, 3 or 4, "
        f"got {images.shape}"
    )
