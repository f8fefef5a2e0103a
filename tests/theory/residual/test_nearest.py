"""Nearest points in a general metric: the dual vector certifies each of them."""

import numpy as np
from hypothesis import given, strategies as st

from theory.residual.nearest import nearest_in_ball

ORDERS = {"linf": np.inf, "l2": 2, "l1": 1}
DUALS = {"linf": 1, "l2": 2, "l1": np.inf}


@given(
    seed=st.integers(0, 2**32 - 1),
    norm=st.sampled_from(list(ORDERS)),
    log_condition=st.floats(0, 8),
    fraction=st.floats(0.001, 0.999),
)
def test_certificate(seed: int, norm: str, log_condition: float, fraction: float) -> None:
    rng = np.random.default_rng(seed)
    d = int(rng.integers(1, 9))
    basis = np.linalg.qr(rng.normal(size=(d, d)))[0]
    covariance = (basis * np.geomspace(10**-log_condition, 1.0, d)) @ basis.T
    covariance = (covariance + covariance.T) / 2
    x = rng.normal(size=d)
    radius = fraction * float(np.linalg.norm(x, ORDERS[norm]))
    z, w = nearest_in_ball(x, radius, covariance, norm)
    assert np.linalg.norm(z, ORDERS[norm]) <= radius
    # stationarity, and complementarity with the norm of the ball
    assert np.abs(x - z - covariance @ w).max() <= 1e-7 * np.abs(x).max()
    assert abs(w @ z - radius * np.linalg.norm(w, DUALS[norm])) <= 1e-9 * abs(w @ z)


def test_ties_and_equal_entries() -> None:
    """Texture differences are constant vectors under circulant noise: everything ties."""
    d = 12
    row = 0.5 ** np.minimum(np.arange(d), d - np.arange(d))
    covariance = np.stack([np.roll(row, k) for k in range(d)])
    for norm, size in (("linf", 1.0), ("l2", np.sqrt(d)), ("l1", d)):
        z, w = nearest_in_ball(np.ones(d), 0.25 * float(size), covariance, norm)
        assert np.allclose(z, 0.25, atol=1e-12)
        assert np.allclose(w, 0.75 / row.sum(), atol=1e-12)
