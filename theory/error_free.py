"""Sums of products as if in twice the precision (Dekker 1971; Ogita, Rump and Oishi 2005)."""

from math import fsum

import numpy as np

from theory.checks import FloatArray

__all__ = ["residual_of_system", "sum_of_products", "two_product", "two_sum"]

_SPLITTER = 2.0**27 + 1.0


def two_sum(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounded sum and its rounding error, exactly (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def two_product(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the rounded product and its rounding error, exactly for moderate magnitudes.

    Exact as long as no partial product over- or underflows: factors below 1e150 and
    products above 1e-290 in size.
    """
    product = a * b
    a_high, a_low = _split(a)
    b_high, b_low = _split(b)
    error = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
    return product, error


def sum_of_products(*factors: tuple[FloatArray, FloatArray]) -> float:
    """Sum of a . b over the given pairs of vectors, correctly rounded.

    Examples
    --------
    >>> big, one = np.array([1e16]), np.array([1.0])
    >>> sum_of_products((big, one), (one, one), (-big, one))
    1.0
    """
    parts = [part for a, b in factors for part in two_product(a, b)]
    return fsum(np.concatenate([np.ravel(part) for part in parts]))


def residual_of_system(
    matrix: FloatArray, w: FloatArray, x: FloatArray, z: FloatArray
) -> FloatArray:
    """Return x - z - matrix w, as if computed in twice the precision and then rounded."""
    products, small = two_product(matrix, -w)
    terms = np.column_stack([products, x, -z])
    small = small.sum(axis=1)
    while terms.shape[1] > 1:
        if terms.shape[1] % 2:
            terms = np.column_stack([terms, np.zeros(len(terms))])
        half = terms.shape[1] // 2
        terms, errors = two_sum(terms[:, :half], terms[:, half:])
        small = small + errors.sum(axis=1)
    return np.asarray(terms[:, 0] + small, dtype=np.float64)


def _split(a: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Halves of 26 bits whose sum is ``a`` (Dekker)."""
    scaled = _SPLITTER * a
    high = scaled - (scaled - a)
    return high, a - high
