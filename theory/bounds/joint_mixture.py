"""The mixture behind the joint bound, reduced to the span of its means (Theorem 4)."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from theory.canonical import span_in_deviations
from theory.checks import FloatArray, InputError, IntArray
from theory.setting.perturbations import natural_perturbations
from theory.setting.setting import Setting

__all__ = ["JointMixture", "joint_mixture"]

_LARGEST_COUNT, _LARGEST_TOTAL = 64, 1024
# Centres per dimension beyond which their span is not looked for.
_MANY = 4
# Coordinates whose squares keep ten digits after the point.
_FAR = 1e3
# Rounding, in standard deviations of the noise, from which on double precision is said not to
# carry a setting.
_WORST_DOUBT = 1e-3


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
    defect
        What noise that a transformation changes may add to the spatial accuracy.
    doubt
        (n_s + n_a,) bounds on how far rounding, and directions left out, may have moved a centre.
    """

    spatial: FloatArray
    spatial_weights: FloatArray
    spatial_labels: IntArray
    attacked: FloatArray
    owner: IntArray
    shifts: FloatArray
    weights: FloatArray
    labels: IntArray
    doubt: FloatArray
    defect: float

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
        if self._near:
            exponent = points @ centres.T - 0.5 * np.einsum("kj,kj->k", centres, centres)
        else:
            # squares of large coordinates would cancel
            exponent = np.empty((len(points), len(centres)))
            for column, centre in enumerate(centres):
                exponent[:, column] = -0.5 * ((points - centre) ** 2).sum(axis=1)
        return _relative(exponent)

    def densities_around(self, component: IntArray, noise: FloatArray) -> FloatArray:
        """Densities (..., 2, centres) at ``centres[component]`` plus and minus noise (..., m).

        As ``relative_densities``; only the noise is multiplied, centres meet each other once.
        """
        if not self._near:
            middle = self.centres[component]
            points = np.stack([middle + noise, middle - noise], axis=-2)
            found = self.relative_densities(points.reshape(-1, noise.shape[-1]))
            return found.reshape(*points.shape[:-1], -1)
        rise, middle = noise @ self.centres.T, self._scores[component]
        return _relative(np.stack([middle + rise, middle - rise], axis=-2))

    def without_idle(self, attack: FloatArray) -> "JointMixture":
        """Leave out the shifts of no weight, and take coordinates in the span of the rest."""
        used = attack > 0.0
        centres = np.concatenate([self.spatial, self.attacked[used]])
        (reduced, lost), count = span_in_deviations(centres), len(self.spatial)
        doubt = np.concatenate([self.doubt[:count], self.doubt[count:][used]])
        return replace(
            self,
            spatial=reduced[:count],
            attacked=reduced[count:],
            owner=self.owner[used],
            shifts=self.shifts[used],
            doubt=doubt + lost,
        )

    @cached_property
    def _near(self) -> bool:
        return bool(np.abs(self.centres).max() < _FAR)

    @cached_property
    def _scores(self) -> FloatArray:
        """Exponent of each density, up to a term per row, at each centre."""
        centres = self.centres
        return np.asarray(centres @ centres.T - 0.5 * np.einsum("kj,kj->k", centres, centres))


def _relative(exponent: FloatArray) -> FloatArray:
    """Exponential of what is left, in each row, of the largest."""
    exponent -= exponent.max(axis=-1, keepdims=True)
    return np.asarray(np.exp(exponent, out=exponent))


def joint_mixture(setting: Setting) -> JointMixture:
    """Collect the natural shifts and reduce all means to their affine span, exactly.

    The shifts of component ``i``: none, toward ``P_g mu_k`` and half-way toward ``mu_k`` for
    every ``k`` of another class: at most 64 of the smallest residuals, fewer where there are more
    than 16 components, but at least 3. Any list gives a valid bound.
    """
    setting, unit = setting.in_noise_units
    mixture = setting.mixture
    labels = mixture.class_numbers
    count = int(np.clip(_LARGEST_TOTAL // mixture.components, 3, _LARGEST_COUNT))
    lists = [natural_perturbations(setting, i, count) for i in range(mixture.components)]
    owner = np.repeat(np.arange(mixture.components), [len(one) for one in lists])
    shifts = np.concatenate(lists)
    dimension = mixture.dimension
    rotated = np.column_stack(
        [
            setting.transformed_means.reshape(-1, dimension),
            np.tile(labels, len(setting.probabilities)),
        ]
    )
    unique, position = np.unique(rotated, axis=0, return_inverse=True)
    masses = np.outer(setting.probabilities, mixture.weights).ravel()
    # differences first: a common offset costs no digits
    origin = mixture.means[0]
    from_origin = mixture.means[owner] - origin
    moved = np.concatenate([unique[:, :-1] - origin, from_origin + shifts])
    whole = mixture.whiten(moved)
    # a mean and its shift may cancel
    parts = [
        np.linalg.norm(whole[: len(unique)], axis=1),
        sum(np.linalg.norm(mixture.whiten(part), axis=1) for part in (from_origin, shifts)),
    ]
    centred = whole - whole.mean(axis=0)
    # so many centres span the whole space
    reduced, lost = span_in_deviations(centred, whole=len(centred) > _MANY * dimension)
    if not reduced.shape[1]:
        reduced = np.zeros((len(centred), 1))
    doubt = lost + mixture.whitening_error * np.concatenate(parts)
    if doubt.max() > _WORST_DOUBT:
        raise InputError(
            "means must be near enough to each other for double precision, got a rounding error "
            f"of {doubt.max():.2g} standard deviations"
        )
    return JointMixture(
        spatial=reduced[: len(unique)],
        spatial_weights=np.bincount(position.ravel(), masses).astype(np.float64),
        spatial_labels=unique[:, -1].astype(np.int64),
        attacked=reduced[len(unique) :],
        owner=owner,
        shifts=np.ldexp(shifts, unit),
        weights=mixture.weights,
        labels=labels,
        doubt=doubt,
        defect=setting.invariance_defect,
    )
