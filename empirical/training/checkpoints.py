"""Checkpoints that are either whole or absent, and that know which run they belong to."""

import hashlib
import io
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from simulations.files import write_atomically
from theory.checks import InputError

__all__ = [
    "CheckpointError",
    "checkpoint_content",
    "load_checkpoint",
    "load_weights",
    "open_checkpoint",
    "save_checkpoint",
]

# Before the digest: no file of torch, which are zip archives or pickles, begins so.
_MARK = b"spatial-adversarial-tradeoff checkpoint 2\n"


class CheckpointError(InputError):
    """A checkpoint that cannot be read or belongs to another configuration."""


def save_checkpoint(
    path: Path, state: Mapping[str, Any], *, configuration: Mapping[str, Any]
) -> None:
    """Write a state, whole or not at all, behind a digest of its bytes.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    write_atomically(path, checkpoint_content(state, configuration=configuration))


def checkpoint_content(state: Mapping[str, Any], *, configuration: Mapping[str, Any]) -> bytes:
    """Return the bytes of a checkpoint's file."""
    buffer = io.BytesIO()
    torch.save({"configuration": dict(configuration), "state": dict(state)}, buffer)
    content = buffer.getvalue()
    return _MARK + hashlib.sha256(content).digest() + content


def load_checkpoint(
    path: Path, *, configuration: Mapping[str, Any], code: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Read a state written by `save_checkpoint` for the same configuration.

    With `code` (`simulations.execution.identity.code_of`) no other code may have had a part in
    it: the list ``state["code"]`` must hold this one alone.

    Raises
    ------
    CheckpointError
        If the file cannot be read, or was written for another configuration or by other code.
    """
    written, state = open_checkpoint(path)
    keys = sorted({*written, *configuration})
    different = [key for key in keys if written.get(key) != configuration.get(key)]
    if different:
        raise CheckpointError(
            f"checkpoint {path} must be of the same configuration, got another "
            f"{', '.join(different)}; choose another folder"
        )
    if code is not None and state.get("code") != [code]:
        raise CheckpointError(
            f"checkpoint {path} must be made by this code alone, got "
            f"{_other(state.get('code'), code)}; choose another folder, or go on with it all the "
            "same by --keep"
        )
    return state


def _other(found: object, code: Mapping[str, str]) -> str:
    """Say in what the code that made a checkpoint differs."""
    if not isinstance(found, list) or not all(isinstance(made, dict) for made in found):
        found = []
    names = [name for name in code if any(made.get(name) != code[name] for made in found)]
    return f"other {', '.join(names)}" if names else "unknown code"


def open_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read a checkpoint of any configuration, as (configuration, state).

    Raises
    ------
    CheckpointError
        If the file cannot be read or is something else.
    """
    stored = _read(path)
    if not _ours(stored):
        raise CheckpointError(f"checkpoint {path} was not written by this program")
    return stored["configuration"], stored["state"]


def load_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a state dict of tensors, from a plain file or from a checkpoint.

    A checkpoint is one of this program, or a dictionary with one state dict among other things.
    Only tensors and plain values are unpickled (``weights_only=True``), so a file from a
    stranger cannot run code.

    Raises
    ------
    CheckpointError
        If the file cannot be read or holds no state dict.
    """
    stored = _read(path)
    if _ours(stored):
        stored = stored["state"].get("trained")
    if not isinstance(stored, Mapping) or not stored:
        raise CheckpointError(f"weights {path} must be a state dict, got {type(stored).__name__}")
    states = (
        {"": stored} if _is_state(stored) else {k: v for k, v in stored.items() if _is_state(v)}
    )
    if len(states) == 1:
        (state,) = states.values()
        return dict(state)
    if states:
        found = ", ".join(map(str, states))
        raise CheckpointError(
            f"weights {path} must hold one state dict, got {found}; save one alone"
        )
    name, part = next((k, v) for k, v in stored.items() if not _is_state({k: v}))
    raise CheckpointError(
        f"weights {path} must map names to tensors, got {type(part).__name__} at {name}"
    )


def _is_state(stored: Any) -> bool:
    """Whether this maps names to tensors."""
    return (
        isinstance(stored, Mapping)
        and len(stored) > 0
        and all(isinstance(name, str) for name in stored)
        and all(isinstance(value, torch.Tensor) for value in stored.values())
    )


def _ours(stored: Any) -> bool:
    """Whether this is a configuration and a state, both by name."""
    return (
        isinstance(stored, dict)
        and set(stored) == {"configuration", "state"}
        and all(isinstance(part, dict) for part in stored.values())
    )


def _read(path: Path) -> Any:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"file {path} must exist, got no such file") from None
    except OSError as error:
        raise CheckpointError(f"file {path} cannot be read: {error.strerror}") from None
    if content.startswith(_MARK):
        digest = content[len(_MARK) : len(_MARK) + 32]
        content = content[len(_MARK) + 32 :]
        if hashlib.sha256(content).digest() != digest:
            raise CheckpointError(f"file {path} cannot be read: its digest does not fit")
    try:
        stream = io.BytesIO(content)
        if zipfile.is_zipfile(stream):  # torch does not look at the checksums
            with zipfile.ZipFile(stream) as archive:
                intact = archive.testzip() is None
            if not intact:
                raise CheckpointError(f"file {path} cannot be read: its checksums do not fit")
        stream.seek(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of TorchScript, which then is refused
            return torch.load(stream, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except MemoryError:
        raise
    except Exception:
        raise CheckpointError(
            f"file {path} cannot be read: no weights in it, which "
            "torch.save(model.state_dict(), FILE) writes"
        ) from None
