import numpy as np
import pytest

from theory.canonical import distinct_rows, on_grid, span_coordinates

RNG = np.random.default_rng(61)


@pytest.mark.parametrize("bits", [1, 10, 30])
def test_rounding_is_as_coarse_as_its_bits(bits):
    values = RNG.normal(size=2000)
    rounded = on_grid(values, bits)
    step = 0.5**bits * np.abs(values).max()
    assert np.abs(rounded - values).max() < 1.4 * step
    assert len(np.unique(rounded)) <= 1.6 * 2**bits + 1
    assert (on_grid(-values, bits) == -rounded).all()
    assert (on_grid(2.0**-700 * values, bits) == 2.0**-700 * rounded).all()


@pytest.mark.parametrize("largest", [1.0, 0.5, 0.3, 3.0])
def test_last_bits_are_forgotten_at_a_power_of_two_as_well(largest):
    values = largest * np.append(RNG.uniform(-1.0, 1.0, size=500), [1.0, 0.5, 0.25 + 2.0**-11])
    for factor in (1.0 - 1e-12, 1.0 + 1e-12):
        assert (on_grid(factor * values, 10) == on_grid(values, 10)).all()


def test_rounding_leaves_zero_and_refuses_no_bits():
    assert (on_grid(np.zeros(3), 10) == 0.0).all()
    assert on_grid(np.zeros(0), 10).shape == (0,)
    assert on_grid(np.array([1.0, 1e-17]), 10).tolist() == [1.0, 0.0]
    with pytest.raises(ValueError, match="bits must be >= 1, got 0"):
        on_grid(np.ones(2), 0)


@pytest.mark.parametrize(("shape", "rank"), [((5, 9), 5), ((9, 5), 3), ((1, 4), 1), ((6, 1), 1)])
def test_coordinates_keep_inner_products(shape, rank):
    vectors = RNG.normal(size=(shape[0], rank)) @ RNG.normal(size=(rank, shape[1]))
    for unit in (1.0, 1e-150, 1e150):
        found = span_coordinates(unit * vectors) / unit
        assert found.shape == (shape[0], rank)
        assert found @ found.T == pytest.approx(vectors @ vectors.T, abs=1e-13)


def test_no_vectors_but_zero_span_nothing():
    assert span_coordinates(np.zeros((3, 4))).shape == (3, 0)


@pytest.mark.parametrize("vectors", [np.eye(6), np.repeat(np.eye(3), 2, axis=0), np.ones((4, 5))])
def test_coordinates_do_not_hang_on_the_last_bits(vectors):
    """Singular vectors of repeated values do: any rotation of them is as good."""
    turn = np.linalg.qr(RNG.normal(size=(vectors.shape[1],) * 2))[0]
    assert span_coordinates(vectors @ turn) == pytest.approx(span_coordinates(vectors), abs=1e-13)
    shaken = vectors + 1e-15 * RNG.normal(size=vectors.shape)
    assert span_coordinates(shaken) == pytest.approx(span_coordinates(vectors), abs=1e-13)


def test_distinct_rows_come_in_their_order():
    rows = np.array([[2.0, 1.0], [0.0, 5.0], [2.0, 1.0], [1.0, 1.0], [0.0, 5.0]])
    first, place = distinct_rows(rows)
    assert first.tolist() == [0, 1, 3]
    assert place.tolist() == [0, 1, 0, 2, 1]


def test_directions_of_any_size_are_kept():
    """Remainders fall by ten orders of magnitude on the way, past the digits of their squares."""
    vectors = RNG.normal(size=(500, 60)) * np.geomspace(1.0, 1e-10, 60)
    found = span_coordinates(vectors)
    assert found.shape == (500, 60)
    sizes = np.linalg.svd(vectors, compute_uv=False)
    assert np.linalg.svd(found, compute_uv=False) == pytest.approx(sizes, rel=1e-6)
    assert span_coordinates(vectors, floor=1e-3).shape[1] < 30
