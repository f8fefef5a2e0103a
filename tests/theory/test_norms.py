import numpy as np
import pytest

from theory.norms import NORMS, dual_gradient, dual_norm, power_of_two

BALL = {"linf": np.inf, "l2": 2, "l1": 1}


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("unit", [1.0, 2.0**-500, 2.0**500])
def test_the_dual_norm_is_attained_and_never_passed(norm: str, unit: float) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.integers(-3, 4, size=(60, 4)) * unit
    found, best = dual_norm(vectors, norm), dual_gradient(vectors, norm)
    assert (np.linalg.norm(best, ord=BALL[norm], axis=-1) <= 1.0 + 1e-15).all()
    assert (vectors * best).sum(axis=-1) == pytest.approx(found, rel=1e-15)
    others = rng.normal(size=(60, 4))
    others /= np.linalg.norm(others, ord=BALL[norm], axis=-1, keepdims=True)
    assert ((vectors * others).sum(axis=-1) <= found * (1.0 + 1e-15)).all()


def test_ties_and_zeros() -> None:
    vectors = np.array([[0.0, -2.0, 2.0], [0.0, 0.0, 0.0]])
    assert dual_gradient(vectors, "l1").tolist() == [[0.0, -1.0, 0.0], [0.0, 0.0, 0.0]]
    for norm in NORMS:
        assert dual_norm(vectors, norm)[1] == 0.0
        assert dual_gradient(vectors, norm)[1].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("function", [dual_norm, dual_gradient])
def test_an_unknown_norm_is_refused(function) -> None:
    with pytest.raises(ValueError, match="norm must be one of linf, l2, l1, got 'l3'"):
        function(np.ones(2), "l3")


def test_power_of_two() -> None:
    scale = power_of_two(np.array([[3.0, -5.0], [0.0, 0.0], [0.0, 1e308]]))
    assert scale.ravel().tolist()[:2] == [8.0, 2.0]
    assert np.isfinite(scale).all()
