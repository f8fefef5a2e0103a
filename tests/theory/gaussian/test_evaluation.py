"""The choice of the road, limits at infinite distance, and checks of levels and shifts."""

import numpy as np
import pytest

from theory.gaussian.certified import Enclosure
from theory.gaussian.evaluation import evaluate, evaluate_log, level_array, shift_array


@pytest.mark.parametrize("signs", [(-1.0, -1.0), (1.0, 1.0), (1.0, -1.0), (-1.0, 1.0)])
def test_roads_agree(signs: tuple[float, float]) -> None:
    p, rho = np.array([0.0, 0.2, 0.5, 1.0]), np.array([[0.0], [1.5], [np.inf]])
    fast = evaluate("p", p, rho, signs, precise=False, certified=False)
    slow = evaluate("p", p, rho, signs, precise=True, certified=False)
    ends = evaluate("p", p, rho, signs, precise=False, certified=True)
    assert isinstance(ends, Enclosure)
    assert isinstance(fast, np.ndarray)
    assert slow == pytest.approx(fast, rel=1e-13)
    assert (ends.lower <= slow + 1e-15).all()
    assert (ends.upper >= slow - 1e-15).all()
    with np.errstate(divide="ignore"):
        logarithm = evaluate_log("p", np.log(p), rho, signs, precise=True, certified=False)
    assert np.exp(logarithm) == pytest.approx(fast, rel=1e-12)


def test_nothing_is_copied_or_changed() -> None:
    p = np.array([0.1, 0.9])
    assert level_array("p", p) is p
    evaluate("p", p, 40.0, (-1.0, -1.0), precise=False, certified=False)
    assert p.tolist() == [0.1, 0.9]


def test_integers_and_single_precision_are_converted() -> None:
    assert level_array("p", [0, 1]).dtype == np.float64
    assert shift_array("rho", np.float32(0.5)).dtype == np.float64


def test_refused() -> None:
    with pytest.raises(ValueError, match=r"^p must lie in \[0, 1\], got nan$"):
        level_array("p", [0.1, np.nan])
    with pytest.raises(ValueError, match=r"^rho must be >= 0, got -0.5$"):
        shift_array("rho", [[1.0, -0.5]])
    with pytest.raises(ValueError, match=r"^rho must be an array of real numbers, got dtype comp"):
        shift_array("rho", 1j)
