"""Spatial and adversarial accuracy of a classifier on a setting, by sampling."""

import numpy as np

from simulations.classifiers.halfspace import Classifier, Criterion, count_met
from simulations.estimates import Estimate
from simulations.sampling.scores import InputSampler, Sampler, ScoreModel, ScoreSampler, identity
from theory.checks import MOST_STEPS, InputError, function, instance, integer, shown
from theory.setting.setting import Setting, images, transform
from theory.setting.transformations import Transformations

__all__ = [
    "accuracy",
    "adversarial_accuracy",
    "adversarial_sampler",
    "images",
    "spatial_accuracy",
    "spatial_sampler",
    "streams",
    "transform",
]

SamplerClass = type[ScoreSampler] | type[InputSampler]


def spatial_sampler(setting: Setting, classifier: Classifier) -> ScoreSampler:
    """Return the law of the scores on randomly transformed inputs.

    Parameters
    ----------
    setting : Setting
    classifier : Classifier
    """
    instance("setting", setting, Setting)
    return ScoreSampler(_seen(setting, classifier, setting.transformations))


def adversarial_sampler(setting: Setting, classifier: Classifier) -> ScoreSampler:
    """Return the law of the scores on the inputs that the adversary starts from.

    Parameters
    ----------
    setting : Setting
    classifier : Classifier
    """
    instance("setting", setting, Setting)
    return ScoreSampler(_seen(setting, classifier, identity(setting.mixture.dimension)))


def accuracy(
    law: Sampler, criterion: Criterion, count: int, *, rng: np.random.Generator | int
) -> Estimate:
    """Count how many of `count` samples of a law meet a criterion; memory does not grow.

    Parameters
    ----------
    law : Sampler
        Where the samples come from, such as `spatial_sampler`.
    criterion : callable
        ``criterion(scores, label)`` of scores (k, n) returns n booleans.
    count : int >= 1
    rng : numpy.random.Generator or int seed
        Source of the samples, or a seed.

    Raises
    ------
    ValueError
        If ``count`` is not in 1..10^12, or the criterion answers no booleans, one per sample.
    """
    instance("law", law, Sampler)  # type: ignore[type-abstract]
    function("criterion", criterion)
    successes = 0
    for label, scores in law.blocks(count, rng=rng):
        successes += count_met(criterion, scores, label)
    return Estimate(successes, count)


def spatial_accuracy(
    setting: Setting,
    classifier: Classifier,
    count: int,
    *,
    rng: np.random.Generator | int,
    road: SamplerClass = ScoreSampler,
) -> Estimate:
    """Estimate S = P(f(TX) = Y) (THEORY.md, section 1) from `count` samples.

    Parameters
    ----------
    setting : Setting
    classifier : Classifier
    count : int >= 1
    rng : numpy.random.Generator or int seed
    road : type, ScoreSampler or InputSampler
        Scores drawn directly, or computed from inputs in full dimension; equal in law.

    Raises
    ------
    ValueError
        If ``count`` is not in 1..10^12, or the classifier acts on another dimension.
    """
    instance("setting", setting, Setting)
    law = _road(road)(_seen(setting, classifier, setting.transformations))
    return accuracy(law, classifier.correct, count, rng=rng)


def adversarial_accuracy(
    setting: Setting,
    classifier: Classifier,
    count: int,
    *,
    rng: np.random.Generator | int,
    road: SamplerClass = ScoreSampler,
    criterion: Criterion | None = None,
) -> Estimate:
    """Estimate A (THEORY.md, section 1), the accuracy under attack, from `count` samples.

    By default the criterion is the classifier's certificate: A itself where the certificate is
    exact (``classifier.exact``), a lower bound on A otherwise.  With an attack of
    `simulations.classifiers.attacks` as criterion it is an upper bound on A.

    Parameters
    ----------
    setting, classifier, count, rng, road
        As for `spatial_accuracy`.
    criterion : callable, optional
        As for `accuracy`.

    Raises
    ------
    ValueError
        As `spatial_accuracy`.
    """
    instance("setting", setting, Setting)
    law = _road(road)(_seen(setting, classifier, identity(setting.mixture.dimension)))
    if criterion is None:
        criterion = classifier.certificate(setting.epsilon, setting.norm)
    return accuracy(law, criterion, count, rng=rng)


def streams(seed: int | np.random.SeedSequence, count: int) -> list[np.random.Generator]:
    """Spawn independent generators from one seed: the same for any number of workers.

    SFC64 is the fastest of NumPy's generators here; `SeedSequence.spawn` gives each stream its
    own well-mixed state, so that streams overlap with negligible probability.

    Parameters
    ----------
    seed : int >= 0 or numpy SeedSequence
    count : int >= 0
        Number of generators.

    Raises
    ------
    ValueError
        If the seed is negative, or ``count`` not in 0..10^6.
    """
    if not isinstance(seed, np.random.SeedSequence):
        seed = np.random.SeedSequence(integer("seed", seed, minimum=0))
    size = integer("count", count, minimum=0, maximum=MOST_STEPS)
    return [np.random.Generator(np.random.SFC64(child)) for child in seed.spawn(size)]


def _road(road: SamplerClass) -> SamplerClass:
    if not isinstance(road, type) or not issubclass(road, (ScoreSampler, InputSampler)):
        raise InputError(f"road must be ScoreSampler or InputSampler, got {shown(road)}")
    return road


def _seen(setting: Setting, classifier: Classifier, transformations: Transformations) -> ScoreModel:
    """Return what the classifier sees of the transformed mixture."""
    instance("classifier", classifier, Classifier)  # type: ignore[type-abstract]
    return ScoreModel(setting.mixture, transformations, classifier.normals, classifier.offsets)
