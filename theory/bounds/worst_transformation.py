"""Bounds against an adversary who picks the transformation."""

import numpy as np
from numpy.typing import ArrayLike

from theory.bounds.constraints import PairwiseConstraints, setting_residuals
from theory.bounds.pairwise import PairwiseBound, solve
from theory.checks import FloatArray, instance
from theory.setting.setting import Setting

__all__ = ["worst_transformation_bound"]


def worst_transformation_bound(
    setting: Setting, adversarial_error: ArrayLike, *, tolerance: float = 1e-6
) -> PairwiseBound:
    r"""Lower bound on the error under the worst transformation (THEORY.md, eq. (6.4)).

    .. math:: e_S^{wc} = P(\exists g: f(P_g X) \ne Y)

    is bounded by a network of pairwise constraints with the least residual over the
    transformations; their probabilities play no part, save that those of probability zero are
    left out. Never below ``pairwise_bound`` (tested), and certified in the same way.

    Parameters
    ----------
    setting
        Any number of components, classes and transformations.
    adversarial_error
        Scalar or array in [0, 1], of the adversary who perturbs and does not transform.
    tolerance
        Stop when the value is known to within this.

    Raises
    ------
    ValueError
        If ``adversarial_error`` leaves [0, 1] or ``tolerance`` is not positive.
    """
    instance("setting", setting, Setting)
    bound = solve(_network(setting), adversarial_error, tolerance=tolerance)
    return bound.lowered(float(setting.invariance_defects.max()))


def _network(setting: Setting) -> PairwiseConstraints:
    """Variables t_i, then a_i; constraints (6.4) and (2) for components of different labels."""
    mixture = setting.mixture
    means, labels, weights = mixture.means, mixture.labels, mixture.weights
    moved = setting.transformed_means[setting.probabilities > 0.0]
    count = mixture.components
    left, right, values = [], [], []
    for i, k in np.argwhere(labels[:, None] != labels[None, :]):
        toward = setting_residuals(setting, moved[:, i], means[k], setting.epsilon)
        left.append(i)
        right.append(count + k)
        values.append(float(toward.min()))
        if i < k:
            left += [i, count + i]
            right += [k, count + k]
            apart = setting_residuals(setting, means[i], means[k], 2.0 * setting.epsilon)
            values += [_nearest(setting, moved[:, i], moved[:, k]), float(apart)]
    nothing = np.zeros(count)
    return PairwiseConstraints(
        cost=np.concatenate([weights, nothing]),
        budget=np.concatenate([nothing, weights]),
        left=np.array(left, dtype=np.int64),
        right=np.array(right, dtype=np.int64),
        residual=np.array(values),
        spatial=count,
    )


def _nearest(setting: Setting, first: FloatArray, second: FloatArray) -> float:
    """Least Mahalanobis distance between two sets of means, rounded up."""
    return float(setting_residuals(setting, first[:, None], second, 0.0).min())
