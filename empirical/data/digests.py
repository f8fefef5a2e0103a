"""Read arrays from an .npz file and check that they are the published ones."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from theory.checks import InputError

__all__ = ["check_digests", "digest", "read_arrays", "read_named"]


def digest(array: npt.NDArray[np.generic]) -> str:
    """Return the SHA-256 of the bytes of an array in row-major order."""
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()


def read_named(file: Path, names: Iterable[str]) -> dict[str, npt.NDArray[np.generic]]:
    """Return the named arrays of an .npz file, never unpickling objects.

    Raises
    ------
    ValueError
        If the file cannot be read or lacks a name; the message gives the file.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except FileNotFoundError as error:
        raise InputError(f"{file} must exist, got no such file") from error
    except KeyError as error:
        raise InputError(f"{file} must hold the arrays {list(names)}: {error.args[0]}") from error
    except (OSError, ValueError, TypeError, EOFError, BadZipFile, zlib.error) as error:
        raise InputError(f"{file} must be a readable .npz file of plain arrays: {error}") from error


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
    arrays = read_named(file, digests)
    check_digests(arrays, digests, file)
    return arrays
