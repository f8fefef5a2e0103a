import re

import numpy as np
import pytest
from scipy import stats

from paper_figures.from_records.against_theory.deviations import caption, deviations, draw
from simulations.records import Record


def record(count=1000, trials=500, factor=1.0):
    """Counts of right predictions, or of predictions that are off by a factor."""
    rng = np.random.default_rng(8)
    rows = [
        {"kind": "match", "setting": "rotating-bump", "successes": int(rng.binomial(trials, p)),
         "trials": trials, "expected": factor * p, "draw": rng.uniform()}
        for p in rng.uniform(0.01, 0.98, count)
    ]  # fmt: skip
    return Record("random-settings", {"profile": "smoke"}, rows)


def test_deviations_are_standard_normal_even_where_errors_are_few():
    found = deviations(record(trials=10))
    assert stats.kstest(found, "norm").pvalue > 0.001
    assert np.mean(found) == pytest.approx(0.0, abs=0.15)
    assert np.std(found) == pytest.approx(1.0, abs=0.1)


def test_a_deviation_is_that_of_its_count():
    row = {"kind": "match", "setting": "a", "successes": 3, "trials": 10, "expected": 0.4}
    (found,) = deviations(Record("r", {}, [{**row, "draw": 0.25}]))
    quantile = stats.binom.cdf(2, 10, 0.4) + 0.25 * stats.binom.pmf(3, 10, 0.4)
    assert found == pytest.approx(stats.norm.ppf(quantile))
    assert deviations(Record("r", {}, [{**row, "trials": 10**6, "draw": 0.25}])) == [-8.0]


@pytest.mark.parametrize("count", [1, 10**6 - 1])
def test_the_far_tail_keeps_its_digits(count):
    expected = 0.999999 if count > 1 else 1e-6
    row = {"kind": "match", "successes": count, "trials": 10**6, "expected": expected}
    (found,) = deviations(Record("r", {}, [{**row, "draw": 0.5}]))
    assert abs(found) < 1.0


def test_predictions_that_are_off_are_found():
    fit = stats.kstest(deviations(record(factor=0.9)), "norm").pvalue
    assert fit < 1e-6


def test_panels_show_all_deviations_and_their_law():
    drawn = record()
    left, right = draw(drawn).axes
    assert sum(patch.get_height() for patch in left.patches if hasattr(patch, "get_height")) == 1000
    found = right.lines[1]
    assert np.array_equal(found.get_ydata(), np.sort(deviations(drawn)))
    low, high = right.collections[0].get_paths()[0].vertices[:, 1].min(), found.get_ydata()
    assert low < high[0]
    # the band of the median is narrow, that of the extremes wide
    band = stats.beta(500, 501)
    assert np.diff(stats.norm.ppf(band.ppf([0.025, 0.975])))[0] < 0.16


def test_the_caption_tells_both_tests():
    drawn = record()
    words = caption(drawn)
    fit = stats.kstest(deviations(drawn), "norm").pvalue
    assert f"p = {fit:.2g}. For" in words.see
    assert re.search(r"each of 500 settings", words.settings)
    assert words.images == "500 samples in full dimension for each accuracy."
