import numpy as np
import pytest
from scipy.special import log_ndtr, ndtri

from simulations.classifiers.halfspace import Halfspace
from simulations.classifiers.optimal import nearest_template
from simulations.classifiers.templates import Templates
from simulations.sampling.accuracy import (
    adversarial_sampler,
    spatial_accuracy,
    spatial_sampler,
    streams,
)
from simulations.sampling.importance_sampling import nearest_point, rare_error
from tests.chance import proportion_at_least
from tests.simulations.settings import D, circulant, small_setting
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.setting.catalogue import defaults
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts


def symmetric(distance):
    """Two classes whose halfspace errs with probability Phi(-distance)."""
    mean = np.full(D, distance / np.sqrt(D))
    mixture = GaussianMixture(np.stack([-mean, mean]), [0, 1])
    return Setting(mixture, cyclic_shifts(D, [0, 3]), 0.1), Halfspace(np.ones(D), 0.0)


@pytest.mark.parametrize("error", [0.3, 1e-3, 1e-6, 1e-12, 1e-100])
def test_rare_errors_of_halfspaces_match_the_closed_form(error):
    setting, halfspace = symmetric(-ndtri(error))
    (rng,) = streams(21, 1)
    law = spatial_sampler(setting, halfspace)
    found = rare_error(law, halfspace, 200_000, epsilon=0.0, norm="linf", rng=rng)
    lower, upper = found.interval(1 - 1e-9)
    truth = np.exp(log_ndtr(ndtri(error)))
    assert lower <= truth <= upper
    assert upper < 1.2 * lower
    assert not lower <= 0.9 * truth <= upper


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_adversarial_errors_of_halfspaces_match_the_closed_form(norm):
    setting = small_setting(norm=norm, covariance=circulant())
    halfspace = Halfspace(np.random.default_rng(1).normal(size=D), 0.2)
    (rng,) = streams(22, 1)
    law = adversarial_sampler(setting, halfspace)
    found = rare_error(law, halfspace, 200_000, epsilon=setting.epsilon, norm=norm, rng=rng)
    truth = 1 - halfspace_accuracies(setting, halfspace.normal, halfspace.offset)[1]
    lower, upper = found.interval(1 - 1e-9)
    assert lower <= truth <= upper
    assert not lower <= truth + 0.03 <= upper


def test_common_errors_of_templates_match_plain_sampling():
    for setting in defaults().values():
        templates = nearest_template(setting)
        rngs = streams(23, 2)
        law = spatial_sampler(setting, templates)
        rare = rare_error(law, templates, 50_000, epsilon=0.0, norm="linf", rng=rngs[0])
        plain = spatial_accuracy(setting, templates, 100_000, rng=rngs[1]).interval(1 - 1e-9)
        lower, upper = rare.interval(1 - 1e-9)
        assert max(lower, 1 - plain[1]) <= min(upper, 1 - plain[0])


def test_rare_errors_of_templates_are_between_their_bounds():
    mean = np.full(D, 5.0 / np.sqrt(D))
    side = np.zeros(D)
    side[0] = 11.0
    mixture = GaussianMixture([mean, -mean, side], [0, 1, 2])
    setting = Setting(mixture, cyclic_shifts(D, [0]), 0.05)
    templates = nearest_template(setting)
    (rng,) = streams(24, 1)
    law = spatial_sampler(setting, templates)
    found = rare_error(law, templates, 400_000, epsilon=0.0, norm="linf", rng=rng)
    lower, upper = found.interval(1 - 1e-9)
    half = {
        (i, k): np.exp(log_ndtr(-np.linalg.norm(mixture.means[i] - mixture.means[k]) / 2))
        for i in range(3)
        for k in range(3)
        if i != k
    }
    union = sum(half.values()) / 3
    largest = sum(max(v for (a, _), v in half.items() if a == i) for i in range(3)) / 3
    assert largest <= upper
    assert lower <= union
    assert upper < 1.2 * lower < 1e-4


