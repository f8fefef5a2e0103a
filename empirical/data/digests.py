"""Read arrays from an .npz file and check that they are the published ones."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simulations.files import read_npz
from theory.checks import InputError

__all__ = ["check_digests", "digest", "read_arrays"]


def digest(array: npt.NDArray[np.generic]) -> str:
    """Return the SHA-256 of the bytes of an array in row-major order."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def check_digests(
    arrays: Mapping[str, npt.NDArray[np.generic]], digests: Mapping[str, str], file: Path
) -> None:
    """Check the SHA-256 of every array named in ``digests``; ``file`` is for the message.

    Raises
    ------
    ValueError
        If an array is not the published one.
    """
    for name, expected in digests.items():
        found = digest(arrays[name])
        if found != expected:
            raise InputError(
                f"{name} of {file} must have SHA-256 {expected}, got {found}; "
                "the file is damaged: restore it"
            )


def read_arrays(file: Path, digests: Mapping[str, str]) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays named in ``digests`` after checking the SHA-256 of each.

    Raises
    ------
    ValueError
        If the file cannot be read, or an array is not the published one.
    """
    arrays = read_npz(file, digests)
    check_digests(arrays, digests, file)
    return arrays
