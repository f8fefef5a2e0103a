"""Curves over the training range of rotations, one network per range and seed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from matplotlib.axes import Axes

from paper_figures.measurements import Row, Spread, distinct, error_bars

__all__ = ["Curve", "range_axes"]


@dataclass(frozen=True)
class Curve:
    """A measure at each training range, in degrees, over the seeds."""

    ranges: tuple[float, ...]
    spreads: tuple[Spread, ...]

    @classmethod
    def of(cls, measured: Sequence[Row], summary: Callable[[Sequence[Row]], Spread]) -> Self:
        """Summarise the rows of each training range, their column ``degrees``."""
        ranges = tuple(sorted(distinct(measured, "degrees")))
        spreads = (summary([row for row in measured if row["degrees"] == r]) for r in ranges)
        return cls(ranges, tuple(spreads))

    def draw(
        self, axes: Axes, name: str, *, colour: str | tuple[float, ...], marker: str = "o"
    ) -> None:
        """Draw means with 95 % intervals and a dot per seed.

        `name` is the curve's entry in a legend.
        """
        for position, item in zip(self.ranges, self.spreads, strict=True):
            places = [position] * len(item.values)
            axes.plot(places, item.values, ".", color=colour, ms=3, alpha=0.5)
        means = [item.mean for item in self.spreads]
        axes.errorbar(
            self.ranges, means, error_bars(self.spreads), color=colour, marker=marker, label=name,
            elinewidth=1,
        )  # fmt: skip


def range_axes(axes: Axes, ranges: Sequence[float]) -> None:
    """Name the horizontal axis and mark the training ranges on it."""
    axes.set_xlabel("largest rotation in training (degrees)")
    axes.set_xticks(ranges)
