"""Any dual vector proves a lower end; the best one attains the residual."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from theory.residual.dual import dual_support

ORDERS = {"linf": np.inf, "l2": 2, "l1": 1}


@given(seed=st.integers(0, 2**32 - 1), norm=st.sampled_from(list(ORDERS)))
def test_below_every_product_over_the_ball(seed: int, norm: str) -> None:
    rng = np.random.default_rng(seed)
    w, x, radius = rng.normal(size=(7, 4)), rng.normal(size=(7, 4)), float(rng.uniform(0, 2))
    support = dual_support(w, x, np.full((7, 1), radius), norm)
    z = rng.normal(size=(500, 7, 4))
    z *= radius / np.linalg.norm(z, ORDERS[norm], axis=-1, keepdims=True)
    products = (w * (x - z)).sum(axis=-1).min(axis=0)
    assert (support <= np.maximum(products, 0.0)).all()
    assert (support >= 0.0).all()


@pytest.mark.parametrize(("norm", "expected"), [("linf", 2.0), ("l2", 5.0 - np.sqrt(5)), ("l1", 3)])
def test_values(norm: str, expected: float) -> None:
    w, x = np.array([1.0, -2.0]), np.array([1.0, -2.0])
    assert dual_support(w, x, np.array([1.0]), norm) == pytest.approx(expected, rel=1e-13)
    assert dual_support(0 * w, x, np.array([1e300]), norm) == 0.0
