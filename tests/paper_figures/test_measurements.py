import numpy as np
import pytest

from paper_figures.measurements import (
    distinct,
    error_bars,
    estimate,
    radius,
    rows,
    spread,
    summarise,
)
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


@pytest.mark.parametrize(
    # 97.5 % quantiles of Student's law with one and two degrees of freedom
    ("counts", "quantile"),
    [((900, 950), 12.7062), ((900, 910, 950), 4.30265)],
)
def test_several_seeds_have_an_interval_over_seeds_and_images(counts, quantile):
    measured = spread(
        [synthetic.row("natural", "clean", 0.0, k, seed=s) for s, k in enumerate(counts)]
    )
    shares = np.array(counts) / 1000
    assert measured.mean == pytest.approx(shares.mean())
    seeds = quantile * shares.std(ddof=1) / np.sqrt(len(counts))
    low, high = np.mean([clopper_pearson(k, 1000, 0.95) for k in counts], axis=0)
    upper = shares.mean() + np.hypot(seeds, high - shares.mean())
    assert measured.upper == pytest.approx(min(upper, 1.0), abs=1e-5)
    lower = shares.mean() - np.hypot(seeds, shares.mean() - low)
    assert measured.lower == pytest.approx(max(lower, 0.0), abs=1e-5)
    below, above = error_bars([measured])
    assert below == [pytest.approx(measured.mean - measured.lower)]
    assert above == [pytest.approx(measured.upper - measured.mean)]


@pytest.mark.parametrize("seeds", [2, 3])
def test_seeds_that_agree_have_at_least_the_interval_of_their_images(seeds):
    none = spread([{"seed": s, "successes": 0, "trials": 100} for s in range(seeds)])
    assert (none.mean, none.lower) == (0.0, 0.0)
    assert none.upper == pytest.approx(clopper_pearson(0, 100, 0.95)[1])
    same = spread([{"seed": s, "successes": 16, "trials": 100} for s in range(seeds)])
    assert (same.lower, same.upper) == pytest.approx(clopper_pearson(16, 100, 0.95))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("deviation", [0.0, 1.0, 4.0, 20.0])
@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_intervals_cover_the_mean_over_seeds_and_images(seeds, deviation, shared):
    rng = np.random.default_rng(8)
    drawn = rng.normal(0.0, deviation, (2000, seeds))
    drawn += rng.normal(0.0, 1.0, (2000, 1 if shared else seeds))
    hits = 0
    for values in drawn.tolist():
        found = summarise(values, [(value - 1.96, value + 1.96) for value in values])
        hits += found.lower <= 0.0 <= found.upper
    assert hits / len(drawn) > 0.93


def test_a_third_seed_between_two_narrows_the_interval():
    def width(*means):
        found = summarise(means, [(mean - 3e-4, mean + 3e-4) for mean in means])
        return found.upper - found.lower

    assert width(0.01, 0.015, 0.02) < width(0.01, 0.02)


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
