"""The one home of progress bars: shown on a terminal, silent everywhere else.

A bar is drawn on stderr, so that results on stdout can be piped; it vanishes when it is done.
Only the outermost bar is drawn: a loop that tracks its own progress stays quiet inside a
sweep that already shows one, and inside the worker processes of `simulations.execution.execute`.
"""

from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["bar", "follow", "silence", "track"]

Item = TypeVar("Item")

_taken: ContextVar[bool] = ContextVar("progress_taken", default=False)


@contextmanager
def silence() -> Iterator[None]:
    """Draw no bar inside the block."""
    outer = _taken.get()
    _taken.set(True)
    try:
        yield
    finally:
        _taken.set(outer)


@contextmanager
def bar(
    description: str, total: int | None, *, completed: int = 0, console: Console | None = None
) -> Iterator[Callable[[], None]]:
    """Draw a bar and yield the function that advances it by one.

    Parameters
    ----------
    description : str
        What is counted, shown before the bar.
    total : int or None
        Number of steps, None if unknown.
    completed : int
        Steps that are already done when the bar appears.
    console : rich.console.Console, optional
        Where to draw; stderr by default.  Nothing is drawn unless it is a terminal.
    """
    with _display(console) as display:
        task = display.add_task(description, total=total, completed=completed)
        yield lambda: display.advance(task)


@contextmanager
def follow(
    description: str, *, console: Console | None = None
) -> Iterator[Callable[[int, int], None]]:
    """Draw a bar and yield the function that is told how many parts of how many are done.

    Parameters
    ----------
    description : str
        What is counted, shown before the bar.
    console : rich.console.Console, optional
        Where to draw; stderr by default.  Nothing is drawn unless it is a terminal.
    """
    with _display(console) as display:
        task = display.add_task(description, total=None)
        yield lambda done, total: display.update(task, completed=done, total=total)


@contextmanager
def _display(console: Console | None) -> Iterator[Progress]:
    console = console or Console(stderr=True)
    display = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=_taken.get() or not console.is_terminal,
    )
    with silence(), display:
        yield display


def track(
    iterable: Iterable[Item],
    description: str,
    total: int | None = None,
    *,
    console: Console | None = None,
) -> Iterator[Item]:
    """Iterate while a progress bar counts the items.

    Parameters
    ----------
    iterable : iterable
        What to loop over.
    description : str
        What is counted, shown before the bar.
    total : int, optional
        Number of items; by default the length of `iterable`, if it has one.
    console : rich.console.Console, optional
        Where to draw; stderr by default.
    """
    if total is None and isinstance(iterable, Sized):
        total = len(iterable)
    with bar(description, total, console=console) as advance:
        for item in iterable:
            yield item
            advance()
