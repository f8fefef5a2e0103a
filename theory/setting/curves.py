"""What all curves share: a limit at any adversarial error, a table and a picture of it."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.checks import FloatArray, optional_module, probability_array

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

__all__ = ["Curve", "concave_envelope", "monotone_limit", "reached_accuracy"]


class Curve(ABC):
    """A curve of the spatial error against the adversarial error.

    Called with adversarial errors, any shape, it answers with as many spatial errors. Outer curves
    give a lower limit for every classifier, inner ones what classifiers were found to reach.
    """

    # how the line between two points of the picture is drawn: an outer curve holds the limit of
    # the smaller adversarial accuracy, so that no point below the true curve is called impossible
    _line: ClassVar[dict[str, Any]] = {
        "drawstyle": "steps-post",
        "label": "no classifier above",
    }

    def __call__(self, adversarial_error: ArrayLike) -> FloatArray:
        """Spatial errors at adversarial errors in [0, 1], of the same shape.

        Raises
        ------
        ValueError
            If an error leaves [0, 1].
        """
        errors = probability_array("adversarial_error", adversarial_error)
        # of a scalar a scalar, as NumPy's own functions answer
        found: FloatArray = np.asarray(self._at(errors), dtype=np.float64)[()]
        return found

    @abstractmethod
    def _at(self, errors: FloatArray) -> FloatArray:
        """Spatial errors at adversarial errors that were checked."""

    @abstractmethod
    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the points of the curve by column name, arrays of one length."""

    def to_frame(self) -> "DataFrame":
        """Return the columns as a pandas DataFrame.

        Raises
        ------
        MissingExtraError
            If pandas is not installed.
        """
        frame: DataFrame = optional_module("pandas", "frames").DataFrame(self.columns())
        return frame

    def plot(self, ax: "Axes | None" = None, **style: Any) -> "Axes":
        """Draw spatial against adversarial accuracy, and return the axes.

        Parameters
        ----------
        ax
            Axes of matplotlib; new ones by default.
        **style
            As for ``Axes.plot``, such as ``color`` and ``label``.

        Raises
        ------
        MissingExtraError
            If matplotlib is not installed.
        """
        pyplot = optional_module("matplotlib.pyplot", "figures")
        if ax is None:
            ax = pyplot.subplots()[1]
            ax.set(xlabel="adversarial accuracy", ylabel="spatial accuracy")
        errors = np.unique(self._drawn())[::-1]
        ax.plot(1.0 - errors, 1.0 - self(errors), **(self._line | style))
        return ax

    def _drawn(self) -> FloatArray:
        """Adversarial errors at which the curve is drawn."""
        return np.linspace(0.0, 1.0, 513)


def monotone_limit(known: FloatArray, least: FloatArray, errors: FloatArray) -> FloatArray:
    """Largest lower limit at ``errors`` that follows from limits ``least`` at errors ``known``.

    What holds for every classifier of adversarial error at most ``e`` holds where the error is
    smaller; limits alone say no more, convex as the curve is (THEORY.md, eq. (6.5)).
    """
    order = np.argsort(known, axis=None)
    grid, limits = known.ravel()[order], least.ravel()[order]
    best = np.append(np.maximum.accumulate(limits[::-1])[::-1], 0.0)
    return np.asarray(best[np.searchsorted(grid, errors, side="left")])


def reached_accuracy(points: FloatArray, accuracy: FloatArray) -> FloatArray:
    """Largest S among mixtures of points (k, 2) of (S, A) with at least the given A; or NaN."""
    a, s = concave_envelope(points[:, 1], points[:, 0])
    return np.where(accuracy > a[-1], np.nan, np.interp(accuracy, a, s))


def concave_envelope(adversarial: FloatArray, spatial: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Corners (A, S) of the decreasing concave curve above points (k,), by rising A."""
    hull: list[FloatArray] = []
    for index in np.lexsort((-spatial, -adversarial)):
        point = np.array([spatial[index], adversarial[index]])
        if hull and point[0] <= hull[-1][0]:
            continue
        while len(hull) > 1 and _below(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    s, a = np.array(hull[::-1]).T
    return a, s


def _below(first: FloatArray, middle: FloatArray, last: FloatArray) -> bool:
    """Whether the middle point does not lie above the line through the others."""
    run, rise = last - first, middle - first
    return bool(run[0] * rise[1] - run[1] * rise[0] <= 0.0)
