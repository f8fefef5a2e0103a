"""Logarithms of the trade-off function: the contract, deep tails, agreement, bad input."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.theory.gaussian.reference import LOG_ROWS, worst_error
from theory.gaussian import logarithms, tradeoff
from theory.gaussian.logarithms import (
    log_gaussian_ceiling,
    log_gaussian_floor,
    log_gaussian_power,
    log_gaussian_tradeoff,
)

SHALLOW = [row for row in LOG_ROWS if float.fromhex(row[0]) >= -745.0]


@pytest.mark.parametrize(
    ("precise", "rows", "contract"), [(False, SHALLOW, 1e-12), (True, LOG_ROWS, 2e-14)]
)
def test_contract(precise: bool, rows: list[list[str]], contract: float) -> None:
    def tradeoff(log_a: np.ndarray, rho: np.ndarray) -> np.ndarray:
        return log_gaussian_tradeoff(log_a, rho, precise=precise)

    def power(log_a: np.ndarray, rho: np.ndarray) -> np.ndarray:
        return log_gaussian_power(log_a, rho, precise=precise)

    assert worst_error(tradeoff, rows, "log G") <= contract
    assert worst_error(power, rows, "log power") <= contract


@given(depth=st.floats(0.0, 16.0), x=st.floats(-37.0, 37.0))
def test_deep_tails(depth: float, x: float) -> None:
    """The hard case: log errors to -1e16, met by a distance that brings them back."""
    log_a = -(10.0**depth)
    z = float(np.sqrt(-2 * log_a))
    rho = max(0.0, z + x)
    exact = log_gaussian_tradeoff(log_a, rho, certified=True)
    precise = log_gaussian_tradeoff(log_a, rho, precise=True)
    assert exact.upper - exact.lower <= 1e-15 * abs(exact.lower) + 1e-323
    assert abs(precise - exact.lower) <= 2e-14 * abs(exact.lower) + 1e-323
    fast = log_gaussian_tradeoff(log_a, rho)
    assert abs(fast - exact.lower) <= (1e-12 + 2**-52 * z * z) * abs(exact.lower)


@pytest.mark.parametrize("name", ["tradeoff", "power", "floor", "ceiling"])
@given(p=st.floats(1e-300, 1.0), rho=st.floats(0.0, 5.0))
def test_agrees_with_linear(name: str, p: float, rho: float) -> None:
    linear = getattr(tradeoff, f"gaussian_{name}")(p, rho, precise=True)
    logarithm = getattr(logarithms, f"log_gaussian_{name}")(np.log(p), rho, precise=True)
    if linear > 1e-290:
        assert np.exp(logarithm) == pytest.approx(linear, rel=1e-9)


def test_limits() -> None:
    ends = np.array([-np.inf, 0.0])
    assert log_gaussian_tradeoff(ends, 2.0).tolist() == [0.0, -np.inf]
    assert log_gaussian_power(ends, 2.0).tolist() == [-np.inf, 0.0]
    assert log_gaussian_floor(ends, 2.0, precise=True).tolist() == [-np.inf, 0.0]
    assert log_gaussian_ceiling(ends, 2.0, precise=True).tolist() == [0.0, -np.inf]
    assert log_gaussian_tradeoff(ends, np.inf).tolist() == [-np.inf, -np.inf]
    assert log_gaussian_power(ends, np.inf, precise=True).tolist() == [0.0, 0.0]


def test_refused() -> None:
    for wrong in (1e-9, np.nan, np.inf):
        with pytest.raises(ValueError, match=rf"^log_error must be <= 0, got {wrong}$"):
            log_gaussian_tradeoff([-1.0, wrong], 1.0)
    with pytest.raises(ValueError, match=r"^log_accuracy must be <= 0, got 0.5$"):
        log_gaussian_ceiling(0.5, 1.0)
    with pytest.raises(ValueError, match=r"^rho must be >= 0, got -1.0$"):
        log_gaussian_floor(-1.0, -1.0)
