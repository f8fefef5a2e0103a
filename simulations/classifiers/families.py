"""The classifiers that validation pits against the bounds: a small family of each kind."""

import numpy as np

from simulations.classifiers.halfspace import Classifier, Halfspace
from simulations.classifiers.logistic import logistic_regression
from simulations.classifiers.optimal import nearest_mean, nearest_template, optimal_rule
from theory.frontiers.halfspaces import HalfspaceFrontier, halfspace_frontier
from theory.setting.setting import Setting

__all__ = ["families", "halfspaces", "halfspaces_of"]

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)


def halfspaces_of(setting: Setting, frontier: HalfspaceFrontier) -> dict[str, Halfspace]:
    """Return the halfspaces of an inner curve by name."""
    negative, positive = (int(label) for label in setting.mixture.classes)
    return {
        f"halfspace, weight {weight:g}": Halfspace(normal, float(offset), positive, negative)
        for weight, normal, offset in zip(
            frontier.weights, frontier.normals, frontier.offsets, strict=True
        )
    }


def halfspaces(setting: Setting) -> dict[str, Halfspace]:
    """Return the best halfspaces found for a few weights of the spatial accuracy."""
    return halfspaces_of(setting, halfspace_frontier(setting, WEIGHTS))


def families(setting: Setting, *, training: int, rng: np.random.Generator) -> dict[str, Classifier]:
    """Return classifiers of every family by name.

    Parameters
    ----------
    setting : Setting
        Of two classes.
    training : int >= 1
        Number of inputs that each logistic regression is trained on.
    rng : numpy.random.Generator
        Draws the training data.
    """
    members: dict[str, Classifier] = dict(halfspaces(setting))
    members["nearest mean"] = nearest_mean(setting)
    members["nearest transformed mean"] = nearest_template(setting)
    for weight in WEIGHTS:
        members[f"likelihood ratio, weight {weight:g}"] = optimal_rule(setting, weight)
    recipes = {
        "plain": (0.0, 0.0),
        "transformed": (1.0, 0.0),
        "adversarial": (0.0, setting.epsilon),
        "mixed": (0.5, setting.epsilon),
    }
    for name, (weight, epsilon) in recipes.items():
        members[f"logistic regression, {name}"] = logistic_regression(
            setting, training, weight=weight, epsilon=epsilon, rng=rng
        )
    return members
