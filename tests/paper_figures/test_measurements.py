import numpy as np
import pytest

from paper_figures.measurements import distinct, error_bars, estimate, radius, rows, spread
from simulations.estimates import CrossedMean
from simulations.records import Record
from tests.paper_figures import synthetic
from theory.confidence import clopper_pearson


def test_rows_select_by_every_condition():
    record = synthetic.mnist_rotation()
    found = rows(record, measure="rotation", degrees=30.0)
    assert [row["seed"] for row in found] == [0, 1, 2]
    assert distinct(rows(record, measure="rotation"), "degrees") == [0.0, 30.0, 60.0, 180.0]


def test_rows_say_what_is_missing():
    record = synthetic.mnist_rotation()
    with pytest.raises(ValueError, match="must have rows with measure='joint', got none"):
        rows(record, measure="joint")
    with pytest.raises(ValueError, match="must have 'colour', got none in row 0"):
        rows(record, colour="red")


@pytest.mark.parametrize(
    ("epsilon", "text"),
    [(0.1, "0.1"), (0.2, "0.2"), (8 / 255, "8/255"), (0.5 / 255, "0.00196"), (0.3456, "0.346")],
)
def test_radii_of_bytes_are_read_in_steps(epsilon, text):
    assert radius(epsilon) == text


def test_one_seed_has_the_exact_binomial_interval():
    measured = spread([synthetic.row("natural", "clean", 0.0, 970)])
    assert (measured.lower, measured.upper) == clopper_pearson(970, 1000, 0.95)
    assert measured.values == (0.97,)


def test_several_seeds_have_students_interval():
    counts = (900, 910, 950)
    measured = spread(
        [synthetic.row("natural", "clean", 0.0, k, seed=s) for s, k in enumerate(counts)]
    )
    assert measured.mean == pytest.approx(0.92)
    # 4.30265 is the 97.5 % quantile of Student's law with two degrees of freedom
    half = 4.30265 * np.std([0.9, 0.91, 0.95], ddof=1) / np.sqrt(3)
    assert measured.upper == pytest.approx(min(0.92 + half, 1.0), abs=1e-5)
    assert measured.lower == pytest.approx(0.92 - half, abs=1e-5)
    below, above = error_bars([measured])
    assert below == [pytest.approx(half, abs=1e-5)]
    assert above == [pytest.approx(measured.upper - 0.92)]


def test_seeds_that_agree_have_at_least_the_interval_of_their_images():
    none = spread([{"seed": s, "successes": 0, "trials": 100} for s in range(3)])
    assert (none.mean, none.lower) == (0.0, 0.0)
    assert none.upper == pytest.approx(clopper_pearson(0, 100, 0.95)[1])
    close = spread([{"seed": s, "successes": k, "trials": 100} for s, k in enumerate((15, 16, 17))])
    own = [clopper_pearson(k, 100, 0.95) for k in (15, 16, 17)]
    assert close.lower == pytest.approx(np.mean([low for low, _ in own]))
    assert close.upper == pytest.approx(np.mean([high for _, high in own]))


def test_two_seeds_span_the_intervals_of_both():
    low, high = (
        synthetic.row("natural", "clean", 0.0, k, seed=s) for s, k in enumerate((400, 600))
    )
    measured = spread([low, high])
    assert measured.mean == 0.5
    assert measured.lower == clopper_pearson(400, 1000, 0.95)[0]
    assert measured.upper == clopper_pearson(600, 1000, 0.95)[1]


def test_students_interval_covers_the_mean_of_normal_seeds():
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(2000):
        counts = np.rint(1e6 * rng.normal(0.5, 0.01, size=3)).astype(int).tolist()
        item = spread([{"seed": s, "successes": k, "trials": 10**6} for s, k in enumerate(counts)])
        hits += item.lower <= 0.5 <= item.upper
    assert 1830 < hits < 1960  # 95 % of 2000 within six standard deviations


def test_rows_that_say_what_seeds_share_have_intervals_over_seeds_and_images():
    counts = (960, 950, 955)
    measured = [
        {"seed": seed, "successes": count, "trials": 1000, "shared": count + 2 * 940}
        for seed, count in enumerate(counts)
    ]
    found, crossed = spread(measured), CrossedMean(counts, sum(counts) + 6 * 940, 1000)
    assert (found.lower, found.upper) == crossed.interval()
    assert found.mean == pytest.approx(crossed.value)
    assert found.values == (0.96, 0.95, 0.955)
    del measured[1]["shared"]
    assert spread(measured) != found


def test_spread_refuses_two_rows_of_one_seed():
    twice = [synthetic.row("natural", "clean", 0.0, 970)] * 2
    with pytest.raises(ValueError, match=r"must be one per seed, got seeds \[0, 0\]"):
        spread(twice)


def test_estimate_refuses_rows_without_counts():
    with pytest.raises(ValueError, match="must count successes and trials, got"):
        estimate(Record("x", {}, [{"value": 1.0}]).rows[0])
