import numpy as np
import pytest
from scipy import stats

from simulations.estimates import BoundedMean, CrossedMean, Estimate
from tests.chance import proportion_at_least


def test_prints_value_and_interval():
    assert str(Estimate(8121, 10_000)) == "0.812 [0.804, 0.820]"


def test_value_and_pooling():
    assert Estimate(1, 4).value == 0.25
    assert Estimate(1, 4) + Estimate(2, 6) == Estimate(3, 10)


def test_ends_of_the_range():
    assert Estimate(0, 10).interval()[0] == 0.0
    assert Estimate(10, 10).interval()[1] == 1.0
    assert Estimate(0, 10).interval(0.95)[1] == pytest.approx(1 - 0.025**0.1, rel=1e-12)


def test_numpy_counts_are_accepted():
    assert Estimate(np.int64(3), np.int32(5)) == Estimate(3, 5)


@pytest.mark.parametrize("probability", [0.003, 0.2, 0.5, 0.97])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_intervals_cover_at_their_nominal_level(probability, confidence):
    rng = np.random.default_rng(41)
    repetitions, trials = 10_000, 200
    counts, occurrences = np.unique(
        rng.binomial(trials, probability, size=repetitions), return_counts=True
    )

    def covered(level):
        hits = 0
        for count, times in zip(counts, occurrences, strict=True):
            lower, upper = Estimate(int(count), trials).interval(level)
            hits += int(times) * (lower <= probability <= upper)
        return hits

    assert proportion_at_least(covered(confidence), repetitions, confidence)
    # an interval that claims more than it is made for is found out
    assert not proportion_at_least(covered(confidence - 0.25), repetitions, 0.998)


@pytest.mark.parametrize(
    ("successes", "trials", "message"),
    [
        (3, 2, "successes must be <= trials, got 3 of 2"),
        (-1, 2, "successes must be >= 0, got -1"),
        (0, 0, "trials must be >= 1, got 0"),
        (0.5, 2, "successes must be an integer, got 0.5"),
    ],
)
def test_bad_counts_are_refused(successes, trials, message):
    with pytest.raises(ValueError, match=message):
        Estimate(successes, trials)


def test_bad_confidence_is_refused():
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 1"):
        Estimate(1, 2).interval(1.0)


@pytest.mark.parametrize("probability", [0.01, 0.5])
def test_intervals_of_means_cover_at_their_nominal_level(probability):
    rng = np.random.default_rng(42)
    repetitions, trials = 10_000, 100
    values = 3.0 * (rng.random((repetitions, trials)) < probability)
    moments = zip(values.mean(axis=1), values.var(axis=1, ddof=1), strict=True)
    covered = narrow = 0
    for mean, variance in moments:
        lower, upper = BoundedMean(float(mean), float(variance), trials, 3.0).interval(0.9)
        covered += lower <= 3.0 * probability <= upper
        normal = 1.645 * np.sqrt(variance / trials)
        narrow += abs(mean - 3.0 * probability) <= normal
    assert proportion_at_least(covered, repetitions, 0.9)
    if probability == 0.01:  # where the normal approximation fails
        assert not proportion_at_least(narrow, repetitions, 0.9)


def test_intervals_of_means_shrink_with_the_count_and_stay_in_range():
    wide, narrow = BoundedMean(0.2, 0.01, 20, 1.0), BoundedMean(0.2, 0.01, 10_000, 1.0)
    lower, upper = narrow.interval()
    assert wide.interval()[0] == 0.0
    assert wide.interval()[1] > upper > 0.2 > lower > 0.15
    assert BoundedMean(0.99, 0.0, 2, 1.0).interval()[1] == 1.0
    assert str(narrow) == "0.2 [0.196, 0.204]"
    assert narrow.value == 0.2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.1, 0.1, 1, 1.0), "count must be >= 2, got 1"),
        ((-0.1, 0.1, 9, 1.0), "mean must be >= 0, got -0.1"),
        ((0.1, float("nan"), 9, 1.0), "variance must be a real number, got nan"),
        ((2.0, 0.1, 9, 1.0), "mean must be <= bound, got 2 > 1"),
    ],
)
def test_bad_means_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        BoundedMean(*arguments)


def test_bad_confidence_of_means_is_refused():
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 0"):
        BoundedMean(0.1, 0.1, 9, 1.0).interval(0)


def crossed(outcomes):
    """Counts of outcomes (seeds, images)."""
    together = outcomes.sum(0, dtype=int)
    return CrossedMean(
        tuple(int(k) for k in outcomes.sum(1)), int((together**2).sum()), outcomes.shape[1]
    )


def test_crossed_means_are_those_of_the_analysis_of_variance():
    rng = np.random.default_rng(3)
    easy = np.array([0.1, 0.25, 0.3, 0.45])[:, None]
    outcomes = rng.random((4, 60)) < easy + 0.3 * rng.random(60)
    found, (seeds, images) = crossed(outcomes), outcomes.shape
    variance = outcomes.mean(1).var(ddof=1) / seeds, outcomes.mean(0).var(ddof=1) / images
    quantiles = stats.t.ppf(0.975, [seeds - 1, images - 1])
    half = np.sqrt(quantiles**2 @ variance)
    assert found.value == pytest.approx(outcomes.mean())
    assert found.interval() == pytest.approx((found.value - half, found.value + half))


@pytest.mark.parametrize("seeds", [3, 5])
@pytest.mark.parametrize("mean", [0.5, 0.88, 0.97, 0.999])
@pytest.mark.parametrize(("of_seeds", "of_images"), [(0.0, 1.5), (0.1, 1.5), (0.1, 0.3)])
def test_crossed_intervals_cover_new_seeds_and_images(seeds, mean, of_seeds, of_images):
    """Probit effects of both; intervals of pooled counts, as if all were independent, fail."""
    rng, repetitions, images = np.random.default_rng(5), 400, 1000
    middle = stats.norm.ppf(mean) * np.sqrt(1 + of_seeds**2 + of_images**2)
    covered = pooled = 0
    for _ in range(repetitions):
        effects = of_seeds * rng.standard_normal((seeds, 1))
        effects = effects + of_images * rng.standard_normal(images)
        outcomes = middle + effects + rng.standard_normal((seeds, images)) > 0
        lower, upper = crossed(outcomes).interval()
        covered += lower <= mean <= upper
        lower, upper = Estimate(int(outcomes.sum()), outcomes.size).interval()
        pooled += lower <= mean <= upper
    assert proportion_at_least(covered, repetitions, 0.95)
    if of_seeds and mean < 0.9:
        assert not proportion_at_least(pooled, repetitions, 0.95)


def test_crossed_intervals_never_collapse():
    nothing = CrossedMean((0, 0, 0), 0, 2000).interval()
    assert nothing == pytest.approx(Estimate(0, 2000).interval())
    everything = CrossedMean((2000,) * 3, 9 * 2000, 2000).interval()
    assert everything == pytest.approx(Estimate(2000, 2000).interval())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (((3,), 3, 5), "successes must be of >= 2 networks, got 1"),
        (((3, 6), 30, 5), "successes must be <= images, got 6 of 5"),
        (((3, 3), 13, 5), "shared must fit 6 successes of 2 networks, got 13"),
        (((3, 3), 7, 5), "shared must fit 6 successes of 2 networks, got 7"),
        (((3, 3), 8, 1), "images must be >= 2, got 1"),
    ],
)
def test_impossible_crossed_counts_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        CrossedMean(*arguments)
