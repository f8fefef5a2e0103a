"""Cyclic codes: known codes, closure, cyclicity, bad generators."""

import numpy as np
import pytest

from theory.setting.codes import cyclic_code_words, parse_polynomial


def test_parse() -> None:
    assert parse_polynomial("x^3+x+1") == 0b1011
    assert parse_polynomial(" 1 + x^2 ") == 0b101
    assert parse_polynomial("x^10") == 1 << 10


@pytest.mark.parametrize(
    ("generator", "length", "dimension", "distance"),
    [
        ("x^3+x+1", 7, 4, 3),  # Hamming
        ("x^4+x^2+x+1", 7, 3, 4),  # its even-weight subcode, the simplex code
        ("x^11+x^9+x^7+x^6+x^5+x+1", 23, 12, 7),  # Golay
        ("x+1", 8, 7, 2),  # even weight
        ("x^5+x^4+x+1", 8, 3, 4),
        ("1", 4, 4, 1),
    ],
)
def test_known_codes(generator: str, length: int, dimension: int, distance: int) -> None:
    words = cyclic_code_words(generator, length)
    assert words.shape == (2**dimension, length)
    assert (words[0] == 0).all()
    assert words[1:].sum(axis=1).min() == distance
    seen = {tuple(row) for row in words.tolist()}
    assert len(seen) == 2**dimension
    assert {tuple(row) for row in np.roll(words, 1, axis=1).tolist()} == seen
    assert all(tuple(row) in seen for row in (words ^ words[1]).tolist())


def test_the_generator_is_a_word() -> None:
    words = cyclic_code_words("x^3+x^2+1", 7).tolist()
    assert [1, 0, 1, 1, 0, 0, 0] in words


@pytest.mark.parametrize(
    ("generator", "length", "message"),
    [
        ("x^2+x+1", 8, r"^generator must divide x\^8\+1 over GF\(2\), got 'x\^2\+x\+1'$"),
        ("x^9+x", 8, r"^generator must divide x\^8\+1 over GF\(2\), got 'x\^9\+x'$"),
        ("x^8+1", 8, r"^generator must give a code of dimension 1\.\.16, got dimension 0 from"),
        ("x+1", 24, r"^generator must give a code of dimension 1\.\.16, got dimension 23 from"),
        ("x^-1+1", 8, r"^generator must be a sum of terms 1, x, x\^k"),
        ("2x+1", 8, r"^generator must be a sum of terms 1, x, x\^k"),
        ("0", 8, r"^generator must be a sum of terms 1, x, x\^k"),
        ("", 8, r"^generator must be a sum of terms 1, x, x\^k"),
        ("x+x", 8, r"^generator must name each power once, got 'x\+x'$"),
        ("x^999999999+1", 8, r"^generator must be a sum of terms 1, x, x\^k \(k <= 9999\), got 'x"),
        ("x+1", 0, r"^length must be >= 1, got 0$"),
    ],
)
def test_refused(generator: str, length: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cyclic_code_words(generator, length)
