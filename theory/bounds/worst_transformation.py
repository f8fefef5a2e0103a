"""Bounds against an adversary who picks the transformation."""

import sys

import numpy as np
from numpy.typing import ArrayLike

from theory.bounds.constraints import PairwiseConstraints, assembled_floors, setting_residuals
from theory.bounds.pairwise import PairwiseBound, solve
from theory.bounds.screening import residual_floors
from theory.checks import FloatArray, IntArray, instance, positive, probability_array
from theory.setting.progress import Progress
from theory.setting.setting import Setting

__all__ = ["worst_transformation_bound"]

_LARGEST = sys.float_info.max


def worst_transformation_bound(
    setting: Setting,
    adversarial_error: ArrayLike,
    *,
    tolerance: float = 1e-6,
    progress: Progress | None = None,
) -> PairwiseBound:
    r"""Lower bound on the error under the worst transformation (THEORY.md, eq. (6.4)).

    .. math:: e_S^{wc} = P(\exists g: f(P_g X) \ne Y)

    is bounded by a network of pairwise constraints with the least residual over the
    transformations; their probabilities play no part, save that those of probability zero are
    left out. Never below ``pairwise_bound`` (tested), and certified in the same way.

    Parameters
    ----------
    setting : Setting
        Any number of components, classes and transformations.
    adversarial_error : float or array of floats
        In [0, 1], of the adversary who perturbs and does not transform.
    tolerance : float > 0
        Stop when the value is known to within this.
    progress : callable, optional
        As that of ``pairwise_bound``.

    Raises
    ------
    ValueError
        If ``adversarial_error`` leaves [0, 1] or ``tolerance`` is not positive.
    """
    instance("setting", setting, Setting)
    errors = probability_array("adversarial_error", adversarial_error)
    positive("tolerance", tolerance)
    bound = solve(_network(setting), errors, tolerance=tolerance, progress=progress)
    return bound.lowered(float(setting.invariance_defects.max()))


def _network(setting: Setting) -> PairwiseConstraints:
    """Variables t_i, then a_i; constraints (6.4) and (2) for components of different labels."""
    mixture = setting.mixture
    means, weights = mixture.means, mixture.weights
    moved = setting.transformed_means[setting.probabilities > 0.0]
    group, count, dimension = moved.shape
    points = moved.reshape(-1, dimension)
    apart = residual_floors(setting, points, points, 0.0).reshape(group, count, group, count)
    toward = residual_floors(setting, points, means, setting.epsilon)
    floors = assembled_floors(
        apart.min(axis=(0, 2)),
        toward.reshape(group, count, count).min(axis=0),
        residual_floors(setting, means, means, min(2.0 * setting.epsilon, _LARGEST)),
        np.tile(mixture.class_numbers, 2).astype(float),
    )

    def exact(left: IntArray, right: IntArray) -> FloatArray:
        """Least residuals over the transformations of those that are transformed."""
        values = np.full(len(left), np.inf)
        attacks = (left >= count).astype(int) + (right >= count)
        for number in range(3):
            chosen = attacks == number
            i, k = left[chosen] % count, right[chosen] % count
            first = moved[:, i] if number < 2 else means[None, i]
            second = moved[:, k] if number == 0 else means[None, k]
            for step in second:
                between = setting_residuals(setting, first, step, number * setting.epsilon)
                values[chosen] = np.minimum(values[chosen], between.min(axis=0))
        return values

    nothing = np.zeros(count)
    return PairwiseConstraints(
        cost=np.concatenate([weights, nothing]),
        budget=np.concatenate([nothing, weights]),
        floors=floors,
        spatial=count,
        exact=exact,
        known=np.zeros(floors.shape, dtype=np.bool_),
    )
