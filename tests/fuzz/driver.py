"""Call with hostile arguments, and say what is wrong with the answer."""

import dataclasses
import re
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import torch

__all__ = ["Example", "bounded_memory", "finding", "has_nan"]

REFUSAL_SECONDS = 2.0
_ANSWER_SECONDS = 20
_BYTES = 1 << 30
# what a refusal says: the rule for an argument, that a file is not what it should be, or, in
# Python's own words, that a function that was given has other parameters
_RULES = ("must", "cannot be read", "is not JSON", "keyword argument")


@dataclasses.dataclass(frozen=True)
class Example:
    """A valid call: keyword arguments, made anew each time, of a public callable.

    ``words`` are what a refusal may name instead of an argument; ``share`` is how many cases
    it is given, relative to the others.
    """

    call: Callable[..., Any]
    arguments: Callable[[], dict[str, Any]]
    share: float = 1.0
    words: tuple[str, ...] = ()


class _TooLongError(BaseException):
    """No exception that a function could swallow by mistake."""


def finding(example: Example, changes: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the call in which some arguments are replaced, if anything."""
    arguments = {**example.arguments(), **changes}
    start = time.process_time()
    try:
        with _limited():
            result = _consumed(example.call(**arguments))
            wrong = has_nan(result)
    except (ValueError, TypeError) as error:
        return _mute(error, {*arguments, *example.words}) or _slow(time.process_time() - start)
    except _TooLongError:
        return f"no answer after {_ANSWER_SECONDS} s"
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:300]
    if wrong:
        return "NaN in the answer"
    if any(has_nan(value) for value in changes.values()):
        return "NaN was taken without a word"
    return None


def _mute(error: Exception, words: set[str]) -> str | None:
    """Return what a refusal fails to say."""
    message = str(error)
    if not any(re.search(rf"(?<![A-Za-z0-9]){re.escape(word)}", message) for word in words):
        return f"{type(error).__name__} names no argument: {message}"[:300]
    if not any(rule in message for rule in _RULES):
        return f"{type(error).__name__} names no rule: {message}"[:300]
    return None if len(message) < 1000 else f"a message of {len(message)} characters"


def _slow(seconds: float) -> str | None:
    return f"refused after {seconds:.1f} s" if seconds > REFUSAL_SECONDS else None


def _consumed(result: object) -> object:
    """Return the first elements of an iterator: a generator checks when it is asked."""
    return list(islice(result, 3)) if isinstance(result, Iterator) else result


def has_nan(value: object, depth: int = 6) -> bool:
    """Whether a NaN is anywhere in a value."""
    if isinstance(value, (float, complex, np.inexact)):
        return bool(value != value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "O" and value.size < 1000:
            return depth > 0 and any(has_nan(one, depth - 1) for one in value.flat)
        # what is broadcast would take an age
        return value.dtype.kind in "fc" and value.size < 10**7 and bool(np.isnan(value).any())
    if isinstance(value, torch.Tensor):
        usable = value.layout is torch.strided and value.device.type != "meta"
        return usable and bool(value.detach().isnan().any())
    if depth == 0 or isinstance(value, (str, bytes, Path, type)):
        return False
    if isinstance(value, Mapping):
        return any(has_nan(one, depth - 1) for one in value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(has_nan(one, depth - 1) for one in value)
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return any(has_nan(getattr(value, field.name, None), depth - 1) for field in fields)
    return type(value).__name__ == "Decimal" and bool(value != value)


@contextmanager
def _limited() -> Iterator[None]:
    """Interrupt what takes too long on the processor."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGPROF, interrupt)
    signal.setitimer(signal.ITIMER_PROF, _ANSWER_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def bounded_memory() -> Iterator[None]:
    """Make an allocation of another gigabyte fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + _BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
