"""Checkpoints that are either whole or absent, and that know which run they belong to."""

import os
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from theory.checks import InputError

__all__ = [
    "CheckpointError",
    "load_checkpoint",
    "load_weights",
    "open_checkpoint",
    "save_checkpoint",
]


class CheckpointError(InputError):
    """A checkpoint that cannot be read or belongs to another configuration."""


def save_checkpoint(
    path: Path, state: Mapping[str, Any], *, configuration: Mapping[str, Any]
) -> None:
    """Write a state so that `path` holds all of it or what it held before, even after a kill.

    The bytes go to a temporary file of the same folder, are flushed to the disk, and only then
    take the name of the file.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            torch.save({"configuration": dict(configuration), "state": dict(state)}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def load_checkpoint(path: Path, *, configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Read a state written by `save_checkpoint` for the same configuration.

    Raises
    ------
    CheckpointError
        If the file cannot be read, or was written for another configuration.
    """
    written, state = open_checkpoint(path)
    keys = sorted({*written, *configuration})
    different = [key for key in keys if written.get(key) != configuration.get(key)]
    if different:
        raise CheckpointError(
            f"checkpoint {path} must be of the same configuration, got another "
            f"{', '.join(different)}; remove it or choose another folder"
        )
    return state


def open_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a checkpoint of any configuration, as (configuration, state).

    Raises
    ------
    CheckpointError
        If the file cannot be read or is something else.
    """
    stored = _read(path)
    if not isinstance(stored, dict) or set(stored) != {"configuration", "state"}:
        raise CheckpointError(f"checkpoint {path} was not written by this program; remove it")
    return stored["configuration"], stored["state"]


def load_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a state dict of tensors, from a plain file or from a checkpoint of this program.

    Only tensors and plain values are unpickled (``weights_only=True``), so a file from a
    stranger cannot run code.

    Raises
    ------
    CheckpointError
        If the file cannot be read or holds no state dict.
    """
    stored = _read(path)
    if isinstance(stored, dict) and set(stored) == {"configuration", "state"}:
        stored = stored["state"].get("trained")
    if not isinstance(stored, Mapping) or not stored:
        raise CheckpointError(f"weights {path} must be a state dict, got {type(stored).__name__}")
    for name, value in stored.items():
        if not isinstance(value, torch.Tensor):
            raise CheckpointError(
                f"weights {path} must map names to tensors, got {type(value).__name__} at {name}"
            )
    return dict(stored)


def _read(path: Path) -> object:
    try:
        stored: object = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"file {path} does not exist") from None
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CheckpointError(f"file {path} cannot be read: {reason}") from None
    return stored
