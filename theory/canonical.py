"""What must not hang on the last bits: coordinates of a fixed basis, numbers on a grid.

Linear algebra libraries choose their kernels by the processor, and these differ in the last
bits.  That is harmless unless something magnifies it: an arbitrary basis for repeated singular
values, a search that takes another path, a tie that falls otherwise.
"""

import numpy as np

from theory.checks import FloatArray, IntArray, integer

__all__ = ["distinct_rows", "on_grid", "ridged_root", "span_coordinates", "span_in_deviations"]

# Remainders below this share of the largest vector are rounding.
_RANK_TOLERANCE = 1e-12
# Spread, in standard deviations of the noise, of a direction that need not be kept.
_NEGLIGIBLE = 1e-9
# Of the length of a vector, what coordinates in the span lose.
_LOST = 1e-14
# Share of the squares of vectors that is added to them, so that their roots exist.
_RIDGE = 1e-9
# No scaled vector is so long.
_ENDLESS = 1e150
# Down to this share of what they were, squares of remainders are worth taking down.
_DIGITS_LAST = 1e-6
# A direction is taken from the first vector whose remainder has this share of the largest; no
# symmetry makes two remainders differ by just this factor, so that rounding never decides.
_PIVOT = 0.37
# In the same way, the share of a step that is rounded up, and where a step doubles.
_UP, _DOUBLING = 0.53, 0.77


def on_grid(values: FloatArray, bits: int) -> FloatArray:
    """Round numbers to multiples of a power of two, about 2^-bits of the largest magnitude.

    Numbers that differ by much less than the step become equal, unless a limit between two
    multiples falls between them.  The error is less than 1.4 x 2^-bits of the largest
    magnitude; factors that are powers of two change nothing.

    Raises
    ------
    ValueError
        If ``bits`` < 1.
    """
    digits = integer("bits", bits, minimum=1)
    mantissa, exponent = np.frexp(np.abs(values).max(initial=0.0))
    power = int(exponent) + int(mantissa > _DOUBLING) - digits
    scaled = np.ldexp(values, -power)
    return np.asarray(np.ldexp(np.sign(scaled) * np.floor(np.abs(scaled) + 1.0 - _UP), power))


def distinct_rows(matrix: FloatArray) -> tuple[IntArray, IntArray]:
    """Return where each distinct row first stands, and the place of every row among these.

    What is computed for equal rows is to be computed once: two rows of a matrix product may
    differ in their last bits although the rows of the factor are equal, and then ties between
    them fall by chance.
    """
    _, first, place = np.unique(matrix, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    return first[order], np.argsort(order)[place.ravel()]


def span_coordinates(vectors: FloatArray, *, floor: float | None = None) -> FloatArray:
    """Coordinates (n, rank) of vectors (n, d) in an orthonormal basis of their span.

    The basis is that of Gram-Schmidt in the given order, which puts off vectors of small
    remainder.  Vectors that are equal up to rounding therefore have coordinates that are equal
    up to rounding; those of singular vectors turn freely where singular values repeat.

    Notes
    -----
    ``C @ C.T`` equals ``V @ V.T`` to 1e-14 of the largest product; what is left of every vector
    outside the span is no longer than ``floor``, by default 1e-12 of the largest vector.
    """
    unit = int(np.frexp(np.abs(vectors).max(initial=0.0))[1])
    scaled = np.ldexp(vectors, -unit)
    basis: FloatArray = np.empty((min(vectors.shape), vectors.shape[1]))
    rank, rest, squares = 0, scaled, np.sum(scaled**2, axis=1)
    if floor is None:
        least = _RANK_TOLERANCE**2 * float(squares.max(initial=0.0))
    else:
        with np.errstate(over="ignore"):
            least = min(float(np.ldexp(floor, -unit)), _ENDLESS) ** 2
    while rank < len(basis) and squares.max() > least:
        enough = max(least, _DIGITS_LAST * float(squares.max()))
        # squares of remainders are taken down while their digits last, and then found anew
        while rank < len(basis) and squares.max() > enough:
            direction = rest[np.argmax(squares >= _PIVOT**2 * squares.max())].copy()
            for _ in range(2):  # twice is enough (Parlett 1980, section 6-9)
                direction -= (basis[:rank] @ direction) @ basis[:rank]
                direction /= np.linalg.norm(direction)
            basis[rank] = direction
            rank += 1
            squares = np.maximum(squares - (rest @ direction) ** 2, 0.0)
        rest = scaled - (scaled @ basis[:rank].T) @ basis[:rank]
        squares = np.sum(rest**2, axis=1)
    return np.asarray(np.ldexp(scaled @ basis[:rank].T, unit))


def span_in_deviations(
    vectors: FloatArray, *, whole: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Coordinates (n, rank) of vectors (n, d) in deviations of the noise, and what each lost, (n,).

    Directions in which no vector is a noticeable part of a deviation long are left out; ``whole``
    keeps the vectors as they are.
    """
    length = np.linalg.norm(vectors, axis=1)
    if whole:
        return vectors, _LOST * length
    floor = max(_NEGLIGIBLE, _LOST * float(length.max()))
    return span_coordinates(vectors, floor=floor), floor + _LOST * length


def ridged_root(products: FloatArray) -> FloatArray:
    """Lower triangular root (n, n) of the products of vectors, a little added to their squares."""
    ridged = products.copy()
    ridge = _RIDGE * products.diagonal().max() + np.finfo(np.float64).tiny
    ridged.flat[:: len(products) + 1] += ridge
    return np.asarray(np.linalg.cholesky(ridged), dtype=np.float64)
