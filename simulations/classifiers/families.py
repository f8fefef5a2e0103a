"""The classifiers that validation pits against the bounds: a small family of each kind."""

import numpy as np

from simulations.classifiers.halfspace import Classifier, Halfspace
from simulations.classifiers.logistic import logistic_regression
from simulations.classifiers.optimal import nearest_mean, nearest_template, optimal_rule
from theory.canonical import on_grid
from theory.checks import FloatArray, generator
from theory.frontiers.halfspaces import HalfspaceFrontier, halfspace_frontier
from theory.setting.setting import Setting

__all__ = ["families", "halfspaces", "halfspaces_of"]

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Searches in double precision find an optimum to half the digits at best, and stop elsewhere on
# another machine: what they find is rounded, and then the same on every machine.
_BITS = 10


def halfspaces_of(setting: Setting, frontier: HalfspaceFrontier) -> dict[str, Halfspace]:
    """Return the halfspaces of an inner curve by name, rounded to 10 bits.

    About an optimum the weighted accuracy is quadratic, so that this costs less than 1e-5 of it.
    """
    negative, positive = (int(label) for label in setting.mixture.classes)
    return {
        f"halfspace, weight {weight:g}": Halfspace(
            on_grid(normal, _BITS), _offset(setting, normal, float(offset)), positive, negative
        )
        for weight, normal, offset in zip(
            frontier.weights, frontier.normals, frontier.offsets, strict=True
        )
    }


def _offset(setting: Setting, normal: FloatArray, offset: float) -> float:
    """Round an offset to 10 bits of itself or of the noise of the score, whichever is larger."""
    spread = setting.mixture.covariance
    moved = setting.mixture.sigma**2 * normal if spread is None else spread @ normal
    return float(on_grid(np.array([offset, np.sqrt(normal @ moved)]), _BITS)[0])


def halfspaces(setting: Setting) -> dict[str, Halfspace]:
    """Return the best halfspaces found for a few weights of the spatial accuracy."""
    return halfspaces_of(setting, halfspace_frontier(setting, WEIGHTS))


def families(
    setting: Setting, *, training: int, rng: np.random.Generator | int
) -> dict[str, Classifier]:
    """Return classifiers of every family by name.

    Parameters
    ----------
    setting : Setting
        Of two classes.
    training : int >= 1
        Number of inputs that each logistic regression is trained on.
    rng : numpy.random.Generator or int seed
        Draws the training data.
    """
    source = generator("rng", rng)
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
            setting, training, weight=weight, epsilon=epsilon, rng=source
        )
    return members
