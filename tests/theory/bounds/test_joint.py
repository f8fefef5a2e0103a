from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import ndtr

from tests.theory.settings import random_setting
from theory import catalogue
from theory.bounds.joint import joint_bound, joint_bounds
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

SAMPLES = 1 << 14


def fresh(seed=0):
    return np.random.default_rng(seed)


def pair(gap, epsilon, share=0.5):
    means = [[gap / 2, 0.0], [-gap / 2, 0.0]]
    mixture = GaussianMixture(means, [1, 0], [share, 1 - share])
    return Setting(mixture, Transformations([[0, 1]]), epsilon)


def test_one_pair_under_attack_alone_is_the_known_optimum():
    # the two means can be brought together by 2 epsilon: Phi(gap / 2 - epsilon)
    bound = joint_bound(pair(3.0, 0.5), 0.0, rng=fresh())
    assert bound.samples == 0
    assert bound.kind == "certified"
    assert bound.confidence == 1.0
    assert bound.upper == pytest.approx(ndtr(1.0), abs=2e-4)
    assert bound.upper >= ndtr(1.0) - 1e-9


def test_no_attack_is_the_bayes_accuracy():
    bound = joint_bound(pair(3.0, 0.5), 1.0, rng=fresh())
    assert bound.estimate == pytest.approx(ndtr(1.5), abs=1e-6)


@settings(max_examples=5)
@given(st.integers(0, 1000), st.integers(0, 1000), st.floats(0.0, 1.0))
def test_no_halfspace_beats_it(seed, direction, weight):
    setting = random_setting(seed)
    rng = fresh(direction)
    spatial, adversarial = halfspace_accuracies(setting, rng.normal(size=6), rng.normal())
    bound = joint_bound(setting, weight, rng=rng, samples=SAMPLES)
    assert weight * spatial + (1 - weight) * adversarial <= bound.upper


def test_the_best_halfspace_beats_a_bound_one_per_cent_lower():
    setting = pair(2.0, 0.3)
    found = halfspace_frontier(setting, 0.0)
    bound = joint_bound(setting, 0.0, rng=fresh())
    assert found.value[0] <= bound.upper
    assert found.value[0] > 0.99 * bound.upper


def test_sampling_agrees_with_the_enclosure():
    setting = pair(2.0, 0.3)
    flat = joint_bound(setting, 0.5, rng=fresh())
    # means in general position span four dimensions but for tiny displacements
    means = np.zeros((6, 6))
    means[:, :2] = np.repeat(setting.mixture.means, 3, axis=0)
    means += 1e-6 * fresh(1).normal(size=(6, 6))
    mixture = GaussianMixture(means, [1, 1, 1, 0, 0, 0])
    high = Setting(mixture, Transformations([range(6)]), 0.3)
    sampled = joint_bound(high, 0.5, rng=fresh(), samples=1 << 17)
    assert sampled.dimension > 3
    assert sampled.estimate - 0.003 < flat.estimate <= sampled.upper + 1e-3


def test_the_cost_does_not_depend_on_the_dimension_of_inputs():
    setting = random_setting(4)
    padded = Setting(
        GaussianMixture(
            np.pad(setting.mixture.means, ((0, 0), (0, 100))),
            setting.mixture.labels,
            setting.mixture.weights,
            setting.mixture.sigma,
        ),
        Transformations(
            [np.append(row, np.arange(6, 106)) for row in setting.transformations.permutations],
            setting.probabilities,
        ),
        setting.epsilon,
    )
    small = joint_bound(setting, 0.5, rng=fresh(), samples=SAMPLES)
    large = joint_bound(padded, 0.5, rng=fresh(), samples=SAMPLES)
    assert large.dimension == small.dimension
    assert large.estimate == pytest.approx(small.estimate, abs=0.01)


def test_three_classes():
    setting = random_setting(7, components=6, classes=3)
    bound = joint_bound(setting, 0.5, rng=fresh(), samples=SAMPLES)
    assert 1 / 3 <= bound.estimate <= bound.upper <= 1.0


def test_attack_weights_are_distributions_and_beat_the_uniform_start():
    setting = catalogue.defaults()["orientation-texture"]
    bound = joint_bound(setting, 0.5, rng=fresh(), samples=1 << 16)
    assert np.allclose(np.bincount(bound.owner, bound.attack_weights), 1.0)
    assert 0.868 < bound.estimate <= bound.upper < 0.885


