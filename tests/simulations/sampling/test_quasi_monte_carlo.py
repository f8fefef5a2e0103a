import numpy as np
import pytest
from scipy.special import stdtrit

from simulations.classifiers.halfspace import Halfspace
from simulations.classifiers.optimal import nearest_template
from simulations.sampling.accuracy import spatial_accuracy, spatial_sampler, streams
from simulations.sampling.quasi_monte_carlo import ReplicatedMean, quasi_accuracy
from tests.chance import converges_like, proportion_at_least
from tests.simulations.settings import D, small_setting
from theory.frontiers.halfspaces import halfspace_accuracies

SETTING = small_setting()
HALFSPACE = Halfspace(np.random.default_rng(2).normal(size=D), 0.1)
TRUTH = halfspace_accuracies(SETTING, HALFSPACE.normal, HALFSPACE.offset)[0]


def measure(points, replicates, seed):
    (rng,) = streams(seed, 1)
    law = spatial_sampler(SETTING, HALFSPACE)
    return quasi_accuracy(law, HALFSPACE.correct, points, replicates, rng=rng)


def test_the_estimate_is_right_and_far_more_precise_than_independent_samples():
    found = measure(4096, 16, 31)
    independent = np.sqrt(TRUTH * (1 - TRUTH) / (4096 * 16))
    assert abs(found.value - TRUTH) < 20 * found.error
    assert found.error < independent / 10


def test_one_score_converges_like_the_number_of_points():
    sizes = [2**m for m in range(4, 12)]
    errors = [measure(size, 64, 32).error for size in sizes]
    assert converges_like(sizes, errors, -1.0, 0.2)
    assert not converges_like(sizes, errors, -0.5, 0.2)


def test_several_scores_converge_faster_than_independent_samples():
    templates = nearest_template(small_setting(labels=(0, 1, 2)))
    law = spatial_sampler(SETTING, templates)
    (rng,) = streams(33, 1)
    sizes = [2**m for m in range(5, 12)]
    errors = [quasi_accuracy(law, templates.correct, size, 32, rng=rng).error for size in sizes]
    assert converges_like(sizes, errors, -0.65, 0.14)


def test_several_scores_agree_with_independent_samples():
    setting = small_setting(labels=(0, 1, 2))
    templates = nearest_template(setting)
    law = spatial_sampler(setting, templates)
    rngs = streams(34, 2)
    quasi = quasi_accuracy(law, templates.correct, 2048, 16, rng=rngs[0])
    lower, upper = spatial_accuracy(setting, templates, 400_000, rng=rngs[1]).interval(1 - 1e-9)
    assert lower <= quasi.value <= upper


def test_intervals_cover_near_their_nominal_level():
    covered = 0
    for seed in range(150):
        lower, upper = measure(64, 16, 1000 + seed).interval(0.9)
        covered += lower <= TRUTH <= upper
    assert proportion_at_least(covered, 150, 0.88)
    assert covered < 150


def test_the_interval_is_students():
    mean = ReplicatedMean(np.array([0.1, 0.2, 0.3]))
    assert mean.value == pytest.approx(0.2)
    assert mean.error == pytest.approx(0.1 / np.sqrt(3))
    lower, upper = mean.interval(0.95)
    assert (upper - lower) / 2 == pytest.approx(stdtrit(2, 0.975) * 0.1 / np.sqrt(3))


@pytest.mark.parametrize(
    ("points", "replicates", "message"),
    [
        (100, 8, "points must be a power of two, got 100"),
        (1, 8, "points must be >= 2, got 1"),
        (64, 1, "replicates must be >= 2, got 1"),
    ],
)
def test_bad_sizes_are_refused(points, replicates, message):
    with pytest.raises(ValueError, match=message):
        measure(points, replicates, 0)


def test_constant_classifiers_are_refused():
    (rng,) = streams(0, 1)
    constant = Halfspace(np.zeros(D), 1.0)
    with pytest.raises(ValueError, match="scores must vary for quasi-Monte Carlo"):
        quasi_accuracy(spatial_sampler(SETTING, constant), constant.correct, 64, 8, rng=rng)


def test_bad_confidence_is_refused():
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 0"):
        ReplicatedMean(np.array([0.1, 0.2])).interval(0.0)
