"""The network of pairwise constraints between the errors of one setting (Theorem 3)."""

from dataclasses import dataclass

import numpy as np

from theory.checks import FloatArray, IntArray
from theory.error_free import two_sum
from theory.residual.attack import residuals
from theory.setting.setting import Setting

__all__ = ["PairwiseConstraints", "pairwise_constraints", "setting_residuals"]

_LARGEST = float(np.finfo(np.float64).max)

# G_r(error) < 4e-16 for every error above 4e-16: such a constraint never binds visibly.
_IDLE_RESIDUAL = 16.2


@dataclass(frozen=True)
class PairwiseConstraints:
    """Constraints ``x[left] >= G_residual(x[right])`` on the errors ``x`` of a classifier.

    The first ``spatial`` variables are the errors on the distinct transformed components, the
    others the adversarial errors of the components (THEORY.md, Theorems 1 and 3).
    Transformed components with the same mean and label share one variable.

    Attributes
    ----------
    cost, budget
        (n,) coefficients of the spatial and of the adversarial error.
    left, right, residual
        (E,) the constraints; each may also be read from right to left, as G is its own inverse.
    spatial
        Number of spatial variables.
    """

    cost: FloatArray
    budget: FloatArray
    left: IntArray
    right: IntArray
    residual: FloatArray
    spatial: int

    def adversarial(self) -> "PairwiseConstraints":
        """Return the constraints among adversarial errors alone, their mean as cost and budget."""
        kept = (self.left >= self.spatial) & (self.right >= self.spatial)
        weights = self.budget[self.spatial :]
        return PairwiseConstraints(
            cost=weights,
            budget=weights,
            left=self.left[kept] - self.spatial,
            right=self.right[kept] - self.spatial,
            residual=self.residual[kept],
            spatial=0,
        )


def pairwise_constraints(setting: Setting) -> PairwiseConstraints:
    """Collect the constraints (1), (2) and (3) of Theorem 1 that can bind."""
    mixture = setting.mixture
    means, labels, weights = mixture.means, mixture.labels, mixture.weights
    group, components, dimension = setting.transformed_means.shape
    stacked = np.column_stack(
        [setting.transformed_means.reshape(-1, dimension), np.tile(labels, group).astype(float)]
    )
    unique, position = np.unique(stacked, axis=0, return_inverse=True)
    points, point_labels = unique[:, :dimension], unique[:, dimension]
    count = len(points)
    cost = np.bincount(
        position.ravel(), np.outer(setting.probabilities, weights).ravel(), minlength=count
    )

    parts: list[tuple[IntArray, IntArray, FloatArray]] = []
    for k in range(components):
        others = np.flatnonzero(point_labels != labels[k])
        values = setting_residuals(setting, points[others], means[k], setting.epsilon)
        parts.append((others, np.full(len(others), count + k), values))
        later = k + np.flatnonzero(labels[k:] != labels[k])
        values = setting_residuals(setting, means[later], means[k], 2.0 * setting.epsilon)
        parts.append((count + later, np.full(len(later), count + k), values))
    parts += [_distances(setting, points, point_labels, i) for i in range(count)]

    left, right, residual = (np.concatenate(column) for column in zip(*parts, strict=True))
    keep = residual < _IDLE_RESIDUAL
    return PairwiseConstraints(
        cost=np.concatenate([cost, np.zeros(components)]),
        budget=np.concatenate([np.zeros(count), weights]),
        left=left[keep],
        right=right[keep],
        residual=residual[keep],
        spatial=count,
    )


def _distances(
    setting: Setting, points: FloatArray, labels: FloatArray, first: int
) -> tuple[IntArray, IntArray, FloatArray]:
    """Constraints (3) of one transformed component with those after it of another label.

    The means are subtracted first, so that a common offset costs no digits, and the distance,
    a residual without attack, is rounded up.
    """
    others = first + np.flatnonzero(labels[first:] != labels[first])
    size = setting_residuals(setting, points[others], points[first], 0.0)
    return np.full(len(others), first), others, size


def setting_residuals(
    setting: Setting, first: FloatArray, second: FloatArray, epsilon: float
) -> FloatArray:
    """Residuals of differences of points (..., d) in the noise and the norm of a setting.

    Rounded up, that of the subtraction included: where it loses ``e`` the residual is at most
    ``r_epsilon`` of what it leaves plus the Mahalanobis norm of ``e``, and zero where a ball
    smaller by the norm of ``e`` covers that (THEORY.md, section 3).
    """
    mixture = setting.mixture

    def rounded_up(differences: FloatArray, radius: float) -> FloatArray:
        return residuals(
            differences,
            radius,
            sigma=None if mixture.covariance is not None else mixture.sigma,
            covariance=mixture.covariance,
            norm=setting.norm,
        )

    # twice a radius may overflow; less of it leaves a larger residual, the sound side
    radius = min(epsilon, _LARGEST)
    differences, lost = two_sum(first, -second)
    values = rounded_up(differences, radius)
    moved = lost.any(axis=-1)
    if not moved.any():
        return values
    more = values.copy()
    more[moved] = np.nextafter(values[moved] + rounded_up(lost[moved], 0.0), np.inf)
    touched = moved & (values == 0.0)
    if touched.any():
        # no norm of a vector exceeds the sum of its entries
        room = radius - 2.0 * float(np.abs(lost[touched]).sum(axis=-1).max())
        if room > 0.0:
            covered = rounded_up(differences[touched], room) == 0.0
            more[touched] = np.where(covered, 0.0, more[touched])
    return more
