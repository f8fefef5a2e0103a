"""What the rows of a record say: measurements selected, grouped, and given intervals."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulations.estimates import CrossedMean, Estimate
from simulations.records import Record
from theory.checks import InputError

__all__ = [
    "CONFIDENCE",
    "IDENTITY",
    "Row",
    "Spread",
    "distinct",
    "error_bars",
    "estimate",
    "identity",
    "radius",
    "rows",
    "spread",
    "student_quantile",
    "summarise",
]

Row = Mapping[str, Any]
CONFIDENCE = 0.95
IDENTITY = ("dataset", "network", "recipe", "weight", "degrees", "epsilon", "pixels")
"""Columns of what networks that differ in the seed alone have in common."""


@dataclass(frozen=True)
class Spread:
    """A mean over seeds with its interval, of 95 % unless said, and the value of each seed."""

    mean: float
    lower: float
    upper: float
    values: tuple[float, ...]


def rows(record: Record, **conditions: object) -> list[Row]:
    """Return the rows of a record whose columns have the given values, in order.

    Raises
    ------
    ValueError
        If a row lacks a column, or no row fits.
    """
    found: list[Row] = []
    for number, row in enumerate(record.rows):
        for column in conditions:
            if column not in row:
                raise InputError(
                    f"rows of record {record.experiment!r} must have {column!r}, got none in "
                    f"row {number}; run the experiment again"
                )
        if all(row[column] == value for column, value in conditions.items()):
            found.append(row)
    if not found:
        wanted = ", ".join(f"{column}={value!r}" for column, value in conditions.items())
        raise InputError(f"record {record.experiment!r} must have rows with {wanted}, got none")
    return found


def distinct(measured: Iterable[Row], column: str) -> list[Any]:
    """Return the values of a column, each once, in order of appearance."""
    return list(dict.fromkeys(row.get(column) for row in measured))


def identity(row: Row) -> tuple[Any, ...]:
    """Return what a row has in common with those of networks that differ in the seed alone."""
    return tuple(row.get(column) for column in IDENTITY)


def estimate(row: Row) -> Estimate:
    """Return the counts of a row as a proportion with exact intervals.

    Raises
    ------
    ValueError
        If the row has no counts, or counts that no experiment gives.
    """
    if "successes" not in row or "trials" not in row:
        raise InputError(f"rows must count successes and trials, got {sorted(row)}")
    return Estimate(row["successes"], row["trials"])


def radius(epsilon: float) -> str:
    """Return the radius of an attack for reading: 0.1, or 8/255 where the pixels were bytes."""
    short, steps = f"{epsilon:.3g}", round(255 * epsilon)
    if float(short) == epsilon or abs(255 * epsilon - steps) > 1e-6:
        return short
    return f"{steps}/255"


def spread(measured: Sequence[Row], confidence: float = CONFIDENCE) -> Spread:
    """Return the mean accuracy over seeds with its interval, of 95 % by default.

    Where the rows say what the networks have in common (``shared``), the interval is that of
    `CrossedMean`, over seeds and images; else as `summarise` has it.

    Raises
    ------
    ValueError
        If a seed occurs twice, so that the rows are not one per seed.
    """
    seeds = [row.get("seed") for row in measured]
    if len(set(seeds)) != len(seeds):
        raise InputError(f"measurements must be one per seed, got seeds {seeds}")
    estimates = [estimate(row) for row in measured]
    if len(measured) > 1 and all("shared" in row for row in measured):
        crossed = CrossedMean(
            tuple(item.successes for item in estimates),
            sum(row["shared"] for row in measured),
            estimates[0].trials,
        )
        values = tuple(item.value for item in estimates)
        return Spread(crossed.value, *crossed.interval(confidence), values)
    found = summarise(
        [item.value for item in estimates],
        [item.interval(confidence) for item in estimates],
        confidence,
    )
    return Spread(found.mean, max(found.lower, 0.0), min(found.upper, 1.0), found.values)


def summarise(
    values: Sequence[float],
    intervals: Sequence[tuple[float, float]],
    confidence: float = CONFIDENCE,
) -> Spread:
    """Return the mean of one value per seed, with an interval of the intervals' confidence.

    Two things vary: the seed, and the images, on which each seed has its own interval.  The way
    to either limit is the root of the sum of two squares, as in `CrossedMean`: of the half width
    of Student's interval for the mean over the draw of the seed, and of the way to the mean of the
    seeds' own limits, as if the images of all seeds were the same.  Of one seed the interval is
    its own, over its images alone.
    """
    mean = math.fsum(values) / len(values)
    lower, upper = (math.fsum(pair[side] for pair in intervals) / len(values) for side in range(2))
    if len(values) == 1:
        return Spread(mean, lower, upper, tuple(values))
    quantile = student_quantile(len(values) - 1, confidence)
    half = quantile * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return Spread(
        mean,
        mean - math.hypot(half, mean - lower),
        mean + math.hypot(half, upper - mean),
        tuple(values),
    )


def student_quantile(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Return the two-sided quantile of Student's law, of 95 % by default."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + confidence) / 2))


def error_bars(spreads: Iterable[Spread]) -> list[list[float]]:
    """Return the lengths below and above the means, as Matplotlib's error bars want them."""
    pairs = [(max(s.mean - s.lower, 0.0), max(s.upper - s.mean, 0.0)) for s in spreads]
    return [[below for below, _ in pairs], [above for _, above in pairs]]
