"""Error-free transformations against exact rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from theory.error_free import residual_of_system, sum_of_products, two_product, two_sum

numbers = st.floats(-1e100, 1e100).filter(lambda v: v == 0.0 or abs(v) > 1e-100)


@given(a=numbers, b=numbers)
def test_pairs_are_exact(a: float, b: float) -> None:
    x, y = np.array([a]), np.array([b])
    high, low = two_sum(x, y)
    assert Fraction(float(high[0])) + Fraction(float(low[0])) == Fraction(a) + Fraction(b)
    high, low = two_product(x, y)
    assert Fraction(float(high[0])) + Fraction(float(low[0])) == Fraction(a) * Fraction(b)


@given(seed=st.integers(0, 2**32 - 1))
def test_sums_survive_cancellation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=9) * 10 ** rng.uniform(-9, 9, size=9), rng.normal(size=9)
    exact = sum(Fraction(float(p)) * Fraction(float(q)) for p, q in zip(a, b, strict=True))
    rounded = sum_of_products((a, b))
    assert rounded == float(exact)
    rest = sum_of_products((a, b), (np.array([rounded]), -np.ones(1)))
    assert rest == float(exact - Fraction(rounded))


@given(seed=st.integers(0, 2**32 - 1), d=st.integers(1, 9))
def test_residual_of_system(seed: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, w = rng.normal(size=(d, d)), rng.normal(size=d)
    z = 1e-8 * rng.normal(size=d)
    x = matrix @ w + z
    exact = [
        Fraction(float(x[i]))
        - Fraction(float(z[i]))
        - sum(Fraction(float(m)) * Fraction(float(v)) for m, v in zip(matrix[i], w, strict=True))
        for i in range(d)
    ]
    got = residual_of_system(matrix, w, x, z)
    assert got == pytest.approx([float(value) for value in exact], rel=1e-9, abs=1e-29)
