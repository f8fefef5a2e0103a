"""Rules built from a setting: nearest rotated template and the optimal rule for a weight."""

import numpy as np

from simulations.classifiers.templates import LikelihoodRatio, Templates
from theory.bounds.joint import JointBound
from theory.canonical import on_grid
from theory.checks import FloatArray, IntArray, instance, probability
from theory.setting.perturbations import transforming_perturbations
from theory.setting.setting import Setting

__all__ = ["minimax_rule", "nearest_mean", "nearest_template", "optimal_rule"]

# Bits to which masses are rounded and points compared, counted from the largest of them.
_MASS_BITS, _POINT_BITS = 24, 36


def nearest_mean(setting: Setting) -> Templates:
    """Return the rule of the nearest (Mahalanobis) mean mu_i, blind to the transformation."""
    instance("setting", setting, Setting)
    normals, offsets = _log_densities(setting, setting.mixture.means)
    return Templates(normals, offsets, setting.mixture.labels)


def nearest_template(setting: Setting) -> Templates:
    """Return the rule of the nearest (Mahalanobis) transformed mean P_g mu_i."""
    instance("setting", setting, Setting)
    means = setting.transformed_means.reshape(-1, setting.mixture.dimension)
    labels = np.tile(setting.mixture.labels, setting.transformations.size)
    kept = _distinct(means, labels)
    normals, offsets = _log_densities(setting, means[kept])
    return Templates(normals, offsets, labels[kept])


def optimal_rule(setting: Setting, weight: float) -> LikelihoodRatio:
    """Return the likelihood-ratio rule for lambda S + (1 - lambda) A, lambda = `weight`.

    It maximises lambda S plus (1 - lambda) times the accuracy against an adversary who shifts
    each component by one of its `transforming_perturbations`, chosen uniformly (THEORY.md,
    Theorem 4, with uniform u): for lambda = 1 no rule has a larger spatial accuracy.

    Parameters
    ----------
    setting : Setting
    weight : float in [0, 1]
        ``lambda``.

    Raises
    ------
    ValueError
        If the weight is outside [0, 1].
    """
    instance("setting", setting, Setting)
    share = probability("weight", weight)
    components = range(setting.mixture.components)
    shifts = [transforming_perturbations(setting, i) for i in components]
    counts = [len(each) for each in shifts]
    owner = np.repeat(components, counts)
    return _rule(setting, share, np.concatenate(shifts), owner, 1.0 / np.repeat(counts, counts))


def minimax_rule(setting: Setting, bound: JointBound) -> LikelihoodRatio:
    """Return the likelihood-ratio rule against the attack that a joint bound has found.

    The bound is the value of this rule against that attack (THEORY.md, Theorem 4); where the
    attack is the worst for the rule, the rule lies on the frontier.

    Parameters
    ----------
    setting : Setting
        The one that the bound is about.
    bound : JointBound
    """
    instance("setting", setting, Setting)
    instance("bound", bound, JointBound)
    return _rule(setting, bound.weight, bound.shifts, bound.owner, bound.attack_weights)


def _rule(
    setting: Setting, weight: float, shifts: FloatArray, owner: IntArray, chances: FloatArray
) -> LikelihoodRatio:
    """Return the optimal rule when component ``owner[j]`` is shifted by j with its chance."""
    mixture = setting.mixture
    spatial = weight * np.outer(setting.probabilities, mixture.weights).ravel()
    mass = np.append(spatial, (1.0 - weight) * mixture.weights[owner] * chances)
    turned = setting.transformed_means.reshape(-1, mixture.dimension)
    means = np.concatenate([turned, mixture.means[owner] + shifts])
    labels = np.append(np.tile(mixture.labels, setting.transformations.size), mixture.labels[owner])
    # an optimiser leaves its last digits to the machine, and masses that only cost time
    mass = on_grid(mass, _MASS_BITS)
    kept = mass > 0.0
    normals, offsets = _log_densities(setting, means[kept])
    return LikelihoodRatio(normals, offsets + np.log(mass[kept]), labels[kept])


def _log_densities(setting: Setting, means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log densities, up to a term common to all, as linear functions of the input."""
    whitened = setting.mixture.whiten(means)
    offsets = -0.5 * np.sum(whitened**2, axis=1)
    return setting.mixture.precision_times(means), offsets


def _distinct(means: FloatArray, labels: IntArray) -> IntArray:
    """Return the indices of one copy of each template, in their order."""
    table = np.column_stack([on_grid(means, _POINT_BITS), labels])
    return np.sort(np.unique(table, axis=0, return_index=True)[1])
