"""Permutations of coordinates: the convention, the constructors, inverses, bad input."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from theory.setting.transformations import Transformations, cyclic_shifts, quarter_turns


def test_convention() -> None:
    turns = Transformations([[2, 0, 1]])
    x = np.array([10.0, 20.0, 30.0])
    assert turns.act(0, x).tolist() == [30.0, 10.0, 20.0]
    assert (turns.size, turns.dimension) == (1, 3)


@given(
    seed=st.integers(0, 2**32), size=st.integers(1, 4), d=st.integers(1, 6), batch=st.integers(0, 3)
)
def test_apply_stacks_act(seed: int, size: int, d: int, batch: int) -> None:
    rng = np.random.default_rng(seed)
    turns = Transformations([rng.permutation(d) for _ in range(size)])
    x = rng.normal(size=(2, batch, d))
    every = turns.apply(x)
    assert every.shape == (size, 2, batch, d)
    for g in range(size):
        matrix = np.eye(d)[turns.permutations[g]]
        assert (every[g] == turns.act(g, x)).all()
        assert (every[g] == x @ matrix.T).all()


@pytest.mark.parametrize("step", [-7, -1, 0, 3, 8])
def test_cyclic_shifts_are_rolls(step: int) -> None:
    x = np.random.default_rng(1).normal(size=(2, 8))
    assert (cyclic_shifts(8, [step]).act(0, x) == np.roll(x, step, axis=-1)).all()


@pytest.mark.parametrize("side", [1, 2, 5])
def test_quarter_turns_are_rot90(side: int) -> None:
    image = np.random.default_rng(1).normal(size=(side, side))
    turns = quarter_turns(side, range(-1, 5))
    for g, k in enumerate(range(-1, 5)):
        assert (turns.act(g, image.ravel()) == np.rot90(image, k).ravel()).all()


def test_even_quarter_turn_is_a_shift_of_pixels_in_fours() -> None:
    row = quarter_turns(6, [1]).permutations[0]
    power = row
    for _ in range(3):
        assert (power != np.arange(36)).all()
        power = power[row]
    assert (power == np.arange(36)).all()


def test_inverses() -> None:
    shifts = cyclic_shifts(12, [0, 3, 6, 9])
    assert shifts.inverse_index().tolist() == [0, 3, 2, 1]
    assert shifts.closed_under_inversion
    assert cyclic_shifts(12, [0, 3, 1]).inverse_index().tolist() == [0, -1, -1]
    assert not cyclic_shifts(12, [0, 3, 1]).closed_under_inversion
    assert not cyclic_shifts(12, [0, 3, 9], [0.2, 0.5, 0.3]).closed_under_inversion


def test_repeated_permutations_share_their_probability() -> None:
    turns = cyclic_shifts(12, [3, 3, 9], [0.2, 0.3, 0.5])
    assert turns.closed_under_inversion
    assert turns.inverse_index().tolist() == [2, 2, 0]


def test_a_missing_inverse_of_probability_zero_is_no_asymmetry() -> None:
    assert cyclic_shifts(12, [0, 3], [1.0, 0.0]).closed_under_inversion


def test_arrays_are_read_only_and_copied() -> None:
    rows = np.array([[0, 1]])
    turns = Transformations(rows)
    rows[0, 0] = 1
    assert turns.permutations.tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="read-only"):
        turns.permutations[0, 0] = 1


@pytest.mark.parametrize(
    ("permutations", "message"),
    [
        ([[0, 1], [1, 1]], r"^permutations\[1\] must be a permutation of 0\.\.1, got \[1 1\]$"),
        ([[-1, 0]], r"^permutations\[0\] must be a permutation of 0\.\.1, got \[-1  0\]$"),
        ([0, 1], r"^permutations must have 2 dimensions, got shape \(2,\)$"),
        (np.empty((0, 3), dtype=int), r"^permutations must not be empty, got shape \(0, 3\)$"),
        ([[0.0, 1.0]], r"^permutations must be an array of integers, got dtype float64$"),
        ([[0, 1], [0]], r"^permutations must be a rectangular array, got \[\[0, 1\], \[0\]\]$"),
    ],
)
def test_refused(permutations: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Transformations(permutations)  # type: ignore[arg-type]


def test_refused_probabilities_and_constructors() -> None:
    with pytest.raises(ValueError, match=r"^probabilities must sum to 1, got sum 0.9$"):
        Transformations([[0, 1], [1, 0]], [0.5, 0.4])
    with pytest.raises(ValueError, match=r"^length must be >= 1, got 0$"):
        cyclic_shifts(0, [0])
    with pytest.raises(ValueError, match=r"^steps must be 1 to 1048576 integers, got none$"):
        cyclic_shifts(4, [])
    with pytest.raises(ValueError, match=r"^steps must be an integer, got 0.5$"):
        cyclic_shifts(4, [0.5])  # type: ignore[list-item]
    with pytest.raises(ValueError, match=r"^turns must be 1 to 1048576 integers, got none$"):
        quarter_turns(4, [])
    with pytest.raises(ValueError, match=r"^side must be an integer, got 4.0$"):
        quarter_turns(4.0)  # type: ignore[arg-type]


def test_wrong_inputs_are_refused() -> None:
    shifts = cyclic_shifts(4, [0, 1])
    with pytest.raises(ValueError, match=r"^g must be <= 1, got 2$"):
        shifts.act(2, np.ones(4))
    for call in (lambda x: shifts.act(0, x), shifts.apply):
        with pytest.raises(
            ValueError, match=r"^x must have shape \(\.\.\., 4\), got shape \(3,\)$"
        ):
            call(np.ones(3))
        with pytest.raises(ValueError, match=r"^x must be finite, got nan$"):
            call(np.full(4, np.nan))
    with pytest.raises(ValueError, match=r"^length must be <= 16777216, got 1000000000$"):
        cyclic_shifts(10**9, [0])
    with pytest.raises(ValueError, match=r"^side must be <= 4096, got 100000$"):
        quarter_turns(10**5)
    with pytest.raises(ValueError, match=r"^steps must be integers, got 3$"):
        cyclic_shifts(4, 3)  # type: ignore[arg-type]