def test_intervals_cover_at_their_nominal_level():
    setting, halfspace = symmetric(5.0)
    law, truth = spatial_sampler(setting, halfspace), np.exp(log_ndtr(-5.0))
    covered = 0
    for rng in streams(25, 400):
        found = rare_error(law, halfspace, 100, epsilon=0.0, norm="linf", rng=rng)
        lower, upper = found.interval(0.9)
        covered += lower <= truth <= upper
    assert proportion_at_least(covered, 400, 0.9)


def test_a_classifier_that_cannot_err():
    mixture = GaussianMixture([[1.0, 0.0], [-1.0, 0.0]], [1, 0])
    setting = Setting(mixture, cyclic_shifts(2, [0]), 0.1)
    constant = Templates(np.zeros((2, 2)), np.array([0.0, 1.0]), [1, 0])
    (rng,) = streams(26, 1)
    law = spatial_sampler(setting, constant)
    found = rare_error(law, constant, 100, epsilon=0.0, norm="linf", rng=rng)
    assert found.mean == pytest.approx(0.5)
    never = Templates(np.zeros((2, 2)), np.array([0.0, -1.0]), [1, 0])
    ((matrix, bound),) = never.regions(1, 0.0, "linf")
    assert nearest_point(matrix @ np.zeros((2, 1)), bound - matrix @ never.offsets) is None


def test_nearest_point_of_a_halfplane_and_a_corner():
    assert nearest_point(np.array([[3.0, 4.0]]), np.array([10.0])) == pytest.approx([1.2, 1.6])
    assert nearest_point(np.eye(2), np.array([1.0, 2.0])) == pytest.approx([1.0, 2.0])
    assert nearest_point(np.eye(2), np.array([-1.0, -2.0])) == pytest.approx([0.0, 0.0])
    assert nearest_point(np.array([[1.0], [-1.0]]), np.array([1.0, 1.0])) is None


def test_bad_counts_are_refused():
    setting, halfspace = symmetric(2.0)
    (rng,) = streams(27, 1)
    with pytest.raises(ValueError, match="count must be >= 2, got 1"):
        rare_error(
            spatial_sampler(setting, halfspace), halfspace, 1, epsilon=0.0, norm="l2", rng=rng
        )


def test_the_law_of_another_classifier_is_refused():
    setting, halfspace = symmetric(2.0)
    law = spatial_sampler(setting, Halfspace(-halfspace.normal, 0.0))
    with pytest.raises(ValueError, match="law must be that of the classifier's scores, got anothe"):
        rare_error(law, halfspace, 10, epsilon=0.0, norm="l2", rng=1)


def test_chances_that_are_equal_up_to_rounding_are_drawn_alike():
    """A binomial draw turns over where the chance passes one half."""
    setting, _ = symmetric(4.0)
    found = []
    for offset in (-1e-15, 0.0, 1e-15):
        halfspace = Halfspace(np.ones(D), offset)
        law = spatial_sampler(setting, halfspace)
        (rng,) = streams(28, 1)
        error = rare_error(law, halfspace, 1001, epsilon=0.0, norm="linf", rng=rng)
        found.append((error.mean, error.variance))
    assert found[0] == pytest.approx(found[1], rel=1e-9)
    assert found[2] == pytest.approx(found[1], rel=1e-9)


def test_unequal_pieces_keep_their_weights():
    """The chances are rounded and raised; the weights undo it, down to pieces never drawn else."""
    mean = np.full(D, 4.0 / np.sqrt(D))
    mixture = GaussianMixture(np.stack([-mean, mean]), [0, 1], [1e-7, 1.0 - 1e-7])
    setting, halfspace = Setting(mixture, cyclic_shifts(D, [0]), 0.1), Halfspace(np.ones(D), 3.0)
    (rng,) = streams(29, 1)
    law = spatial_sampler(setting, halfspace)
    found = rare_error(law, halfspace, 100_000, epsilon=0.0, norm="linf", rng=rng)
    truth = halfspace_accuracies(setting, -halfspace.normal, -halfspace.offset)[0]
    lower, upper = found.interval(1 - 1e-9)
    assert lower <= truth <= upper < 1.2 * lower
