"""Rows of counts as lines of text."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulations.estimates import Estimate

__all__ = ["table"]

PARAMETERS = ("degrees", "epsilon", "weight")


def table(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one aligned line per network, recipe and measure, the seeds pooled for reading.

    The interval of a pooled line is for the images alone, not for the draw of the seed.
    """
    pooled: dict[tuple[str, str, str, str], Estimate] = {}
    for row in rows:
        counts = Estimate(row["successes"], row["trials"])
        parameters = [f"{name}={row[name]:g}" for name in PARAMETERS if row.get(name)]
        level = f"{row['measure']} {row['level']:.4g}" if row["level"] else row["measure"]
        key = (row["dataset"], row["network"], " ".join([row["recipe"], *parameters]), level)
        pooled[key] = pooled[key] + counts if key in pooled else counts
    widths = [max(map(len, column)) for column in zip(*pooled, strict=True)]
    for names, counts in pooled.items():
        cells = [name.ljust(width) for name, width in zip(names, widths, strict=True)]
        yield "  ".join([*cells, str(counts)])
