"""Enclosures: they contain the reference, are tight, and say how to install what they need."""

import sys

import mpmath
import numpy as np
import pytest

from tests.theory.gaussian.reference import COLUMNS, LEAST, LOG_ROWS, ROWS
from theory.gaussian.certified import Enclosure
from theory.gaussian.logarithms import log_gaussian_power, log_gaussian_tradeoff
from theory.gaussian.tradeoff import gaussian_ceiling, gaussian_power, gaussian_tradeoff


def levels(rows: list[list[str]]) -> tuple[np.ndarray, np.ndarray]:
    return (
        np.array([float.fromhex(row[0]) for row in rows]),
        np.array([float.fromhex(row[1]) for row in rows]),
    )


def assert_encloses(ends: Enclosure, rows: list[list[str]], column: str) -> None:
    with mpmath.workdps(40):
        for lower, upper, row in zip(ends.lower, ends.upper, rows, strict=True):
            exact = mpmath.mpf(row[COLUMNS[column]])
            slack = abs(exact) * mpmath.mpf("1e-24")  # the reference has 25 digits
            assert mpmath.mpf(float(lower)) <= exact + slack
            assert exact - slack <= mpmath.mpf(float(upper))
            assert mpmath.mpf(float(upper - lower)) <= 5e-16 * abs(exact) + 2 * LEAST


def test_contains_the_reference() -> None:
    a, rho = levels(ROWS)
    assert_encloses(gaussian_tradeoff(a, rho, certified=True), ROWS, "G")
    assert_encloses(gaussian_power(a, rho, certified=True), ROWS, "power")
    rows = [row for row in LOG_ROWS if float.fromhex(row[0]) >= -1e16]
    log_a, rho = levels(rows)
    assert_encloses(log_gaussian_tradeoff(log_a, rho, certified=True), rows, "log G")
    assert_encloses(log_gaussian_power(log_a, rho, certified=True), rows, "log power")


def test_what_cannot_be_decided_lies_anywhere() -> None:
    ends = log_gaussian_power(-1e20, 1.0, certified=True)
    assert (ends.lower, ends.upper) == (-np.inf, 0.0)


def test_limits_and_shapes() -> None:
    ends = gaussian_tradeoff([0.0, 0.5, 1.0], [[0.0], [np.inf]], certified=True)
    assert ends.lower.shape == ends.upper.shape == (2, 3)
    assert ends.lower.tolist() == [[1.0, 0.5, 0.0], [0.0, 0.0, 0.0]]
    assert ends.upper[:, [0, 2]].tolist() == [[1.0, 0.0], [0.0, 0.0]]
    assert gaussian_ceiling(0.0, 1.0, certified=True).lower == 1.0
    assert log_gaussian_tradeoff(0.0, 1.0, certified=True).upper == -np.inf
    assert log_gaussian_power(0.0, 1.0, certified=True).lower == 0.0


def test_precision_of_the_caller_is_left_alone() -> None:
    import flint

    before = flint.ctx.prec
    gaussian_tradeoff(0.1, 1.0, certified=True)
    assert flint.ctx.prec == before


def test_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    with pytest.raises(ImportError, match=r"^flint must be installed: pip install '.*\[certify\]'"):
        gaussian_tradeoff(0.1, 1.0, certified=True)
