"""The worst transformation costs at least as much as the average one."""

import numpy as np
import pytest

from theory import catalogue
from theory.bounds.constraints import setting_residuals
from theory.bounds.pairwise import pairwise_bound
from theory.bounds.worst_transformation import worst_transformation_bound
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations, quarter_turns

ERRORS = np.array([0.02, 0.1, 0.3])


def test_at_least_the_closed_form_of_two_classes() -> None:
    """THEORY.md, eq. (5.4)."""
    setting = catalogue.defaults()["orientation-texture"].with_epsilon(0.09)
    moved, means = setting.transformed_means, setting.mixture.means
    least = setting_residuals(setting, moved, means[::-1], setting.epsilon).min(axis=0).max()
    found = worst_transformation_bound(setting, ERRORS).spatial_error
    assert (found >= gaussian_tradeoff(ERRORS, least) - 1e-5).all()


@pytest.mark.parametrize("name", ["cyclic-code", "orientation-texture", "robust-feature"])
def test_never_below_the_average(name: str) -> None:
    setting = catalogue.defaults()[name]
    average, worst = (
        bound(setting, 0.3).spatial_error for bound in (pairwise_bound, worst_transformation_bound)
    )
    assert float(worst) >= float(average) - 1e-5


def test_one_transformation_is_its_own_worst() -> None:
    rng = np.random.default_rng(3)
    mixture = GaussianMixture(rng.normal(size=(4, 4)), [0, 1, 2, 0], [0.4, 0.3, 0.2, 0.1])
    setting = Setting(mixture, quarter_turns(2, turns=[1]), 0.2)
    np.testing.assert_allclose(
        worst_transformation_bound(setting, ERRORS).spatial_error,
        pairwise_bound(setting, ERRORS).spatial_error,
        atol=1e-5,
    )


def test_more_transformations_cost_more_and_unlikely_ones_as_much() -> None:
    rng = np.random.default_rng(4)
    mixture = GaussianMixture(rng.normal(size=(3, 4)), [0, 1, 1])
    few = Setting(mixture, quarter_turns(2, turns=[0, 1]), 0.3)
    many = Setting(mixture, quarter_turns(2), 0.3)
    rare = Setting(mixture, quarter_turns(2, probabilities=[0.97, 0.01, 0.01, 0.01]), 0.3)
    never = Setting(mixture, quarter_turns(2, probabilities=[0.5, 0.5, 0.0, 0.0]), 0.3)
    value = {
        key: float(worst_transformation_bound(setting, 0.3).spatial_error)
        for key, setting in {"few": few, "many": many, "rare": rare, "never": never}.items()
    }
    assert value["many"] >= value["few"] - 1e-5
    assert value["rare"] == pytest.approx(value["many"], abs=1e-5)
    assert value["never"] == pytest.approx(value["few"], abs=1e-5)


def test_halfspaces_respect_it() -> None:
    """Simulated errors of halfspaces under the worst of four turns lie above the bound."""
    rng = np.random.default_rng(5)
    mixture = GaussianMixture(np.array([[0.9, -0.4, 0.1, 0.6], [-0.5, 0.7, -0.2, 0.0]]), [1, 0])
    setting = Setting(mixture, quarter_turns(2), 0.15)
    noise = rng.standard_normal((20000, 4))
    for _ in range(8):
        normal = rng.normal(size=4) + (mixture.means[0] - mixture.means[1])
        offset = 0.3 * rng.normal() - normal @ mixture.means.mean(axis=0)
        wrong, attacked = np.zeros(2), np.zeros(2)
        for i, sign in enumerate((1.0, -1.0)):
            points = setting.transformations.apply(mixture.means[i] + noise)
            wrong[i] = (sign * (points @ normal + offset) <= 0).any(axis=0).mean()
            score = sign * ((mixture.means[i] + noise) @ normal + offset)
            attacked[i] = (score <= 0.15 * np.abs(normal).sum()).mean()
        bound = float(worst_transformation_bound(setting, attacked.mean()).spatial_error)
        assert wrong.mean() >= bound - 0.02


def test_refuses_wrong_errors() -> None:
    setting = Setting(GaussianMixture([[1.0], [-1.0]], [1, 0]), Transformations([[0]]), 0.1)
    with pytest.raises(ValueError, match=r"adversarial_error must lie in \[0, 1\], got -1"):
        worst_transformation_bound(setting, -1.0)
