"""Binary cyclic codes, from a generator polynomial over GF(2)."""

import re

import numpy as np

from theory.checks import InputError, IntArray, integer, text as check_text

__all__ = ["cyclic_code_words", "parse_polynomial"]

_TERM = re.compile(r"1|x(?:\^(\d{1,4}))?")
_LARGEST_DIMENSION = 16
# Exponents have at most four digits.
_LONGEST = 10_000


def parse_polynomial(text: str) -> int:
    """Return the polynomial over GF(2) as an int whose bit k is the coefficient of x^k.

    Examples
    --------
    >>> bin(parse_polynomial("x^3 + x + 1"))
    '0b1011'

    Raises
    ------
    ValueError
        If a term is neither 1, nor x, nor x^k, or is named twice.
    """
    bits = 0
    for term in check_text("generator", text).replace(" ", "").split("+"):
        match = _TERM.fullmatch(term)
        if match is None:
            raise InputError(
                f"generator must be a sum of terms 1, x, x^k (k <= 9999), got {text!r}"
            )
        degree = 0 if term == "1" else int(match.group(1) or 1)
        if bits >> degree & 1:
            raise InputError(f"generator must name each power once, got {text!r}")
        bits |= 1 << degree
    return bits


def cyclic_code_words(generator: str, length: int) -> IntArray:
    """All words of the cyclic code of the given generator and length, as 0/1 rows.

    Shape (2^k, length) with k = length - degree; the zero word comes first.

    Raises
    ------
    ValueError
        If the generator does not divide x^length + 1, or has no nonzero word, or has more
        than 2^16 words.
    """
    d = integer("length", length, minimum=1, maximum=_LONGEST)
    g = parse_polynomial(generator)
    k = d - (g.bit_length() - 1)
    if k < 0 or _remainder((1 << d) | 1, g) != 0:
        raise InputError(f"generator must divide x^{d}+1 over GF(2), got {generator!r}")
    if not 1 <= k <= _LARGEST_DIMENSION:
        raise InputError(
            f"generator must give a code of dimension 1..{_LARGEST_DIMENSION}, "
            f"got dimension {k} from {generator!r}"
        )
    basis = np.array([[g >> (j - i) & 1 if j >= i else 0 for j in range(d)] for i in range(k)])
    messages = np.arange(2**k)[:, None] >> np.arange(k) & 1
    words: IntArray = (messages @ basis % 2).astype(np.int64)
    return words


def _remainder(dividend: int, divisor: int) -> int:
    """Remainder of the division of polynomials over GF(2)."""
    degree = divisor.bit_length()
    while dividend.bit_length() >= degree:
        dividend ^= divisor << (dividend.bit_length() - degree)
    return dividend
