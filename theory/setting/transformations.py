"""Finite random transformations that permute the coordinates."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import (
    LARGEST_DIMENSION,
    LARGEST_SIDE,
    FloatArray,
    InputError,
    IntArray,
    integer,
    integer_array,
    items,
    probabilities,
    vectors,
)

__all__ = ["Transformations", "cyclic_shifts", "distribution", "quarter_turns"]


@dataclass(frozen=True, eq=False, init=False, repr=False)
class Transformations:
    """A random permutation of the coordinates: P_g with probability nu_g (THEORY.md, section 1).

    The convention is ``(P_g x)[j] = x[permutations[g][j]]``. A permutation maps every l_p
    ball to itself; that it also leaves the covariance unchanged is checked by ``Setting``.

    Parameters
    ----------
    permutations : (G, d) integers
        Each row a permutation of 0..d-1.
    probabilities : (G,) floats, optional
        nu_g >= 0, of sum 1; uniform by default.

    Raises
    ------
    ValueError
        If a row is not a permutation, or the probabilities are not of sum 1.
    """

    permutations: IntArray
    probabilities: FloatArray

    def __init__(self, permutations: ArrayLike, probabilities: ArrayLike | None = None) -> None:
        rows = _permutations(permutations)
        weights = distribution(probabilities, len(rows))
        rows.setflags(write=False)
        weights.setflags(write=False)
        object.__setattr__(self, "permutations", rows)
        object.__setattr__(self, "probabilities", weights)

    def __repr__(self) -> str:
        return f"Transformations({self.size} permutations in dimension {self.dimension})"

    @property
    def size(self) -> int:
        """Number G of transformations."""
        return len(self.permutations)

    @property
    def dimension(self) -> int:
        """Dimension d of the inputs."""
        return int(self.permutations.shape[1])

    def act(self, g: int, x: ArrayLike) -> FloatArray:
        """Return P_g x for inputs of shape (..., d).

        Raises
        ------
        ValueError
            If there is no transformation ``g``, or an input is not finite or of another shape.
        """
        index = integer("g", g, minimum=0, maximum=self.size - 1)
        return vectors("x", x, self.dimension)[..., self.permutations[index]]

    def apply(self, x: ArrayLike) -> FloatArray:
        """Return all P_g x, shape (G, ..., d), for inputs of shape (..., d).

        Raises
        ------
        ValueError
            If an input is not finite or of another shape.
        """
        return np.moveaxis(vectors("x", x, self.dimension)[..., self.permutations], -2, 0)

    def inverse_index(self) -> IntArray:
        """Index of the inverse of each P_g, or -1 where it is not among them; shape (G,)."""
        first = {row.tobytes(): g for g, row in reversed(list(enumerate(self.permutations)))}
        inverses = np.argsort(self.permutations, axis=1)
        return np.array([first.get(row.tobytes(), -1) for row in inverses], dtype=np.int64)

    @property
    def closed_under_inversion(self) -> bool:
        """Whether P_g and its inverse are equally likely, for every g (to 1e-15 relative)."""
        mass: dict[bytes, float] = {}
        for row, weight in zip(self.permutations, self.probabilities, strict=True):
            mass[row.tobytes()] = mass.get(row.tobytes(), 0.0) + float(weight)
        inverses = np.argsort(self.permutations, axis=1)
        return all(
            abs(mass[row.tobytes()] - mass.get(inverse.tobytes(), 0.0))
            <= 1e-15 * mass[row.tobytes()]
            for row, inverse in zip(self.permutations, inverses, strict=True)
        )


def cyclic_shifts(
    length: int, steps: Iterable[int], probabilities: ArrayLike | None = None
) -> Transformations:
    """Shifts of a cyclic word: step s moves coordinate j to j + s, as ``numpy.roll(x, s)``.

    Parameters
    ----------
    length : int
        ``d``, the number of coordinates.
    steps : iterable of int
        Of any sign, at least one.
    probabilities : floats >= 0 of sum 1, one for each step, optional
        Uniform by default.

    Raises
    ------
    ValueError
        If length is not in 1..2^24, or no step is given, or a step is not an integer.
    """
    d = integer("length", length, minimum=1, maximum=LARGEST_DIMENSION)
    shifts = [
        integer("steps", step, minimum=-(2**62)) for step in items("steps", steps, "integers")
    ]
    positions = np.arange(d)
    return Transformations([(positions - step) % d for step in shifts], probabilities)


def quarter_turns(
    side: int, turns: Iterable[int] = (0, 1, 2, 3), probabilities: ArrayLike | None = None
) -> Transformations:
    """Quarter turns of a square image in row-major order: turn k is ``numpy.rot90(image, k)``.

    Parameters
    ----------
    side : int
        Pixels of a side; ``d = side ** 2``.
    turns : iterable of int
        Of any sign, at least one.
    probabilities : floats >= 0 of sum 1, one for each turn, optional
        Uniform by default.

    Raises
    ------
    ValueError
        If side is not in 1..2^12, or no turn is given, or a turn is not an integer.
    """
    n = integer("side", side, minimum=1, maximum=LARGEST_SIDE)
    counts = [
        integer("turns", turn, minimum=-(2**62)) for turn in items("turns", turns, "integers")
    ]
    pixels = np.arange(n * n).reshape(n, n)
    return Transformations([np.rot90(pixels, k % 4).ravel() for k in counts], probabilities)


def distribution(value: ArrayLike | None, size: int) -> FloatArray:
    """Return the probabilities, uniform if none are given."""
    if value is None:
        return np.full(size, 1.0 / size)
    return probabilities("probabilities", value, size)


def _permutations(value: ArrayLike) -> IntArray:
    """Return a (G, d) array whose rows are permutations."""
    rows = integer_array("permutations", value, ndim=2)
    if 0 in rows.shape:
        raise InputError(f"permutations must not be empty, got shape {rows.shape}")
    wrong = (np.sort(rows, axis=1) != np.arange(rows.shape[1])).any(axis=1)
    if wrong.any():
        g = int(wrong.argmax())
        raise InputError(
            f"permutations[{g}] must be a permutation of 0..{rows.shape[1] - 1}, "
            f"got {np.array2string(rows[g], threshold=8)}"
        )
    return rows
