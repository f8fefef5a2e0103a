"""What halfspaces achieve: the first inner bound of the frontier (Theorem 5)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import FloatArray, InputError, finite_array, instance, integer, shown
from theory.frontiers.halfspace_search import HalfspaceProblem, starting_points
from theory.setting.curves import Curve, reached_accuracy
from theory.setting.setting import Setting, linear_in_inputs

__all__ = ["HalfspaceFrontier", "halfspace_accuracies", "halfspace_frontier"]

_LARGEST = float(np.finfo(np.float64).max)


@dataclass(frozen=True, eq=False, repr=False)
class HalfspaceFrontier(Curve):
    """The best halfspace found for each weight of the spatial accuracy.

    The classifier ``x -> sign(<normal, x> + offset)`` predicts the larger label where the sign
    is positive. Its accuracies are exact, the spatial one up to the setting's
    ``invariance_defect``, which is subtracted; that no halfspace does better is not claimed.

    Called with adversarial errors, it gives the spatial error of the best mixture of two of the
    halfspaces, one of which is drawn for every input, whose adversarial error is no larger; NaN
    where none was found.

    Attributes
    ----------
    weights : (n,) floats
        Weights ``lambda`` of the spatial accuracy.
    spatial_accuracy, adversarial_accuracy, value : (n,) floats
        ``S``, ``A`` and ``lambda S + (1 - lambda) A``.
    normals : (n, d) floats
    offsets : (n,) floats
    """

    weights: FloatArray
    spatial_accuracy: FloatArray
    adversarial_accuracy: FloatArray
    value: FloatArray
    normals: FloatArray
    offsets: FloatArray

    _line: ClassVar[dict[str, Any]] = {"label": "mixtures of halfspaces"}

    def columns(self) -> dict[str, FloatArray]:
        """Return the accuracies at each weight, by column name."""
        return {
            "weight": self.weights,
            "spatial_accuracy": self.spatial_accuracy,
            "adversarial_accuracy": self.adversarial_accuracy,
            "value": self.value,
        }

    def __repr__(self) -> str:
        return (
            f"HalfspaceFrontier({len(self.weights)} halfspaces in dimension "
            f"{self.normals.shape[1]}, S up to {self.spatial_accuracy.max():.4f}, "
            f"A up to {self.adversarial_accuracy.max():.4f})"
        )

    def _at(self, errors: FloatArray) -> FloatArray:
        points = np.column_stack([self.spatial_accuracy, self.adversarial_accuracy])
        return 1.0 - reached_accuracy(points, 1.0 - errors)

    def _drawn(self) -> FloatArray:
        return np.append(1.0 - self.adversarial_accuracy, 1.0)


def halfspace_accuracies(setting: Setting, normal: ArrayLike, offset: float) -> tuple[float, float]:
    r"""Exact spatial and adversarial accuracy of ``sign(<normal, x> + offset)``.

    .. math:: s_{i,g} = \Phi(-y_i (\langle w, P_g \mu_i\rangle + b) / \|w\|_\Sigma), \qquad
              a_i = \Phi(-(y_i (\langle w, \mu_i\rangle + b) - \epsilon \|w\|_q) / \|w\|_\Sigma)

    (THEORY.md, Theorem 5); tested against simulation. Rounding moves the arguments of Phi by at
    most 1e-10, whatever cancels. The zero normal is the constant
    classifier of the offset's sign. The setting's ``invariance_defect`` is subtracted from the
    first, which makes it a lower bound where that is not zero.

    Parameters
    ----------
    setting : Setting
        Of two classes.
    normal : (d,) floats
    offset : float

    Returns
    -------
    tuple of two floats
        Spatial and adversarial accuracy.

    Raises
    ------
    ValueError
        If the setting has more than two classes, or the normal has another dimension than its
        means, or normal and offset are both zero.
    """
    instance("setting", setting, Setting)
    problem = HalfspaceProblem(setting)
    w = finite_array("normal", normal, shape=(setting.mixture.dimension,))
    b = float(finite_array("offset", offset, ndim=0))
    if not w.any() and b == 0.0:
        raise InputError("normal must not be zero where the offset is, got both zero")
    # what both are multiplied by does not matter
    size = int(np.frexp(np.abs(w).max())[1]) if w.any() else 0
    with np.errstate(over="ignore"):
        offset_there = np.clip(np.ldexp(b, -size - problem.unit), -_LARGEST, _LARGEST)
    return problem.accuracies(np.ldexp(w, -size), float(offset_there))


def halfspace_frontier(
    setting: Setting, weights: ArrayLike, *, starts: int = 8
) -> HalfspaceFrontier:
    """Maximise ``lambda S + (1 - lambda) A`` over halfspaces (THEORY.md, Theorem 5).

    Bounded L-BFGS with exact gradients, from the residual vectors of pairs, differences of
    means, the answers at neighbouring weights and the two constant classifiers.

    Parameters
    ----------
    setting : Setting
        Of two classes.
    weights : float or (n,) floats
        ``lambda`` in [0, 1].
    starts : int >= 1
        How many of the best starting points are followed for each weight.

    Raises
    ------
    ValueError
        If a weight leaves [0, 1], ``starts`` < 1, or the setting has more than two classes.
    """
    instance("setting", setting, Setting)
    levels = np.atleast_1d(finite_array("weights", weights))
    if levels.ndim != 1 or not ((levels >= 0) & (levels <= 1)).all():
        raise InputError(f"weights must be numbers in [0, 1], got {shown(weights)}")
    followed = integer("starts", starts, minimum=1)
    problem = HalfspaceProblem(setting)
    candidates = starting_points(problem)
    for level in (*levels, *levels[::-1]):
        values = np.array([problem.value(level, *candidate) for candidate in candidates])
        for index in np.argsort(-values)[:followed]:
            candidates.append(problem.improve(level, *candidates[index]))
        candidates = _distinct(candidates)
    constants = [(np.zeros(setting.mixture.dimension), sign) for sign in (-1.0, 1.0)]
    chosen = [*candidates, *constants]
    pairs = np.array([problem.accuracies(*one) for one in chosen])
    mixed = levels[:, None] * pairs[:, 0] + (1.0 - levels[:, None]) * pairs[:, 1]
    best = mixed.argmax(axis=1)
    found = [linear_in_inputs(w, b, problem.unit) for w, b in (chosen[index] for index in best)]
    return HalfspaceFrontier(
        weights=levels,
        spatial_accuracy=pairs[best, 0],
        adversarial_accuracy=pairs[best, 1],
        value=mixed[np.arange(len(levels)), best],
        normals=np.array([normal for normal, _ in found]),
        offsets=np.array([float(offset) for _, offset in found]),
    )


def _distinct(
    candidates: list[tuple[FloatArray, float]],
) -> list[tuple[FloatArray, float]]:
    """Drop candidates that agree with an earlier one to nine digits."""
    seen = {np.append(np.round(w, 9), round(b, 9)).tobytes(): (w, b) for w, b in candidates}
    return list(seen.values())
