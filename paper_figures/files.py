"""Files that appear whole or not at all."""

from pathlib import Path

__all__ = ["write"]


def write(path: Path, content: bytes) -> Path:
    """Write a file through a temporary one beside it, renamed at the end.

    Raises
    ------
    OSError
        If the folder cannot be written or the disk is full.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
