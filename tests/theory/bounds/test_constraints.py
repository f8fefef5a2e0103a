import mpmath as mp
import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from theory.bounds.constraints import pairwise_constraints, setting_residuals
from theory.bounds.pairwise import pairwise_bound
from theory.bounds.worst_transformation import worst_transformation_bound
from theory.residual.attack import attack_residual
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations


def test_constraints_are_those_of_theorem_1():
    setting = random_setting(3, components=3, group=2)
    network = pairwise_constraints(setting)
    mixture = setting.mixture
    expected = []
    for i in range(3):
        for k in range(3):
            if mixture.labels[i] == mixture.labels[k]:
                continue
            for rotated in setting.transformed_means[:, i]:
                difference = rotated - mixture.means[k]
                expected.append(attack_residual(difference, setting.epsilon, sigma=mixture.sigma))
                expected.extend(
                    attack_residual(rotated - other, 0.0, sigma=mixture.sigma)
                    for other in setting.transformed_means[:, k]
                    if i < k
                )
            if i < k:
                difference = mixture.means[i] - mixture.means[k]
                radius = 2 * setting.epsilon
                expected.append(attack_residual(difference, radius, sigma=mixture.sigma))
    assert np.allclose(np.sort(network.residual), np.sort([one.value for one in expected]))


def test_costs_and_budget_are_the_weights():
    network = pairwise_constraints(random_setting(4))
    assert np.isclose(network.cost.sum(), 1.0)
    assert np.isclose(network.budget.sum(), 1.0)
    assert not network.cost[network.spatial :].any()
    assert not network.budget[: network.spatial].any()


def test_equal_transformed_components_share_a_variable():
    setting = catalogue.defaults()["cyclic-code"]
    network = pairwise_constraints(setting)
    rotated = setting.transformed_means.reshape(-1, setting.mixture.dimension)
    labels = np.tile(setting.mixture.labels, setting.transformations.size)
    distinct = {(row.tobytes(), label) for row, label in zip(rotated, labels, strict=True)}
    assert network.spatial == len(distinct) < len(rotated)


@pytest.mark.parametrize("offset", [0.0, 1e8])
def test_distances_of_transformed_means_are_rounded_up(offset):
    """Constraint (3): differences first, so that a common offset costs no digits."""
    rng = np.random.default_rng(0)
    means = rng.normal(size=(2, 4)) * 2.0**-3 + offset
    basis = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    covariance = (basis * [1.0, 1e-4, 1e-8, 1e-11]) @ basis.T
    covariance = (covariance + covariance.T) / 2
    mixture = GaussianMixture(means, [0, 1], covariance=covariance)
    network = pairwise_constraints(Setting(mixture, Transformations([range(4)]), 0.0))
    with mp.workdps(50):
        step = mp.matrix([mp.mpf(float(a)) - mp.mpf(float(b)) for a, b in zip(*means, strict=True)])
        solved = mp.lu_solve(mp.matrix(covariance.tolist()), step)
        exact = mp.sqrt((step.T * solved)[0])
    for value in network.residual:
        assert value >= exact
        assert value <= exact * (1 + mp.mpf("1e-6"))


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_rounding_of_a_difference_is_on_the_sound_side(norm):
    """Far from the origin subtraction loses digits that a weak noise shows."""
    rng = np.random.default_rng(1)
    order = {"linf": mp.inf, "l2": 2, "l1": 1}[norm]
    for _ in range(40):
        first, second = rng.normal(size=3) * 1e9, rng.normal(size=3)
        setting = Setting(
            GaussianMixture([first, second], [0, 1], sigma=1e-6),
            Transformations([range(3)]),
            0.0,
            norm,
        )
        with mp.workdps(60):
            exact = mp.matrix(first.tolist()) - mp.matrix(second.tolist())
            size = mp.norm(exact, order)
            # the ball ends where the difference does, as far as doubles can say
            radius = float(np.nextafter(float(size), 0.0))
            least = (size - radius) / mp.sqrt(3) / mp.mpf(1e-6)
            assert setting_residuals(setting, first, second, radius) >= least > 0
            assert setting_residuals(setting, first, second, 1.1 * float(size)) == 0.0


def test_labels_that_no_double_tells_apart_are_three_classes():
    means, errors = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [0.2, 0.4]

    def both(labels):
        setting = Setting(GaussianMixture(means, labels), Transformations([[0, 1], [1, 0]]), 0.1)
        found = pairwise_bound(setting, errors).spatial_error
        return [*found, *worst_transformation_bound(setting, errors).spatial_error]

    assert both([2**53, 2**53 + 1, 0]) == both([1, 2, 0])
