"""The trade-off function: the accuracy contract, identities, speed of the road taken, bad input."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from tests.theory.gaussian.reference import ROWS, worst_error
from theory.gaussian.tradeoff import (
    gaussian_ceiling,
    gaussian_floor,
    gaussian_power,
    gaussian_tradeoff,
)

errors = st.one_of(st.floats(0.0, 1.0), st.sampled_from([0.0, 5e-324, 0.5, 1 - 2**-53, 1.0]))
distances = st.one_of(st.floats(0.0, 60.0), st.sampled_from([0.0, 5e-324, 1e3, np.inf]))
CONTRACT = {False: 1e-12, True: 2e-14}


@pytest.mark.parametrize("precise", [False, True])
def test_contract(precise: bool) -> None:
    def tradeoff(a: np.ndarray, rho: np.ndarray) -> np.ndarray:
        return gaussian_tradeoff(a, rho, precise=precise)

    def power(a: np.ndarray, rho: np.ndarray) -> np.ndarray:
        return gaussian_power(a, rho, precise=precise)

    assert worst_error(tradeoff, ROWS, "G") <= CONTRACT[precise]
    assert worst_error(power, ROWS, "power") <= CONTRACT[precise]


def test_naive_formula_breaks_the_contract() -> None:
    """The measure of error sees what the module avoids: 1 - a formed by subtraction."""
    from scipy.special import ndtr, ndtri

    def naive(a: np.ndarray, rho: np.ndarray) -> np.ndarray:
        return 1.0 - ndtr(ndtri(1.0 - a) - rho)

    assert worst_error(naive, ROWS, "power") > 0.1


@pytest.mark.parametrize("precise", [False, True])
@given(a=errors, rho=distances)
def test_identities(precise: bool, a: float, rho: float) -> None:
    tolerance = 2 * CONTRACT[precise]
    g = gaussian_tradeoff(a, rho, precise=precise)
    power = gaussian_power(a, rho, precise=precise)
    assert 0.0 <= g <= 1.0 - a + tolerance
    assert power >= a * (1 - tolerance)
    assert abs(g + power - 1.0) <= tolerance
    # the same level said as an accuracy, where 1 - a is exact
    if a >= 0.5:
        floor = gaussian_floor(1.0 - a, rho, precise=precise)
        ceiling = gaussian_ceiling(1.0 - a, rho, precise=precise)
        assert floor == pytest.approx(g, rel=tolerance, abs=1e-323)
        assert ceiling == pytest.approx(power, rel=tolerance, abs=1e-323)


@given(a=st.floats(1e-12, 1 - 1e-12), rho=st.floats(0.0, 5.0))
def test_is_its_own_inverse(a: float, rho: float) -> None:
    g = float(gaussian_tradeoff(a, rho, precise=True))
    assert gaussian_tradeoff(g, rho, precise=True) == pytest.approx(a, rel=1e-12)


@given(a=st.floats(1e-300, 1.0), rho=st.floats(0.0, 30.0), tau=st.floats(0.0, 30.0))
def test_tests_in_sequence_add_distances(a: float, rho: float, tau: float) -> None:
    step = gaussian_power(a, tau, precise=True)
    if step < 0.5:
        chained = gaussian_power(step, rho, precise=True)
        assert chained == pytest.approx(gaussian_power(a, rho + tau, precise=True), rel=1e-11)


@given(rho=st.floats(0.0, 40.0), seed=st.integers(0, 2**32 - 1))
def test_convex_decreasing_and_falling_with_distance(rho: float, seed: int) -> None:
    a = np.sort(np.random.default_rng(seed).uniform(size=9))
    g = gaussian_tradeoff(a, rho)
    assert (np.diff(g) <= 1e-12).all()
    middle = gaussian_tradeoff((a[:-1] + a[1:]) / 2, rho)
    assert (middle <= (g[:-1] + g[1:]) / 2 + 1e-12).all()
    assert (gaussian_tradeoff(a, rho + 0.1) <= g).all()


def test_limits_and_shapes() -> None:
    a = np.array([0.0, 0.3, 1.0])
    assert gaussian_tradeoff(a, 0.0) == pytest.approx([1.0, 0.7, 0.0], rel=1e-15, abs=0.0)
    assert gaussian_tradeoff(a, np.inf).tolist() == [0.0, 0.0, 0.0]
    assert gaussian_power(a, np.inf).tolist() == [1.0, 1.0, 1.0]
    assert gaussian_tradeoff(a, [[0.0], [1.0]], precise=True).shape == (2, 3)
    assert gaussian_tradeoff(0, 1000).tolist() == 1.0
    assert gaussian_tradeoff([], 1.0).shape == (0,)
    assert np.ndim(gaussian_tradeoff(0.5, 1.0)) == 0


def test_lost_by_subtraction_is_kept() -> None:
    assert gaussian_power(1e-20, 1.0) > 1e-20
    assert gaussian_tradeoff(1 - 2**-53, 0.0) == pytest.approx(2**-53, rel=5e-13, abs=0.0)


@pytest.mark.parametrize("function", [gaussian_tradeoff, gaussian_power])
def test_refused_errors(function: type[object]) -> None:
    for wrong in (-1e-9, 1.0000001, np.nan, np.inf):
        with pytest.raises(ValueError, match=rf"^error must lie in \[0, 1\], got {wrong}$"):
            function([0.5, wrong], 1.0)  # type: ignore[call-arg]
    for wrong in (-1.0, np.nan):
        with pytest.raises(ValueError, match=rf"^rho must be >= 0, got {wrong}$"):
            function(0.5, [1.0, wrong])  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"^error must be an array of real numbers, got dtype"):
        function("0.5", 1.0)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match=r"^error and rho must broadcast, got shapes \(2,\) and"):
        function([0.5, 0.5], [1.0, 1.0, 1.0])  # type: ignore[call-arg]
    for mode in ("precise", "certified"):
        with pytest.raises(ValueError, match=rf"^{mode} must be True or False, got nan$"):
            function(0.5, 1.0, **{mode: np.nan})  # type: ignore[call-arg]


@pytest.mark.parametrize("function", [gaussian_floor, gaussian_ceiling])
def test_refused_accuracies(function: type[object]) -> None:
    with pytest.raises(ValueError, match=r"^accuracy must lie in \[0, 1\], got 1.5$"):
        function(1.5, 1.0)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("level", "shift"), [(1.9329671550235198e-224, 67.70563352208012), (1e-300, 40.0)]
)
def test_hostile_arguments_keep_the_contract(level, shift):
    exact = gaussian_tradeoff(level, shift, precise=True)
    assert gaussian_tradeoff(level, shift) == pytest.approx(exact, rel=CONTRACT[False], abs=0.0)
