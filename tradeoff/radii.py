"""Radii of attacks as people write them: 0.1, or 8/255 where the pixels were bytes."""

from fractions import Fraction

import typer

__all__ = ["parse_radius"]


def parse_radius(text: str) -> float:
    """Return the number a text stands for, a decimal or a fraction of two integers.

    Raises
    ------
    typer.BadParameter
        If it is neither.

    Examples
    --------
    >>> parse_radius("0.1"), parse_radius("8/255") == 8 / 255
    (0.1, True)
    """
    try:
        return float(Fraction(text.replace(" ", "")))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise typer.BadParameter(f"must be a number such as 0.1 or 8/255, got {text!r}") from None
