import numpy as np
import pytest

from simulations.classifiers.halfspace import Halfspace
from simulations.classifiers.templates import Templates
from simulations.sampling.accuracy import (
    adversarial_accuracy,
    images,
    spatial_accuracy,
    streams,
    transform,
)
from simulations.sampling.scores import InputSampler, ScoreSampler
from tests.chance import follows, has_covariance, proportion_agrees, same_proportion
from tests.simulations.settings import D, circulant, small_setting
from theory.frontiers.halfspaces import halfspace_accuracies

NORMAL = np.random.default_rng(2).normal(size=D)


@pytest.mark.parametrize("covariance", [None, circulant()])
@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("road", [ScoreSampler, InputSampler])
def test_halfspaces_have_their_closed_form_accuracies(road, norm, covariance):
    setting = small_setting(norm=norm, covariance=covariance)
    halfspace = Halfspace(NORMAL, 0.4)
    spatial, adversarial = halfspace_accuracies(setting, NORMAL, 0.4)
    (rng,) = streams(11, 1)
    S = spatial_accuracy(setting, halfspace, 200_000, rng=rng, road=road)
    A = adversarial_accuracy(setting, halfspace, 200_000, rng=rng, road=road)
    assert proportion_agrees(S.successes, S.trials, spatial)
    assert proportion_agrees(A.successes, A.trials, adversarial)
    assert not proportion_agrees(S.successes, S.trials, spatial + 0.01)
    assert not proportion_agrees(A.successes, A.trials, adversarial + 0.01)


def test_both_roads_agree_on_templates():
    setting = small_setting(labels=(0, 1, 2), covariance=circulant())
    means = setting.transformed_means.reshape(-1, D)
    templates = Templates(means, -0.5 * (means**2).sum(axis=1), np.tile([0, 1, 2], 3))
    (rng,) = streams(12, 1)
    for measure in (spatial_accuracy, adversarial_accuracy):
        first = measure(setting, templates, 200_000, rng=rng, road=ScoreSampler)
        second = measure(setting, templates, 100_000, rng=rng, road=InputSampler)
        assert same_proportion((first.successes, first.trials), (second.successes, second.trials))
        shifted = first.successes + first.trials // 40
        assert not same_proportion((shifted, first.trials), (second.successes, second.trials))


def test_a_criterion_replaces_the_certificate():
    setting = small_setting()
    (rng,) = streams(13, 1)
    estimate = adversarial_accuracy(
        setting,
        Halfspace(NORMAL, 0.0),
        100,
        rng=rng,
        criterion=lambda scores, label: np.zeros(scores.shape[1], dtype=np.bool_),
    )
    assert estimate.successes == 0


@pytest.mark.parametrize("covariance", [None, circulant()])
def test_images_follow_the_mixture(covariance):
    setting = small_setting(labels=(0, 1, 2), covariance=covariance)
    x, labels = images(setting, 30_000, rng=np.random.default_rng(14))
    assert x.shape == (30_000, D)
    expected = 0.81 * np.eye(D) if covariance is None else covariance
    for label, weight in enumerate(setting.mixture.weights):
        chosen = x[labels == label]
        assert proportion_agrees(len(chosen), len(x), weight)
        assert has_covariance(chosen, expected)
        assert follows(chosen[:, 3], setting.mixture.means[label, 3], np.sqrt(expected[3, 3]))


def test_streams_are_reproducible_and_distinct():
    first, second = streams(5, 2)
    again, _ = streams(5, 2)
    values = first.random(4)
    assert (values == again.random(4)).all()
    assert (values != second.random(4)).all()
    sequence = streams(np.random.SeedSequence(5), 1)[0]
    assert (sequence.random(4) == values).all()


def test_bad_seeds_are_refused():
    with pytest.raises(ValueError, match="seed must be >= 0, got -1"):
        streams(-1, 1)


def test_the_global_generator_is_untouched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    setting = small_setting()
    images(setting, 10, rng=np.random.default_rng(0))
    spatial_accuracy(setting, Halfspace(NORMAL, 0.0), 10, rng=np.random.default_rng(0))
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


def test_transformations_are_drawn_with_their_probabilities():
    setting = small_setting()
    x = np.tile(np.arange(float(D)), (30_000, 1))
    turned = transform(setting, x, rng=np.random.default_rng(15))
    for permutation, probability in zip(
        setting.transformations.permutations, setting.probabilities, strict=True
    ):
        found = int((turned == x[0][permutation]).all(axis=1).sum())
        assert proportion_agrees(found, len(x), probability)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"setting": Halfspace(NORMAL, 0.0)}, r"^setting must be a Setting, got a Halfspace; arg"),
        ({"classifier": 0.5}, r"^classifier must be a Classifier, got 0.5$"),
        ({"count": 10**13}, r"^count must be <= 1000000000000, got 10000000000000$"),
        ({"road": "scores"}, r"^road must be ScoreSampler or InputSampler, got 'scores'$"),
        ({"criterion": 0.5}, r"^criterion must be callable, got 0.5$"),
        ({"criterion": lambda *_: np.nan}, r"^criterion must return \d+ booleans for as many sam"),
        ({"criterion": lambda s, _: s > 0}, r"^criterion must return \d+ booleans for as many sam"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    valid = {"setting": small_setting(), "classifier": Halfspace(NORMAL, 0.0), "count": 10}
    with pytest.raises(ValueError, match=message):
        adversarial_accuracy(**{**valid, "rng": 1, **change})


def test_bad_inputs_are_refused():
    setting = small_setting()
    with pytest.raises(ValueError, match=r"^count must be <= \d+, got 1000000000000$"):
        images(setting, 10**12, rng=1)
    with pytest.raises(ValueError, match=r"^x must have 2 dimensions, got shape \(3,\)$"):
        transform(setting, np.ones(3), rng=1)
    with pytest.raises(ValueError, match=r"^x must be finite, got nan$"):
        transform(setting, np.full((1, D), np.nan), rng=1)
    with pytest.raises(ValueError, match=r"^count must be <= 1000000, got 10000000$"):
        streams(1, 10**7)
