"""The mixture behind the joint bound, reduced to the span of its means (Theorem 4)."""

from dataclasses import dataclass

import numpy as np

from theory.canonical import span_coordinates
from theory.checks import FloatArray, IntArray
from theory.residual.attack import attack_residual
from theory.setting.setting import Setting

__all__ = ["JointMixture", "joint_mixture"]

_LARGEST_COUNT = 64


@dataclass(frozen=True, eq=False)
class JointMixture:
    """Transformed and attacked components in orthonormal coordinates of their span.

    In these ``m`` coordinates the noise is standard normal, and what is left out of them is
    the same for every component, so no classifier gains by seeing it (THEORY.md, section 7).

    Attributes
    ----------
    spatial
        (n_s, m) means of the transformed components; ``spatial_weights`` and
        ``spatial_labels`` (class indices) go with them.
    attacked
        (n_a, m) means ``mu_i + delta_ij``; ``owner`` is ``i``.
    shifts
        (n_a, d) the perturbations ``delta_ij`` themselves.
    weights, labels
        (J,) of the components.
    """

    spatial: FloatArray
    spatial_weights: FloatArray
    spatial_labels: IntArray
    attacked: FloatArray
    owner: IntArray
    shifts: FloatArray
    weights: FloatArray
    labels: IntArray

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.labels.max()) + 1

    @property
    def centres(self) -> FloatArray:
        """All means, spatial ones first."""
        return np.concatenate([self.spatial, self.attacked])

    @property
    def class_of_centre(self) -> IntArray:
        """Class index of each centre."""
        return np.concatenate([self.spatial_labels, self.labels[self.owner]])

    def mass(self, weight: float, attack: FloatArray) -> FloatArray:
        """Probability of each centre under the attack weights ``u`` (n_a,)."""
        adversarial = (1.0 - weight) * self.weights[self.owner] * attack
        return np.concatenate([weight * self.spatial_weights, adversarial])

    def relative_densities(self, points: FloatArray) -> FloatArray:
        """Densities (N, centres) at points (N, m), up to a factor per point."""
        centres = self.centres
        exponent = points @ centres.T - 0.5 * np.einsum("kj,kj->k", centres, centres)
        exponent -= exponent.max(axis=1, keepdims=True)
        return np.asarray(np.exp(exponent))


def joint_mixture(setting: Setting) -> JointMixture:
    """Collect the natural shifts and reduce all means to their affine span, exactly.

    The shifts of component ``i``: none, toward ``P_g mu_k`` and half-way toward ``mu_k`` for
    every ``k`` of another class (at most 64 of the smallest residuals).
    """
    mixture = setting.mixture
    _, labels = np.unique(mixture.labels, return_inverse=True)
    lists = [_natural_shifts(setting, i) for i in range(mixture.components)]
    owner = np.repeat(np.arange(mixture.components), [len(one) for one in lists])
    shifts = np.concatenate(lists)
    dimension = mixture.dimension
    rotated = np.column_stack(
        [
            setting.rotated_means.reshape(-1, dimension),
            np.tile(labels, len(setting.probabilities)),
        ]
    )
    unique, position = np.unique(rotated, axis=0, return_inverse=True)
    masses = np.outer(setting.probabilities, mixture.weights).ravel()
    whole = mixture.whiten(np.concatenate([unique[:, :-1], mixture.means[owner] + shifts]))
    centred = whole - whole.mean(axis=0)
    reduced = span_coordinates(centred)
    if not reduced.shape[1]:
        reduced = np.zeros((len(centred), 1))
    return JointMixture(
        spatial=reduced[: len(unique)],
        spatial_weights=np.bincount(position.ravel(), masses).astype(np.float64),
        spatial_labels=unique[:, -1].astype(np.int64),
        attacked=reduced[len(unique) :],
        owner=owner,
        shifts=shifts,
        weights=mixture.weights,
        labels=labels.astype(np.int64),
    )


def _natural_shifts(setting: Setting, i: int) -> FloatArray:
    """Return the distinct natural shifts of one component, no shift first."""
    mixture = setting.mixture
    others = np.flatnonzero(mixture.labels != mixture.labels[i])
    toward = setting.rotated_means[:, others].reshape(-1, mixture.dimension) - mixture.means[i]
    halfway = (mixture.means[others] - mixture.means[i]) / 2.0
    found: dict[bytes, tuple[float, FloatArray]] = {}
    for difference in np.concatenate([toward, halfway]):
        residual = attack_residual(
            difference,
            setting.epsilon,
            sigma=mixture.sigma if mixture.covariance is None else None,
            covariance=mixture.covariance,
            norm=setting.norm,
        )
        key = np.round(residual.perturbation, 12) + 0.0
        found.setdefault(key.tobytes(), (residual.value, residual.perturbation))
    nearest = sorted(found.values(), key=lambda pair: pair[0])[:_LARGEST_COUNT]
    zero = np.zeros(mixture.dimension)
    return np.array([zero, *(shift for _, shift in nearest if shift.any())])
