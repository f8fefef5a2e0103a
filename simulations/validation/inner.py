"""Check that the inner curve is really reached, by classifiers run on inputs under attack."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simulations.classifiers.attacks import worst_direction
from simulations.classifiers.families import WEIGHTS, halfspaces_of
from simulations.classifiers.halfspace import Halfspace
from simulations.estimates import Estimate
from simulations.sampling.accuracy import streams
from simulations.validation.findings import ProportionCheck
from theory.checks import FloatArray
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.setting.setting import Setting, images, transform

__all__ = ["inner_curve"]

_BATCH_VALUES = 1 << 18
_COST = 20  # an input with its attack costs about this many samples of a score


def inner_curve(
    setting: Setting, samples: int, seed: np.random.SeedSequence
) -> list[dict[str, Any]]:
    """Check that points of the inner curve, and points between them, are attained.

    Nothing here uses the law of the scores: inputs are drawn, transformed or attacked in full
    dimension, and each is classified by a halfspace, or by one of two neighbouring halfspaces
    at the toss of a coin, whose accuracies are half-way between theirs.
    """
    (rng,) = streams(seed, 1)
    frontier = halfspace_frontier(setting, WEIGHTS)
    members = list(halfspaces_of(setting, frontier).items())
    # what the curve claims, corrected for the rounding of its halfspaces
    claims = np.stack([frontier.spatial_accuracy, frontier.adversarial_accuracy], axis=1)
    for index, (_, member) in enumerate(members):
        found = frontier.normals[index], float(frontier.offsets[index])
        claims[index] -= halfspace_accuracies(setting, *found)
        claims[index] += halfspace_accuracies(setting, member.normal, member.offset)
    S, A = claims.T
    groups = [[index] for index in range(len(members))]
    groups += [[index, index + 1] for index in range(len(members) - 1)]
    rows = []
    for group in groups:
        name = " or ".join(members[index][0] for index in group)
        chosen = [members[index][1] for index in group]
        spatial, adversarial = _play(setting, chosen, max(samples // _COST, 1000), rng)
        for quantity, expected, estimate in (
            ("spatial", S[group].mean(), spatial),
            ("adversarial", A[group].mean(), adversarial),
        ):
            rows.append(ProportionCheck(name, quantity, "inputs", float(expected), estimate).row())
    return rows


def _play(
    setting: Setting, members: Sequence[Halfspace], count: int, rng: np.random.Generator
) -> tuple[Estimate, Estimate]:
    """Count correct answers on transformed and on attacked inputs, a random member each time."""
    size = max(_BATCH_VALUES // setting.mixture.dimension, 16)
    normals = np.stack([member.normal for member in members])
    offsets = np.array([member.offset for member in members])
    spatial = adversarial = 0
    for start in range(0, count, size):
        x, labels = images(setting, min(size, count - start), rng=rng)
        signs = np.where(labels == members[0].positive, 1.0, -1.0)
        coin = rng.integers(len(members), size=len(x))
        turned = transform(setting, x, rng=rng)
        spatial += _right(turned, signs, normals[coin], offsets[coin])
        # the adversary knows the classifier, the coin included
        coin = rng.integers(len(members), size=len(x))
        gradients = signs[:, None] * normals[coin]
        x += setting.epsilon * worst_direction(gradients.T, setting.norm).T
        adversarial += _right(x, signs, normals[coin], offsets[coin])
    return Estimate(spatial, count), Estimate(adversarial, count)


def _right(x: FloatArray, signs: FloatArray, normals: FloatArray, offsets: FloatArray) -> int:
    """Count the inputs on the right side of their hyperplanes."""
    scores = np.einsum("nd,nd->n", x, normals) + offsets
    return int(np.count_nonzero(signs * scores > 0.0))
