"""The network of pairwise constraints between the errors of one setting (Theorem 3)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from theory.bounds.screening import residual_floors
from theory.checks import FloatArray, IntArray
from theory.error_free import two_sum
from theory.residual.attack import residuals
from theory.setting.setting import Setting

__all__ = ["PairwiseConstraints", "pairwise_constraints", "setting_residuals"]

_LARGEST = float(np.finfo(np.float64).max)
# Pairs whose residuals are computed at a time.
_PAIRS = 1 << 12
# G_r(error) < 4e-16 for every error above 4e-16: such a constraint never binds visibly.
_IDLE_RESIDUAL = 16.2


@dataclass(eq=False)
class PairwiseConstraints:
    """Constraints ``x[i] >= G_r(x[k])`` on the errors ``x`` of a classifier, r of each pair.

    The first ``spatial`` variables are the errors on the distinct transformed components, the
    others the adversarial errors of the components (THEORY.md, Theorems 1 and 3).
    Transformed components with the same mean and label share one variable.

    Few of the pairs ever bind, so residuals are computed where they are asked for; lower ends
    of all of them tell which may be broken.

    Attributes
    ----------
    cost, budget
        (n,) coefficients of the spatial and of the adversarial error.
    floors
        (n, n) lower ends of the residuals, infinite where there is no constraint; both triangles
        speak of the same pairs, as G is its own inverse. Residuals once known replace them.
    spatial
        Number of spatial variables.
    exact
        Residuals (E,), rounded up, of pairs (E,), (E,).
    known
        (n, n) which of the floors are the residuals themselves.
    """

    cost: FloatArray
    budget: FloatArray
    floors: FloatArray
    spatial: int
    exact: Callable[[IntArray, IntArray], FloatArray]
    known: NDArray[np.bool_]

    def residuals(self, left: IntArray, right: IntArray) -> FloatArray:
        """Residuals, rounded up, of pairs ``left < right``."""
        new = np.flatnonzero(~self.known[left, right])
        for start in range(0, len(new), _PAIRS):
            chosen = new[start : start + _PAIRS]
            i, k = left[chosen], right[chosen]
            values = self.exact(i, k)
            self.floors[i, k] = self.floors[k, i] = values
            self.known[i, k] = self.known[k, i] = True
        return self.floors[left, right]

    @cached_property
    def _pairs(self) -> tuple[NDArray[np.int64], ...]:
        return np.triu(np.isfinite(self.floors), 1).nonzero()

    @property
    def left(self) -> IntArray:
        """Smaller index (E,) of the variables of all constraints."""
        return self._pairs[0]

    @property
    def right(self) -> IntArray:
        """Greater index (E,) of the variables of all constraints."""
        return self._pairs[1]

    @cached_property
    def residual(self) -> FloatArray:
        """Residuals (E,) of all constraints; each also holds from right to left."""
        return self.residuals(self.left, self.right)

    def adversarial(self) -> "PairwiseConstraints":
        """Return the constraints among adversarial errors alone, their mean as cost and budget."""
        first = self.spatial
        weights = self.budget[first:]
        return PairwiseConstraints(
            cost=weights,
            budget=weights,
            floors=self.floors[first:, first:],
            spatial=0,
            exact=lambda left, right: self.exact(left + first, right + first),
            known=self.known[first:, first:],
        )


def pairwise_constraints(setting: Setting) -> PairwiseConstraints:
    """Collect the constraints (1), (2) and (3) of Theorem 1."""
    mixture = setting.mixture
    means, weights = mixture.means, mixture.weights
    labels = mixture.class_numbers  # no double holds every integer
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
    floors = assembled_floors(
        residual_floors(setting, points, points, 0.0),
        residual_floors(setting, points, means, setting.epsilon),
        residual_floors(setting, means, means, min(2.0 * setting.epsilon, _LARGEST)),
        np.concatenate([point_labels, labels.astype(float)]),
    )
    centres = np.concatenate([points, means])

    def exact(left: IntArray, right: IntArray) -> FloatArray:
        values = np.empty(len(left))
        attacks = (left >= count).astype(int) + (right >= count)
        for number in range(3):
            chosen = attacks == number
            values[chosen] = setting_residuals(
                setting, centres[left[chosen]], centres[right[chosen]], number * setting.epsilon
            )
        return values

    nothing = np.zeros(components)
    return PairwiseConstraints(
        cost=np.concatenate([cost, nothing]),
        budget=np.concatenate([np.zeros(count), weights]),
        floors=floors,
        spatial=count,
        exact=exact,
        known=np.zeros(floors.shape, dtype=np.bool_),
    )


def assembled_floors(
    spatial: FloatArray, mixed: FloatArray, adversarial: FloatArray, labels: FloatArray
) -> FloatArray:
    """Symmetric matrix of the blocks, infinite where labels are equal or nothing binds."""
    floors = np.empty((len(labels), len(labels)))
    count = len(spatial)
    floors[:count, :count], floors[count:, count:] = spatial, adversarial
    floors[:count, count:], floors[count:, :count] = mixed, mixed.T
    for label in np.unique(labels):
        alike = np.flatnonzero(labels == label)
        floors[np.ix_(alike, alike)] = np.inf
    floors[floors >= _IDLE_RESIDUAL] = np.inf
    return floors


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
