"""What it takes to repeat a command: its arguments in full, digests of its files, versions."""

import hashlib
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from simulations.records import sources

__all__ = ["command_line", "file_digests", "repetition"]

# Where and how the answer is told is no part of it.
_TELLING = {"form", "plot", "out"}


def repetition(context: typer.Context) -> dict[str, Any]:
    """Return what it takes to repeat the running command and get equal numbers.

    ``command`` are the arguments of ``tradeoff``, every default written out; ``files``, what the
    command reads, with their SHA-256; ``versions``, ``commit`` and ``platform``.
    """
    return {"command": command_line(context), "files": file_digests(context), **sources()}


def command_line(context: typer.Context) -> list[str]:
    """Return the arguments of ``tradeoff`` that run this command with these values."""
    names: list[str] = []
    here: Any = context
    while here.parent is not None:
        names.insert(0, str(here.command.name))
        here = here.parent
    options: list[str] = []
    positional: list[str] = []
    for parameter in context.command.params:
        value = context.params.get(str(parameter.name))
        if value is None or parameter.name in _TELLING:
            continue
        values = value if isinstance(value, (list, tuple)) else [value]
        if parameter.param_type_name == "argument":
            positional += map(_written, values)
        elif isinstance(value, bool):
            options += parameter.opts[:1] if value else parameter.secondary_opts[:1]
        else:
            for one in values:
                options += [parameter.opts[0], _written(one)]
    return [*names, *positional, *options]


def file_digests(context: typer.Context) -> dict[str, str]:
    """Return the SHA-256 of every file that an argument names, alone or before a colon.

    That of a folder is of the names and digests of all its files.
    """
    found: dict[str, str] = {}
    for name, value in context.params.items():
        if name in _TELLING or not isinstance(value, (str, Path)):
            continue
        for text in (str(value), str(value).rpartition(":")[0]):
            if text and Path(text).exists():
                found[text] = _digest(Path(text))
                break
    return found


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    if path.is_dir():
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            digest.update(f"{file.relative_to(path).as_posix()} {_digest(file)}\n".encode())
    else:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _written(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    return repr(value) if isinstance(value, float) else str(value)
