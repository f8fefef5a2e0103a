import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from theory.bounds.joint import joint_bound
from theory.frontiers.template_search import _noise, improve_templates, templates_of_bound
from theory.frontiers.templates import TemplateClassifier, template_successes
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts


def test_templates_of_the_bound_reach_it_on_orientation_texture():
    setting = catalogue.defaults()["orientation-texture"]
    rng = np.random.default_rng(1)
    bound = joint_bound(setting, 0.5, rng=rng, samples=1 << 17)
    classifier = templates_of_bound(setting, bound)
    spatial, robust = template_successes(setting, classifier, rng=rng, samples=20_000)
    reached = (spatial + robust) / 40_000
    # the design's target of 0.005, and seven standard deviations above the limit
    assert bound.upper - 0.005 - 0.01 < reached < bound.upper + 0.01


def test_ascent_improves_where_nonlinearity_pays():
    setting = catalogue.rotating_bump(
        8, 2, alpha=0.9, eta=0.1, width=0.6, sigma=0.35, epsilon=0.3, max_degrees=180.0
    )
    rng = np.random.default_rng(2)
    bound = joint_bound(setting, 0.5, rng=rng, samples=1 << 14)
    first = templates_of_bound(setting, bound)
    second = improve_templates(setting, first, 0.5, rng=rng, steps=100, batch=256)
    values = [
        sum(template_successes(setting, one, rng=rng, samples=20_000)) / 40_000
        for one in (first, second)
    ]
    assert values[1] > values[0] + 0.05
    assert values[1] < bound.upper + 0.01


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_every_norm_and_three_classes(norm):
    base = random_setting(5, components=3, classes=3)
    setting = Setting(base.mixture, base.transformations, 0.2, norm)
    rng = np.random.default_rng(0)
    bound = joint_bound(setting, 0.5, rng=rng, samples=1 << 14)
    first = templates_of_bound(setting, bound)
    assert set(first.classes) == {0, 1, 2}
    better = improve_templates(setting, first, 0.5, rng=rng, steps=60, batch=256)
    reached = sum(template_successes(setting, better, rng=rng, samples=20_000)) / 40_000
    start = sum(template_successes(setting, first, rng=rng, samples=20_000)) / 40_000
    assert reached > start - 0.02
    # seven standard deviations of a mean of two shares
    assert reached < bound.upper + 0.02


def correlated(dimension=12):
    """Noise that cyclic shifts leave as it is."""
    column = np.zeros(dimension)
    column[[0, 1, -1]] = 1.0, 0.3, 0.3
    covariance = np.array([np.roll(column, k) for k in range(dimension)])
    means = np.random.default_rng(1).normal(size=(3, dimension))
    return GaussianMixture(means, [0, 1, 2], covariance=covariance)


@pytest.mark.parametrize("count", [4, 12, 20])
@pytest.mark.parametrize("size", [1.0, 1e200, 1e-200])
def test_noise_in_the_span_of_templates_is_noise_as_they_see_it(count, size):
    mixture, rng = correlated(), np.random.default_rng(2)
    vectors = size * rng.normal(size=(count, 12))
    rise, drawn, basis = _noise(mixture, vectors, 40_000, rng)
    noise = mixture.colour(drawn @ basis)
    # up to the ridge
    assert np.allclose(rise / size, noise @ (vectors / size).T, atol=1e-3)
    expected = (vectors / size) @ mixture.covariance @ (vectors / size).T
    found = (rise / size).T @ (rise / size) / len(rise)
    scale = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.abs((found - expected) / scale).max() < 6 / np.sqrt(len(rise))


def test_templates_that_coincide_are_searched_without_a_word():
    mixture = correlated()
    setting = Setting(mixture, cyclic_shifts(12, [0, 3]), 0.1)
    vectors = np.ones((4, 12)) * 1e170
    same = TemplateClassifier(vectors, np.zeros(4), [0, 1, 2, 2])
    found = improve_templates(setting, same, 0.5, rng=0, steps=3, batch=16)
    assert np.isfinite(found.vectors).all()
    nothing = TemplateClassifier(0.0 * vectors, np.zeros(4), [0, 1, 2, 2])
    assert np.isfinite(improve_templates(setting, nothing, 0.5, rng=0, steps=3).vectors).all()


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_a_class_of_hardly_any_weight_has_its_templates(weight):
    mixture = GaussianMixture(np.eye(3), [0, 1, 2], [1.0 - 2e-6, 1e-6, 1e-6])
    setting = Setting(mixture, cyclic_shifts(3, [0]), 0.1)
    bound = joint_bound(setting, weight, rng=0, samples=1024)
    found = templates_of_bound(setting, bound)
    assert set(found.classes) == {0, 1, 2}
    assert template_successes(setting, found, rng=0, samples=1000)[0] > 900


def test_a_search_nearby_keeps_what_was_found():
    base = random_setting(5, components=3, classes=3)
    setting = Setting(base.mixture, base.transformations, 0.2)
    bound = joint_bound(setting, 0.5, rng=0, samples=1 << 13)
    found = improve_templates(setting, templates_of_bound(setting, bound), 0.5, rng=0, steps=60)
    for weight in (0.4, 0.6):
        near = improve_templates(setting, found, weight, rng=0, steps=15, nearby=True)
        share = np.array([weight, 1.0 - weight]) / 20_000
        values = [
            share @ template_successes(setting, one, rng=1, samples=20_000) for one in (found, near)
        ]
        assert values[1] > values[0] - 0.01
    with pytest.raises(ValueError, match=r"^nearby must be True or False, got 1$"):
        improve_templates(setting, found, 0.5, nearby=1)
