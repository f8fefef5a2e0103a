"""The perturbations from which the bounds are proved: each brings a mean towards a rival's."""

from collections.abc import Iterator

import numpy as np

from theory.canonical import on_grid
from theory.checks import FloatArray
from theory.residual.attack import best_perturbations
from theory.setting.setting import Setting

__all__ = [
    "halfway_perturbations",
    "natural_perturbations",
    "theorem_perturbations",
    "transforming_perturbations",
]

# Of very many differences, how many of the shortest are looked at for each that is wanted.
_CANDIDATES = 4
# Bits to which perturbations are compared, counted from the largest of them.
_BITS = 36
# Distances held at a time.
_BLOCK = 1 << 23


def theorem_perturbations(setting: Setting) -> Iterator[tuple[int, FloatArray]]:
    """Yield (label, perturbation): attacks on inputs of that label that prove Theorem 1.

    For each component i, each g and each component k of another class, the minimiser of
    r_eps(P_g mu_k - mu_i), which proves constraint (1); and half the minimiser of
    r_{2 eps}(mu_k - mu_i), which proves (2).  Shapes (d,), of norm at most the setting's epsilon.
    """
    for i, label in enumerate(setting.mixture.labels):
        _, found = _best(setting, _differences(setting, i))
        for perturbation in found.transpose(1, 0, 2).reshape(-1, found.shape[-1]):
            yield int(label), perturbation


def transforming_perturbations(setting: Setting, component: int) -> FloatArray:
    """Perturbations of a component that prove constraint (1), without repetition, (m, d)."""
    _, found = _best(setting, _differences(setting, component)[:-1])
    rows = found.reshape(-1, found.shape[-1])
    first = np.unique(on_grid(rows, _BITS), axis=0, return_index=True)[1]
    return np.asarray(rows[first])


def natural_perturbations(setting: Setting, component: int, count: int) -> FloatArray:
    """Perturbations of a component that prove (1) and (2), no perturbation first, (m, d).

    Without repetition, at most ``count`` and none, those of the smallest residuals.
    """
    mixture = setting.mixture
    differences = _differences(setting, component).reshape(-1, mixture.dimension)
    if len(differences) > _CANDIDATES * count:
        size = np.linalg.norm(mixture.whiten(differences), axis=1)
        differences = differences[np.sort(np.argsort(size, kind="stable")[: _CANDIDATES * count])]
    values, perturbations = _best(setting, differences)
    # perturbations are at most so large, even where the ball covers every difference
    largest = min(setting.epsilon, float(np.abs(differences).max())) or 1.0
    keys = np.round(perturbations / largest, 12) + 0.0
    found: dict[bytes, int] = {}
    for row, key in enumerate(keys):
        found.setdefault(key.tobytes(), row)
    rows = sorted(found.values(), key=lambda row: float(values[row]))[:count]
    zero = np.zeros(mixture.dimension)
    return np.array([zero, *(perturbations[row] for row in rows if perturbations[row].any())])


def halfway_perturbations(setting: Setting) -> FloatArray:
    """Perturbations (J, d) half-way to the nearest mean of another class, as far as the ball."""
    labels = setting.mixture.labels
    means = setting.mixture.means - setting.mixture.means[0]
    squares = np.einsum("kj,kj->k", means, means)
    found: FloatArray = np.empty_like(means)
    chunk = max(1, _BLOCK // len(means))
    for begin in range(0, len(means), chunk):
        part = slice(begin, begin + chunk)
        distance = squares - 2.0 * means[part] @ means.T
        distance[labels[part, None] == labels] = np.inf
        halves = (means[distance.argmin(axis=1)] - means[part]) / 2.0
        _, found[part] = _best(setting, halves)
    return found


def _differences(setting: Setting, component: int) -> FloatArray:
    """Differences (G + 1, K, d) from a component to the K of other classes.

    First ``P_g mu_k - mu_i`` for every g, last ``(mu_k - mu_i) / 2``, whose minimisers are half
    those of r_{2 eps}(mu_k - mu_i).
    """
    mixture = setting.mixture
    rivals = np.flatnonzero(mixture.labels != mixture.labels[component])
    toward = setting.transformed_means[:, rivals] - mixture.means[component]
    halfway = (mixture.means[rivals] - mixture.means[component]) / 2.0
    return np.concatenate([toward, halfway[None]])


def _best(setting: Setting, differences: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Residuals of differences (..., d), and the perturbations that attain them."""
    return best_perturbations(
        differences, setting.epsilon, norm=setting.norm, **setting.mixture.spread
    )
