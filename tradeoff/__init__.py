"""The one command of the project: ``tradeoff COMMAND ...``.

No package below knows the command line. The modules of this one import numpy, typer and the
signatures of the settings; torch, matplotlib and sympy are loaded by the command that needs them.
"""

import os
import signal
import sys
from pathlib import Path

__all__ = ["main"]

_EXTRAS = {"torch": "empirical", "pooch": "empirical", "matplotlib": "figures"}


class _Terminated(BaseException):
    """Raised on SIGTERM: no error of the user's code, which some commands take for bad input."""


def _terminate(_number: int, _frame: object) -> None:
    raise _Terminated


def main() -> None:
    """Run ``tradeoff`` on the arguments of this process.

    Results go to stdout. Input that breaks a rule, a file that cannot be used, a library that is
    not installed and a lack of memory end in one line on stderr and exit code 2; anything else is
    a defect and keeps its traceback. On SIGTERM what is half done is cleared away first.
    """
    signal.signal(signal.SIGTERM, _terminate)
    for library in ("OMP", "OPENBLAS"):  # on matrices of a few hundred rows threads only wait
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    _own_packages_first()
    from theory.checks import InputError, MissingExtraError
    from tradeoff.application import app

    try:
        app(prog_name="tradeoff")
    except _Terminated:
        raise SystemExit(128 + signal.SIGTERM) from None
    except InputError as error:
        _refuse(str(error), error)
    except OSError as error:
        told = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        _refuse(told, error)
    except MemoryError:
        _refuse("the memory does not suffice; ask for fewer samples, images or workers")
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get(error.name or "")
        if extra is None:
            raise
        _refuse(str(MissingExtraError.of(error.name or "", extra)))


def _own_packages_first() -> None:
    """Put the current folder behind all others on the import path.

    ``python -m`` puts it first, where a folder of the user called ``theory`` would hide ours.
    """
    here = os.path.realpath(os.curdir)
    if here != str(Path(__path__[0]).resolve().parent):
        others = [entry for entry in sys.path if os.path.realpath(entry) != here]
        sys.path[:] = [*others, here]


def _refuse(message: str, error: Exception | None = None) -> None:
    """Say in one line what is wrong, and what was noted of the error: which task raised it."""
    message = "; ".join([message, *getattr(error, "__notes__", ())])
    sys.stderr.write(f"error: {' '.join(message.split())}\n")
    raise SystemExit(2) from None
