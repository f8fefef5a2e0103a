import numpy as np

from tests.theory.settings import random_setting
from theory.bounds.joint import joint_bounds
from theory.frontiers.inner import inner_points


def test_points_contain_the_constants_and_stay_below_the_bounds():
    setting = random_setting(8)
    rng = np.random.default_rng(0)
    bounds = joint_bounds(setting, [0.3, 0.7], rng=rng, samples=1 << 14)
    points = inner_points(setting, bounds, rng=rng, steps=0)
    share = setting.mixture.weights[setting.mixture.labels == 1].sum()
    assert np.isclose(points, share).all(axis=1).any()
    # two constants, halfspaces at six weights, two sets of templates
    assert points.shape == (10, 2)
    for bound in bounds:
        mixed = bound.weight * points[:, 0] + (1 - bound.weight) * points[:, 1]
        assert (mixed <= bound.upper).all()


def test_several_classes_have_no_halfspaces():
    setting = random_setting(8, components=3, classes=3)
    rng = np.random.default_rng(0)
    bounds = joint_bounds(setting, [0.5], rng=rng, samples=1 << 12)
    assert inner_points(setting, bounds, rng=rng, steps=0).shape == (4, 2)
