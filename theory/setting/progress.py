"""How far a computation has come: told to whoever asked, as finished parts of all."""

from collections.abc import Callable

__all__ = ["Progress", "shares"]

Progress = Callable[[int, int], None]
"""Called with the number of finished parts and that of all."""


def shares(progress: Progress | None, parts: int) -> Callable[[int, int], Progress | None]:
    """Return what reports the progress of some of several parts as that of the whole.

    It takes the first of these parts and their number.
    """

    def part(first: int, count: int) -> Progress | None:
        if progress is None:
            return None
        return lambda done, total: progress(
            1000 * first + 1000 * count * done // total, 1000 * parts
        )

    return part
