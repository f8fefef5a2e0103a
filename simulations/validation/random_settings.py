"""Check of closed forms in settings that nobody chose: everything of them is drawn at random."""

from typing import Any

import numpy as np

from simulations.classifiers.halfspace import Halfspace
from simulations.sampling.accuracy import adversarial_accuracy, spatial_accuracy, streams
from simulations.sampling.scores import InputSampler
from simulations.validation.findings import ProportionCheck, figures
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.norms import NORMS
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

__all__ = ["random_halfspace", "random_like", "random_settings"]

_SETTINGS = 125
# A sample in full dimension costs about this many samples of a single score, settings included.
_FULL_COST = 200


def random_settings(
    setting: Setting, samples: int, seed: np.random.SeedSequence
) -> list[dict[str, Any]]:
    """Check S and A of a random halfspace (THEORY.md, Theorem 5) in each of 125 random settings.

    They have the dimension, the classes and transformations of the one given (`random_like`).
    Inputs are drawn in full dimension, for S and for A apart, so that all counts are independent.
    In ``draw`` each row has a number that is uniform on (0, 1) and independent of the count, for
    its randomised quantile.
    """
    chooser, rng, uniform = streams(seed, 3)
    count = max(samples // _FULL_COST, 100)
    rows = []
    for number in range(_SETTINGS):
        own = random_like(setting, chooser)
        halfspace = random_halfspace(own, chooser)
        spatial, adversarial = halfspace_accuracies(own, halfspace.normal, halfspace.offset)
        for quantity, expected, measure in (
            ("spatial", spatial, spatial_accuracy),
            ("adversarial", adversarial, adversarial_accuracy),
        ):
            counts = measure(own, halfspace, count, rng=rng, road=InputSampler)
            subject = f"random halfspace {number}"
            found = ProportionCheck(subject, quantity, "FullLaw", float(expected), counts)
            rows.append({**found.row(), "draw": figures(uniform.uniform())})
    return rows


def random_like(setting: Setting, rng: np.random.Generator) -> Setting:
    """Return a setting with random means, weights, noise, radius, norm and transformations.

    Means are moved by noise of up to half their own size, the standard deviation is at most
    doubled or halved, the radius at most doubled; of the transformations some are left, with
    random probabilities.
    """
    mixture, moves = setting.mixture, setting.transformations
    size = float(np.sqrt(np.mean(mixture.means**2)))
    kept = rng.choice(moves.size, size=rng.integers(1, moves.size + 1), replace=False)
    return Setting(
        GaussianMixture(
            mixture.means + rng.uniform(0.0, 0.5) * size * rng.normal(size=mixture.means.shape),
            mixture.labels,
            rng.dirichlet(np.full(mixture.components, 3.0)),
            sigma=mixture.sigma * 2.0 ** rng.uniform(-1.0, 1.0),
        ),
        Transformations(moves.permutations[kept], rng.dirichlet(np.full(len(kept), 3.0))),
        float(setting.epsilon * rng.uniform(0.0, 2.0)),
        norm=tuple(NORMS)[rng.integers(len(NORMS))],
    )


def random_halfspace(setting: Setting, rng: np.random.Generator) -> Halfspace:
    """Return a halfspace between two means of different classes, turned and shifted at random."""
    mixture = setting.mixture
    negative, positive = mixture.classes[0], mixture.classes[-1]
    low, high = (
        setting.transformed_means[
            rng.integers(len(setting.transformed_means)), np.argmax(mixture.labels == label)
        ]
        for label in (negative, positive)
    )
    normal = (
        high - low + rng.uniform(0.0, 0.3) * np.abs(high - low).max() * rng.normal(size=len(low))
    )
    size = float(np.sqrt((normal**2).sum()))
    offset = -float((normal * (low + high)).sum()) / 2 + mixture.sigma * size * rng.normal() / 2
    # sums of floats differ in the last bits between machines
    return Halfspace(normal, figures(offset), int(positive), int(negative))