def test_spatial_accuracy_reads_the_line():
    bound = joint_bound(pair(3.0, 0.2), 0.4, rng=fresh())
    accuracy = np.array([0.0, 0.8, 1.0])
    line = (bound.upper - 0.6 * accuracy) / 0.4
    assert np.allclose(bound.spatial_accuracy(accuracy), np.clip(line, 0, 1))


def test_several_weights_share_the_confidence():
    bounds = joint_bounds(random_setting(0), [0.2, 0.8], rng=fresh(), samples=SAMPLES)
    assert [bound.weight for bound in bounds] == [0.2, 0.8]
    assert all(1 - bound.confidence == pytest.approx(5e-7) for bound in bounds)


def test_bad_input():
    setting = random_setting(0)
    with pytest.raises(ValueError, match=r"weight must lie in \[0, 1\], got 1.5"):
        joint_bound(setting, 1.5, rng=fresh())
    with pytest.raises(ValueError, match=r"^weights must be 1 to \d+ numbers, got none$"):
        joint_bounds(setting, [], rng=fresh())
    with pytest.raises(ValueError, match="samples must be >= 1024, got 10"):
        joint_bound(setting, 0.5, rng=fresh(), samples=10)
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 1.0"):
        joint_bound(setting, 0.5, rng=fresh(), confidence=1.0)


def test_components_far_apart_in_a_small_span_are_all_seen():
    """A perfect halfspace exists: no limit may lie below it."""
    means = [[0, 0, 0], [3, 0, 0], [0, 3.39, 0], [0, 0, 3.78]]
    mixture = GaussianMixture(means, [0, 1, 0, 1], sigma=0.01)
    setting = Setting(mixture, Transformations([range(3)]), 0.0)
    bound = joint_bound(setting, 0.5, rng=np.random.default_rng(0))
    assert bound.kind == "certified"
    assert bound.upper == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("offset", [0.0, 1e8, 1e9])
def test_a_common_offset_changes_nothing(offset):
    means = np.array([[1.0, 0.0], [-1.0, 0.0]]) + offset
    setting = Setting(GaussianMixture(means, [0, 1]), Transformations([[0, 1]]), 0.0)
    bound = joint_bound(setting, 0.5, rng=np.random.default_rng(0))
    assert bound.upper == pytest.approx(ndtr(1.0), abs=1e-5)
    assert bound.upper >= ndtr(1.0)


def test_a_short_real_direction_is_kept():
    """Two classes that differ by two standard deviations beside a million of others."""
    means = np.array([[0.0, 0.0], [0.0, 2.0], [1e13, 0.0], [1e13, 2.0]])
    covariance = np.diag([1e12, 1.0])
    setting = Setting(
        GaussianMixture(means, [0, 1, 0, 1], covariance=covariance), Transformations([[0, 1]]), 0.0
    )
    bound = joint_bound(setting, 0.5, rng=np.random.default_rng(0))
    assert ndtr(1.0) <= bound.upper <= ndtr(1.0) + 1e-4


def test_what_double_precision_cannot_carry_is_refused():
    setting = Setting(
        GaussianMixture([[0.0], [1e15]], [0, 1], sigma=1e-3), Transformations([[0]]), 0.0
    )
    with pytest.raises(ValueError, match="means must be near enough to each other for double prec"):
        joint_bound(setting, 0.5, rng=np.random.default_rng(0))


def test_shifts_that_cancel_far_means_keep_their_rounding():
    """The balls around two far means nearly touch: what is left between them is rounding's."""
    unit = 2.0**-16
    far = int(9.2e10 / unit) | 1
    right, left = far * unit, (far - 1) * unit
    epsilon = float((Fraction(right) + Fraction(left) - Fraction(unit) - 1) / 2)
    least = 1e-12
    mixture = GaussianMixture(
        [[unit / 2], [right], [-left]], [2, 0, 1], [least, (1 - least) / 2, (1 - least) / 2]
    )
    setting = Setting(mixture, Transformations([[0]]), epsilon)
    between = Fraction(right) + Fraction(left) - 2 * Fraction(epsilon)
    reached = (1 - least) * ndtr(float(between / 2))
    (bound,) = joint_bounds(setting, [0.0])
    assert bound.upper >= reached
