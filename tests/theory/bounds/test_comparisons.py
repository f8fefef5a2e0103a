import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from theory.bounds.comparisons import (
    optimal_adversarial_error,
    pinsker_bound,
    total_variation_bound,
)
from theory.bounds.joint import joint_bound
from theory.bounds.pairwise import adversarial_error_floor
from theory.bounds.two_class import two_class_bound
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

ERRORS = np.linspace(0.0, 1.0, 11)


def two(share=0.5, epsilon=0.2):
    mixture = GaussianMixture([[0.9, -0.3, 0.2], [-0.4, 0.5, 0.0]], [1, 0], [share, 1 - share])
    return Setting(mixture, Transformations([[0, 1, 2], [1, 2, 0]]), epsilon)


@pytest.mark.parametrize("share", [0.5, 0.3, 0.95])
def test_the_best_halfspace_attains_the_optimal_error(share):
    setting = two(share)
    found = halfspace_frontier(setting, 0.0)
    assert 1 - found.value[0] == pytest.approx(optimal_adversarial_error(setting), abs=1e-7)


def test_the_joint_bound_and_the_network_know_it_too():
    setting = two(0.3)
    known = optimal_adversarial_error(setting)
    assert adversarial_error_floor(setting) == pytest.approx(known, abs=2e-6)
    bound = joint_bound(setting, 0.0, rng=np.random.default_rng(0), samples=1 << 15)
    assert 1 - bound.upper <= known + 1e-9
    assert 1 - bound.estimate == pytest.approx(known, abs=0.01)


def test_a_ball_that_covers_the_difference_leaves_the_prior():
    assert optimal_adversarial_error(two(0.3, epsilon=5.0)) == pytest.approx(0.3)


@pytest.mark.parametrize("name", ["orientation-texture", "rotating-bump"])
def test_each_step_gains(name):
    setting = catalogue.defaults()[name]
    exact = two_class_bound(setting, ERRORS)
    variation = total_variation_bound(setting, ERRORS)
    pinsker = pinsker_bound(setting, ERRORS)
    assert (pinsker <= variation + 1e-15).all()
    assert (variation <= exact + 1e-12).all()
    assert (exact[1:4] > variation[1:4] + 1e-6).any() or name == "orientation-texture"


def test_halfspaces_obey_the_relaxations():
    rng = np.random.default_rng(0)
    setting = two()
    for _ in range(50):
        spatial, robust = halfspace_accuracies(setting, rng.normal(size=3), rng.normal())
        assert 1 - spatial >= total_variation_bound(setting, 1 - robust) - 1e-12


def test_bad_input():
    with pytest.raises(ValueError, match="setting must have two components, got 4"):
        optimal_adversarial_error(random_setting(0))
    with pytest.raises(ValueError, match="setting must have equal weights"):
        pinsker_bound(two(0.3), 0.1)
    with pytest.raises(ValueError, match=r"adversarial_error must lie in \[0, 1\], got 2"):
        pinsker_bound(two(), 2)
