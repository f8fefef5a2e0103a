import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from theory.bounds.joint_mixture import joint_mixture
from theory.setting.setting import GaussianMixture, Setting


def test_the_reduction_keeps_all_distances():
    setting = catalogue.defaults()["orientation-texture"]
    mixture = joint_mixture(setting)
    whole = setting.mixture.means[mixture.owner] + mixture.shifts
    sigma = setting.mixture.sigma
    for k in (0, 3, -1):
        expected = np.linalg.norm(whole - whole[k], axis=1) / sigma
        found = np.linalg.norm(mixture.attacked - mixture.attacked[k], axis=1)
        assert np.allclose(found, expected, atol=1e-9)
    assert (np.abs(mixture.shifts) <= setting.epsilon + 1e-15).all()


def test_masses_sum_to_one_and_split_by_weight():
    mixture = joint_mixture(random_setting(1))
    uniform = 1.0 / np.bincount(mixture.owner)[mixture.owner]
    mass = mixture.mass(0.3, uniform)
    assert mass.sum() == pytest.approx(1.0)
    assert mass[: len(mixture.spatial)].sum() == pytest.approx(0.3)
    assert len(mass) == len(mixture.centres) == len(mixture.class_of_centre)


def test_densities_are_those_of_unit_normals_up_to_a_factor():
    mixture = joint_mixture(random_setting(2))
    points = np.random.default_rng(0).normal(size=(5, mixture.spatial.shape[1]))
    squares = ((points[:, None] - mixture.centres) ** 2).sum(axis=2)
    exact = np.exp(-0.5 * (squares - squares.min(axis=1, keepdims=True)))
    assert np.allclose(mixture.relative_densities(points), exact, rtol=1e-9)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_shifts_are_admissible_and_include_none(norm):
    base = random_setting(3)
    setting = Setting(base.mixture, base.transformations, 0.4, norm)
    mixture = joint_mixture(setting)
    order = {"linf": np.inf, "l2": 2, "l1": 1}[norm]
    assert (np.linalg.norm(mixture.shifts, ord=order, axis=1) <= 0.4 + 1e-12).all()
    still = ~mixture.shifts.any(axis=1)
    assert np.array_equal(mixture.owner[still], np.arange(base.mixture.components))


def test_general_covariance():
    rng = np.random.default_rng(0)
    root = rng.normal(size=(4, 4))
    spread = root @ root.T + np.eye(4)
    base = GaussianMixture(rng.normal(size=(2, 4)), [0, 1], covariance=spread)
    from theory.setting.transformations import Transformations

    mixture = joint_mixture(Setting(base, Transformations([range(4)]), 0.1))
    difference = base.means[1] - base.means[0]
    expected = np.sqrt(difference @ np.linalg.solve(spread, difference))
    found = np.linalg.norm(mixture.spatial[0] - mixture.spatial[1])
    assert found == pytest.approx(expected)
