"""Precise kernels against certified enclosures, at random and near every change of formula."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from theory.gaussian import certified, precise

SEAMS = [0.25, 0.75, 0.5, float(np.exp(-0.28)), float(np.exp(-1.39))]
probabilities = st.one_of(
    st.floats(5e-324, 1.0),
    st.floats(-300.0, 0.0).map(lambda power: 10.0**power),
    st.sampled_from(SEAMS).flatmap(lambda p: st.floats(p * (1 - 1e-6), min(1.0, p * (1 + 1e-6)))),
    st.floats(1e-17, 1e-3).map(lambda small: 0.5 + small),
)


@given(p=probabilities, sign=st.sampled_from([-1.0, 1.0]), shift=st.floats(-38.0, 38.0))
def test_linear(p: float, sign: float, shift: float) -> None:
    exact = certified.shifted(np.array(p), sign, np.array(shift))
    got = precise.shifted(np.array(p), sign, np.array(shift))
    slack = 2e-14 * exact.upper + 5e-324
    assert exact.lower - slack <= got <= exact.upper + slack


@given(p=probabilities, sign=st.sampled_from([-1.0, 1.0]), shift=st.floats(-100.0, 100.0))
def test_logarithm(p: float, sign: float, shift: float) -> None:
    log_p = np.array(np.log(p))
    exact = certified.log_shifted(log_p, sign, np.array(shift))
    got = precise.log_shifted(log_p, sign, np.array(shift))
    slack = 2e-14 * np.abs(exact.lower) + 5e-324 if np.isfinite(exact.lower) else 0.0
    assert exact.lower - slack <= got <= exact.upper + slack


def test_huge_shifts() -> None:
    p = np.array([0.3, 0.3])
    shift = np.array([-1e200, 1e200])
    assert precise.shifted(p, 1.0, shift).tolist() == [0.0, 1.0]
    assert precise.log_shifted(np.log(p), 1.0, shift).tolist() == [-np.inf, 0.0]
    finite = precise.log_shifted(np.log(p[:1]), 1.0, np.array([-1e100]))
    assert finite == pytest.approx(-5e199, rel=1e-14)
