"""Files that appear whole or not at all, and nothing left of those that did not."""

import os
import re
import socket
import uuid
from pathlib import Path

__all__ = ["clean", "write_atomically"]

# .NAME.HOST.PID.RANDOM.tmp: whose it is can be told, and no two writers meet
_TEMPORARY = re.compile(r"\..+\.(?P<host>[\w-]+)\.(?P<pid>\d+)\.[0-9a-f]{8}\.tmp")


def write_atomically(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file so that `path` holds either all of the content or what it held before.

    The bytes go to a temporary file of the same folder, are flushed to the disk, and only then
    take the name of the file, so that a crash, a kill or a full disk leaves no broken file.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    path = Path(path)
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
    return path


def clean(folder: str | os.PathLike[str]) -> list[Path]:
    """Remove from a folder the temporary files of processes of this machine that are no more.

    A process that is killed cannot clean up; whoever starts a run in its folder does. Files of
    living processes and of other machines are left alone.
    """
    removed = []
    for path in Path(folder).glob(".*.tmp"):
        found = _TEMPORARY.fullmatch(path.name)
        if found and found["host"] == _host() and not _alive(int(found["pid"])):
            path.unlink(missing_ok=True)
            removed.append(path)
    return removed


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
