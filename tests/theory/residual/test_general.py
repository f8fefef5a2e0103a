"""The enclosure is exact about what rounding leaves over."""

import mpmath
import numpy as np
import pytest

from theory.residual.general import enclose_general


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("power", [2, 6, 9])
def test_encloses_in_fifty_digits(norm: str, power: int) -> None:
    """The upper end is at least, to 1e-13, what the returned shift leaves in 50 digits."""
    rng = np.random.default_rng(power)
    basis = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    covariance = (basis * np.geomspace(1.0, 10.0**power, 6)) @ basis.T
    covariance = (covariance + covariance.T) / 2
    x = rng.normal(size=6)
    radius = 0.4 * float(np.linalg.norm(x, {"linf": np.inf, "l2": 2, "l1": 1}[norm]))
    value, lower, shift = enclose_general(x, radius, covariance, norm)
    with mpmath.workdps(50):
        left = mpmath.matrix(x.tolist()) - mpmath.matrix(shift.tolist())
        exact = mpmath.sqrt((left.T * mpmath.lu_solve(mpmath.matrix(covariance.tolist()), left))[0])
        assert exact <= mpmath.mpf(value) <= exact * (1 + mpmath.mpf("1e-13"))
        assert mpmath.mpf(lower) <= exact


def test_covered_and_no_attack() -> None:
    covariance = np.array([[2.0, 1.0], [1.0, 2.0]])
    value, lower, shift = enclose_general(np.array([0.1, -0.2]), 0.2, covariance, "linf")
    assert (value, lower, shift.tolist()) == (0.0, 0.0, [0.1, -0.2])
    value, lower, shift = enclose_general(np.array([1.0, 1.0]), 0.0, covariance, "l1")
    assert shift.tolist() == [0.0, 0.0]
    assert lower <= np.sqrt(2.0 / 3.0) <= value
