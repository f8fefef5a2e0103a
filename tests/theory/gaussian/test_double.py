"""Default kernels: subnormal results, and the quantile of a logarithm."""

import mpmath
import numpy as np
import pytest
from scipy.special import log_ndtr, ndtr

from theory.gaussian.double import cdf, log_quantile, shifted


def test_cdf_keeps_subnormal_values_that_scipy_flushes() -> None:
    x = np.array([-38.0, -38.4, 0.0])
    assert (ndtr(x[:2]) == 0.0).all()
    for got, point in zip(cdf(x)[:2], x[:2], strict=True):
        exact = float(mpmath.ncdf(point))
        assert abs(got - exact) <= 1e-12 * exact + 5e-324
    assert cdf(np.array([])).shape == (0,)


@pytest.mark.parametrize("log_p", [-1e8, -1e5, -745.0, -5.0, -0.69, -0.1, -1e-9])
def test_log_quantile_inverts(log_p: float) -> None:
    z = float(log_quantile(np.array([log_p]))[0])
    assert float(log_ndtr(z)) == pytest.approx(log_p, rel=1e-14, abs=0.0)


def test_signs() -> None:
    p, shift = np.array([0.2]), np.array(0.5)
    assert shifted(p, 1.0, shift) + shifted(p, -1.0, -shift) == pytest.approx(1.0)
    assert shifted(p, 1.0, shift) > 0.2
