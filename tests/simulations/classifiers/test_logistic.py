import numpy as np
import pytest
from scipy.optimize import check_grad, minimize

from simulations.classifiers import logistic
from simulations.classifiers.halfspace import dual_norm
from simulations.classifiers.logistic import logistic_regression
from tests.simulations.settings import D, circulant, small_setting
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.setting.catalogue import defaults
from theory.setting.setting import GaussianMixture, Setting, images, transform


def train(setting, **options):
    chosen = {"weight": 0.5, "epsilon": setting.epsilon, "rng": np.random.default_rng(6), **options}
    return logistic_regression(setting, chosen.pop("count", 4000), **chosen)


def accuracies(setting, **options):
    halfspace = train(setting, **options)
    return halfspace_accuracies(setting, halfspace.normal, halfspace.offset)


def test_each_recipe_buys_what_it_trains_for():
    setting = defaults()["orientation-texture"]
    plain = accuracies(setting, weight=0.0, epsilon=0.0)
    transformed = accuracies(setting, weight=1.0, epsilon=0.0)
    adversarial = accuracies(setting, weight=0.0)
    mixed = accuracies(setting, weight=0.5)
    assert transformed[0] > 0.97 > mixed[0] > 0.7 > plain[0]
    assert transformed[1] < 0.1
    assert min(plain[1], adversarial[1], mixed[1]) > 0.9


def test_trained_halfspaces_do_not_beat_the_best_ones():
    for setting in defaults().values():
        for weight in (0.0, 0.6):
            spatial, adversarial = accuracies(setting, weight=weight)
            value = weight * spatial + (1 - weight) * adversarial
            assert value <= halfspace_frontier(setting, [weight]).value[0] + 1e-9


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_gradient_is_that_of_the_objective(norm, monkeypatch):
    seen = {}

    def spy(objective, start, **options):
        seen["error"] = check_grad(
            lambda p: objective(p)[0],
            lambda p: objective(p)[1],
            np.random.default_rng(1).normal(size=len(start)),
        )
        return minimize(objective, start, **options)

    monkeypatch.setattr(logistic, "minimize", spy)
    train(small_setting(norm=norm), count=200)
    assert seen["error"] < 1e-5


def test_smooth_objectives_are_minimised():
    setting = small_setting(norm="l2", covariance=circulant())
    once = train(setting, count=500)
    again = train(setting, count=500)
    assert (once.normal == again.normal).all()
    assert once.positive == 1
    assert once.negative == 0


def test_labels_other_than_zero_and_one():
    halfspace = train(small_setting(labels=(7, 3, 3)), count=300)
    assert (halfspace.positive, halfspace.negative) == (7, 3)
    assert len(halfspace.normal) == D


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weight": 1.2}, r"weight must lie in \[0, 1\], got 1.2"),
        ({"epsilon": -1.0}, "epsilon must be >= 0, got -1"),
        ({"penalty": -1.0}, "penalty must be >= 0, got -1"),
        ({"count": 0}, "count must be >= 1, got 0"),
    ],
)
def test_bad_input_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        train(small_setting(), **options)


def test_more_than_two_classes_are_refused():
    with pytest.raises(ValueError, match="labels must name two classes for logistic regression"):
        train(small_setting(labels=(0, 1, 2)))


def shaken(setting, rng):
    """Return the setting with its means off in the last bits."""
    old = setting.mixture
    means = old.means * (1.0 + 2e-16 * rng.choice([-1.0, 0.0, 1.0], size=old.means.shape))
    mixture = GaussianMixture(means, old.labels, old.weights, old.sigma)
    return Setting(mixture, setting.transformations, setting.epsilon, setting.norm)


@pytest.mark.parametrize("name", defaults())
def test_what_is_learned_does_not_hang_on_the_last_bits(name):
    setting, rng = defaults()[name], np.random.default_rng(62)
    for options in ({}, {"weight": 1.0, "epsilon": 0.0}):
        expected = train(setting, **options)
        for _ in range(3):
            found = train(shaken(setting, rng), **options)
            assert (found.normal == expected.normal).all()
            assert found.offset == pytest.approx(expected.offset, abs=1e-12)


@pytest.mark.parametrize(
    "setting",
    [
        defaults()["robust-feature"],
        small_setting(norm="l2", epsilon=0.3),
        small_setting(norm="l1", epsilon=3.0),
    ],
    ids=lambda setting: setting.norm,
)
def test_the_objective_is_minimised_where_its_norm_has_a_kink(setting):
    count, penalty, d = 2000, 1e-4, setting.mixture.dimension
    found = train(setting, count=count)
    rng = np.random.default_rng(6)
    x, labels = images(setting, count, rng=rng)
    turned, signs = transform(setting, x, rng=rng), np.where(labels == 1, 1.0, -1.0)

    def objective(w, b):
        reach = setting.epsilon * dual_norm(w, setting.norm)
        value = 0.5 * np.logaddexp(0.0, -signs * (turned @ w + b)).mean()
        value += 0.5 * np.logaddexp(0.0, -signs * (x @ w + b) + reach).mean()
        return value + 0.5 * penalty * w @ w

    least = objective(found.normal, found.offset)
    for scale in (0.3, 0.03, 0.01):
        for step in scale * np.random.default_rng(63).normal(size=(200, d + 1)):
            # sparse steps stay on the kinks
            for sparse in (step, step * (np.arange(d + 1) % 3 == 0)):
                assert (
                    objective(found.normal + sparse[:-1], found.offset + sparse[-1]) > least - 1e-6
                )
