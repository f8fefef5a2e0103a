"""How every command of the project ends: results on stdout, one line per error on stderr."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

__all__ = ["execute"]


def execute(app: "typer.Typer", *, program: str | None = None) -> None:
    """Run a typer application; bad input becomes one line on stderr and exit code 2.

    ``ValueError`` and ``OSError`` are what the packages raise for input that breaks a rule or
    a file that cannot be used; anything else is a defect and keeps its traceback.
    """
    try:
        app(prog_name=program)
    except (ValueError, OSError) as error:
        message = " ".join(str(error).split())
        sys.stderr.write(f"error: {message}\n")
        raise SystemExit(2) from None
