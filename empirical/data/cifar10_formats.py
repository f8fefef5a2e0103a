"""The forms in which CIFAR-10 is distributed: binary, pickled, and sheets of pixels as PNG."""

import codecs
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulations.files import reason
from theory.checks import InputError, optional_module

__all__ = ["Part", "read_binary", "read_labels", "read_pickled", "read_sheet"]

Bytes = npt.NDArray[np.uint8]
Part = tuple[Bytes, Bytes]
"""Images (N, 32, 32, 3) and labels (N,), both uint8."""

SIDE = 32
PIXELS = SIDE * SIDE


def read_binary(file: Path) -> Part:
    """Read a ``.bin`` batch: per image a byte of label, then 1024 bytes of red, green and blue.

    Raises
    ------
    ValueError
        If the length is not that of whole records.
    """
    raw = np.fromfile(file, dtype=np.uint8)
    if raw.size == 0 or raw.size % (1 + 3 * PIXELS):
        raise InputError(
            f"{file} must hold records of {1 + 3 * PIXELS} bytes, got {raw.size} bytes"
        )
    records = raw.reshape(-1, 1 + 3 * PIXELS)
    return _channels_last(records[:, 1:]), records[:, 0].copy()


def read_pickled(file: Path) -> Part:
    """Read a batch pickled by Python 2, allowing nothing in it but arrays and plain values.

    Raises
    ------
    ValueError
        If the file is not such a pickle.
    """
    try:
        with file.open("rb") as stream:
            content = _ArraysOnly(stream, encoding="latin1").load()
        data = np.asarray(content["data"], dtype=np.uint8)
        labels = np.asarray(content["labels"], dtype=np.uint8)
        return _channels_last(data), labels
    except MemoryError:
        raise
    except Exception as error:  # damaged pickles raise anything
        raise InputError(f"{file} must be a pickled batch of CIFAR-10: {reason(error)}") from None


def read_sheet(file: Path) -> Bytes:
    """Read a PNG sheet whose every row of 1024 pixels is one image, as (N, 32, 32, 3).

    Raises
    ------
    ValueError
        If the file is not such a PNG, or Pillow is not installed.
    """
    image: Any = optional_module("PIL.Image", "empirical")
    try:
        with image.open(file) as sheet:
            if sheet.mode != "RGB" or sheet.width != PIXELS:
                raise InputError(
                    f"{file} must be an RGB sheet {PIXELS} pixels wide, "
                    f"got {sheet.mode} {sheet.width} pixels wide"
                )
            return np.asarray(sheet).reshape(-1, SIDE, SIDE, 3)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # so do damaged images
        raise InputError(f"{file} must be a readable PNG: {reason(error)}") from None


def read_labels(file: Path) -> Bytes:
    """Read labels from a JSON list of numbers 0..9.

    Raises
    ------
    ValueError
        If the file is not such a list.
    """
    try:
        labels = np.array(json.loads(file.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file} must be a JSON list of labels: {reason(error)}") from None
    whole = labels.ndim == 1 and labels.dtype.kind == "i" and labels.size
    if not whole or labels.min() < 0 or labels.max() > 9:
        raise InputError(f"{file} must be a JSON list of labels 0..9, got {labels.dtype} values")
    return labels.astype(np.uint8)


def _channels_last(planes: Bytes) -> Bytes:
    return np.ascontiguousarray(planes.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1))


class _ArraysOnly(pickle.Unpickler):
    """Refuses every global of a pickle but those an array needs."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("_codecs", "encode"):
            return codecs.encode  # how Python 3 spells bytes in an old protocol
        if module.partition(".")[0] == "numpy" and name in {"_reconstruct", "ndarray", "dtype"}:
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed in it")
