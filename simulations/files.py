"""Files that appear whole or not at all, nothing left of those that did not, and damage noticed."""

import glob
import math
import os
import re
import socket
import uuid
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import numpy.typing as npt
from numpy.lib import format as npy

from theory.checks import InputError, shown

__all__ = ["checked_path", "clean", "read_npz", "reason", "write_atomically"]

# .NAME.HOST.PID.RANDOM.tmp: whose it is can be told, and no two writers meet
_TEMPORARY = re.compile(r"\..+\.(?P<host>[\w-]+)\.(?P<pid>\d+)\.[0-9a-f]{8}\.tmp")


def checked_path(name: str, value: object) -> Path:
    """Return the path that a string or `os.PathLike` names; refuse anything else."""
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else None
    if not isinstance(path, str) or not path or "\0" in path:
        raise InputError(f"{name} must be the path of a file or folder, got {shown(value)}")
    return Path(path)


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file so that `path` holds either all of the content or what it held before.

    The bytes go to a temporary file of the same folder, are flushed to the disk, and only then
    take the name of the file, so that a crash, a kill or a full disk leaves no broken file. What
    killed writers of the same file have left goes away (`clean`).

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    path = checked_path("path", path)
    if not path.name:
        raise InputError(f"path must be that of a file, got {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    own = f"{_host()}.{os.getpid()}.{uuid.uuid4().hex[:8]}"
    temporary = path.with_name(f".{path.name}.{own}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    clean(path.parent, path.name)
    return path


def clean(folder: str | os.PathLike[str], name: str | None = None) -> list[Path]:
    """Remove from a folder the temporary files of processes of this machine that are no more.

    A process that is killed cannot clean up; whoever starts a run in its folder does, and whoever
    writes the file `name` that it was writing. Files of living processes and of other machines
    are left alone.
    """
    removed = []
    for path in Path(folder).glob(".*.tmp" if name is None else f".{glob.escape(name)}.*.tmp"):
        found = _TEMPORARY.fullmatch(path.name)
        if found and found["host"] == _host() and not _alive(int(found["pid"])):
            path.unlink(missing_ok=True)
            removed.append(path)
    return removed


def read_npz(
    path: str | os.PathLike[str], names: Iterable[str] | None = None
) -> dict[str, npt.NDArray[Any]]:
    """Return the named arrays of an .npz file, all by default, none of them unpickled.

    Every array is checked against the checksum and the length in the file, which `numpy.load`
    leaves partly unread, and the number of arrays as well.

    Raises
    ------
    ValueError
        If the file is missing, damaged or something else, or lacks a name.
    """
    try:
        with Path(path).open("rb") as stream, zipfile.ZipFile(stream) as archive:
            _check_count(archive, stream)
            held = [member.removesuffix(".npy") for member in archive.namelist()]
            wanted = held if names is None else list(names)
            if missing := [name for name in wanted if name not in held]:
                raise InputError(
                    f"path {path} must hold the arrays {wanted}, got none of name {missing[0]}"
                )
            return {name: _read_array(archive, f"{name}.npy") for name in wanted}
    except FileNotFoundError:
        raise InputError(f"path {path} must exist, got no such file") from None
    except (InputError, MemoryError):
        raise
    except Exception as error:  # a damaged archive makes zipfile raise nearly anything
        raise InputError(
            f"path {path} must be a readable .npz file of plain arrays: {reason(error)}"
        ) from None


def reason(error: BaseException) -> str:
    """Return what an error says, or else its type, on one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _check_count(archive: zipfile.ZipFile, stream: BinaryIO) -> None:
    """Refuse an archive whose list of members is shorter than it says; zipfile does not look."""
    stream.seek(-22 - len(archive.comment), os.SEEK_END)  # the record that ends every archive
    promised = int.from_bytes(stream.read(12)[10:], "little")
    held = len(archive.namelist())
    if held != promised and promised < 0xFFFF:
        raise zipfile.BadZipFile(f"it promises {promised} arrays and lists {held}")


def _read_array(archive: zipfile.ZipFile, member: str) -> npt.NDArray[Any]:
    with archive.open(member) as stream:
        major, _ = npy.read_magic(stream)
        header = npy.read_array_header_1_0 if major == 1 else npy.read_array_header_2_0
        shape, _, dtype = header(stream)
        promised = math.prod(shape) * dtype.itemsize
        held = archive.getinfo(member).file_size - stream.tell()
        if promised != held:  # before so much memory is asked for
            raise ValueError(f"{member} promises {promised} bytes and holds {held}")
        stream.seek(0)
        array: npt.NDArray[Any] = npy.read_array(stream, allow_pickle=False)
        stream.read(1)  # at the end, and not before, the checksum is compared
        return array


def _host() -> str:
    return re.sub(r"[^\w-]", "-", socket.gethostname()) or "localhost"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush_folder(folder: Path) -> None:
    """Make the new name survive a power failure, where folders can be flushed."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
