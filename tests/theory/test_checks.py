"""Checks accept what the rule allows, and name argument, rule and value otherwise."""

import itertools
import re
from collections.abc import Callable

import numpy as np
import pytest

from theory import checks


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        (checks.positive, 2, 2.0),
        (checks.positive, np.float32(0.5), 0.5),
        (checks.positive, np.array(3.0), 3.0),
        (checks.nonnegative, 0, 0.0),
        (checks.probability, 1, 1.0),
        (checks.probability, 0.0, 0.0),
    ],
)
def test_scalars_become_floats(
    check: Callable[[str, object], float], value: object, expected: float
) -> None:
    result = check("x", value)
    assert type(result) is float
    assert result == expected


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (checks.positive, 0, "x must be finite and > 0, got 0"),
        (checks.positive, float("inf"), "x must be finite and > 0, got inf"),
        (checks.positive, "1", "x must be a real number, got '1'"),
        (checks.positive, True, "x must be a real number, got True"),
        (checks.positive, 1j, "x must be a real number, got 1j"),
        (checks.positive, float("nan"), "x must be a real number, got nan"),
        (checks.nonnegative, -0.1, "x must be >= 0, got -0.1"),
        (checks.nonnegative, float("inf"), "x must be finite, got inf"),
        (checks.probability, 1.5, "x must lie in [0, 1], got 1.5"),
        (checks.probability, -1e-9, "x must lie in [0, 1], got -1e-09"),
    ],
)
def test_scalars_refused(
    check: Callable[[str, object], float], value: object, message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check("x", value)


def test_integer() -> None:
    assert checks.integer("n", np.int32(3), minimum=1) == 3
    with pytest.raises(ValueError, match=r"^n must be >= 1, got 0$"):
        checks.integer("n", 0, minimum=1)
    for value in (2.0, True, "3"):
        with pytest.raises(ValueError, match=r"^n must be an integer, got "):
            checks.integer("n", value, minimum=1)


def test_one_of() -> None:
    assert checks.one_of("norm", "l2", ("l1", "l2")) == "l2"
    for value in ("l3", 2, None):
        with pytest.raises(ValueError, match=r"^norm must be one of l1, l2, got "):
            checks.one_of("norm", value, ("l1", "l2"))


def test_finite_array_is_a_fresh_float64_array() -> None:
    source = np.ones((2, 3))
    result = checks.finite_array("m", source, shape=(2, 3))
    assert result.dtype == np.float64
    assert not np.shares_memory(result, source)
    assert checks.finite_array("m", [1, 2], ndim=1).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("value", "rule", "message"),
    [
        ([1.0, float("nan")], {}, "m must be finite, got nan"),
        ([[1.0, -float("inf")]], {}, "m must be finite, got -inf"),
        (["1"], {}, "m must be an array of real numbers, got dtype <U1"),
        ([[1.0], [1.0, 2.0]], {}, "m must be a rectangular array, got [[1.0], [1.0, 2.0]]"),
        ([1j], {}, "m must be an array of real numbers, got dtype complex128"),
        ([None], {}, "m must be an array of real numbers, got dtype object"),
        ([True], {}, "m must be an array of real numbers, got dtype bool"),
        ([1.0], {"ndim": 2}, "m must have 2 dimensions, got shape (1,)"),
        ([1.0], {"shape": (2,)}, "m must have shape (2,), got shape (1,)"),
    ],
)
def test_finite_array_refused(value: object, rule: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        checks.finite_array("m", value, **rule)  # type: ignore[arg-type]


def test_probabilities_are_divided_by_their_sum() -> None:
    result = checks.probabilities("p", [1 / 3, 1 / 3, 1 / 3 + 1e-10], 3)
    assert abs(result.sum() - 1.0) <= 2**-52


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([0.5, 0.6], "p must sum to 1, got sum 1.1"),
        ([1.5, -0.5], "p must be >= 0, got -0.5"),
        ([1.0], "p must have shape (2,), got shape (1,)"),
        ([float("nan"), 1.0], "p must be finite, got nan"),
    ],
)
def test_probabilities_refused(value: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        checks.probabilities("p", value, 2)


def test_integer_array() -> None:
    result = checks.integer_array("m", np.array([[1, 2]], dtype=np.uint8), shape=(1, 2))
    assert result.dtype == np.int64
    with pytest.raises(ValueError, match=r"^m must be an array of integers, got dtype float64$"):
        checks.integer_array("m", [1.0])
    with pytest.raises(ValueError, match=r"^m must have 1 dimensions, got shape \(1, 2\)$"):
        checks.integer_array("m", [[1, 2]], ndim=1)


@pytest.mark.parametrize("unit", [1.0, 2.0**-1000, 2.0**1000])
def test_covariance_matrix_in_any_unit(unit: float) -> None:
    matrix = np.array([[2.0, 1.0], [1.0, 2.0]]) * unit
    assert (checks.covariance_matrix("c", matrix, 2) == matrix).all()
    with pytest.raises(ValueError, match=r"^c must be positive definite, got least eigenvalue -"):
        checks.covariance_matrix("c", np.array([[2.0, 3.0], [3.0, 2.0]]) * unit, 2)
    with pytest.raises(
        ValueError, match=r"^c must have a condition number <= 1e\+12, got 1.0e\+13"
    ):
        checks.covariance_matrix("c", np.diag([1e-13 * unit, unit]), 2)


def test_a_covariance_is_symmetric_in_its_own_metric() -> None:
    """What is nothing beside the largest variance may be much beside the variances concerned."""
    v = 1e-11
    matrix = np.diag([1.0, v, v])
    matrix[1, 2] = 0.05 * v
    with pytest.raises(
        ValueError, match=r"^c must be symmetric, got entries that differ by 5e-13$"
    ):
        checks.covariance_matrix("c", matrix, 3)


def test_variances() -> None:
    assert checks.variances("v", [1, 2], 2).tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match=r"^v must have variances > 0, got 0$"):
        checks.variances("v", [0.0, 1.0], 2)


def test_covariance_matrix_is_made_symmetric() -> None:
    result = checks.covariance_matrix("c", [[2.0, 1.0], [1.0 + 1e-13, 2.0]], 2)
    assert (result == result.T).all()
    with pytest.raises(ValueError, match=r"^c must be symmetric, got entries that differ by 0.1$"):
        checks.covariance_matrix("c", [[2.0, 1.0], [1.1, 2.0]], 2)


def test_items_come_to_an_end() -> None:
    assert checks.items("x", iter([1, 2]), "integers") == [1, 2]
    for value in ("ab", 3, {1: 2}):
        with pytest.raises(ValueError, match=r"^x must be integers, got "):
            checks.items("x", value, "integers")  # type: ignore[type-var]
    with pytest.raises(
        ValueError, match=r"^x must be 1 to 1048576 integers, got more than 1048576"
    ):
        checks.items("x", itertools.count(), "integers")


def test_numpy_booleans_are_booleans() -> None:
    assert checks.boolean("x", np.True_) is True
    with pytest.raises(ValueError, match=r"^x must be True or False, got 1$"):
        checks.boolean("x", 1)


def test_a_seed_of_thousands_of_digits_is_refused_in_few_words() -> None:
    with pytest.raises(ValueError, match=r"^rng must be .* seed >= 0, got an integer of \d+ bits$"):
        checks.generator("rng", -(10**5000))
