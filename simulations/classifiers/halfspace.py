"""What a classifier is to a simulation, and the simplest one, the halfspace.

A classifier sees an input only through k linear scores.  It maps scores of shape
(k, n) to verdicts of shape (n,), so that a sample of the scores is enough: the input itself is
never needed, not even by an adversary (see `simulations.classifiers.attacks`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from theory.checks import (
    FloatArray,
    InputError,
    IntArray,
    finite_array,
    integer,
    nonnegative,
    shown,
)
from theory.norms import dual_norm

__all__ = [
    "Classifier",
    "Criterion",
    "Halfspace",
    "Verdicts",
    "count_met",
]

Verdicts = NDArray[np.bool_]
Criterion = Callable[[FloatArray, int], Verdicts]


def count_met(criterion: Criterion, scores: FloatArray, label: int) -> int:
    """Count the samples, of scores (k, n), that meet a criterion; refuse what is no verdict."""
    verdicts = criterion(scores, label)
    if getattr(verdicts, "dtype", None) != np.bool_ or verdicts.shape != scores.shape[1:]:
        raise InputError(
            f"criterion must return {scores.shape[1]} booleans for as many samples, "
            f"got {shown(verdicts)}"
        )
    return int(np.count_nonzero(verdicts))


@runtime_checkable
class Classifier(Protocol):
    """What simulation needs to know of a classifier with scores ``normals @ x + offsets``."""

    @property
    def normals(self) -> FloatArray:
        """Weights of the scores, shape (k, d)."""
        ...

    @property
    def offsets(self) -> FloatArray:
        """Offsets of the scores, shape (k,)."""
        ...

    @property
    def exact(self) -> bool:
        """Whether the certificate is the exact worst case, not only a sufficient condition."""
        ...

    def correct(self, scores: FloatArray, label: int) -> Verdicts:
        """Return whether the prediction at scores (k, n) is the label, shape (n,)."""
        ...

    def certificate(self, epsilon: float, norm: str) -> Criterion:
        """Return the test that no perturbation of size epsilon changes a right prediction."""
        ...

    def rivals(self, label: int) -> IntArray:
        """Return the scores that an attack can raise against the label one by one."""
        ...

    def slopes(self, scores: FloatArray, label: int, rival: IntArray | None) -> FloatArray:
        """Return the derivative of the label's margin by the scores, shape (k, n).

        The margin is over one rival for each sample, shape (n,), or over the best of all.
        """
        ...


@dataclass(frozen=True)
class Halfspace:
    """Predict `positive` where <normal, x> + offset > 0 and `negative` elsewhere.

    Its worst case is exact: the margin falls by at most epsilon times the dual norm of the
    normal, and by exactly that for the worst perturbation (THEORY.md, Theorem 5).

    Parameters
    ----------
    normal : (d,) floats
    offset : float
    positive, negative : int
        The two labels.

    Raises
    ------
    ValueError
        If the normal is not a finite vector, or the two labels are equal or no integers.
    """

    normal: FloatArray
    offset: float
    positive: int = 1
    negative: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "normal", finite_array("normal", self.normal, ndim=1))
        object.__setattr__(self, "offset", float(finite_array("offset", self.offset, ndim=0)))
        for name in ("positive", "negative"):
            value = getattr(self, name)
            if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
                raise InputError(f"{name} must be an integer label, got {shown(value)}")
            object.__setattr__(self, name, int(value))
        if self.positive == self.negative:
            raise InputError(f"positive and negative must differ, got {self.positive} twice")

    @property
    def normals(self) -> FloatArray:
        """The normal as one row, shape (1, d)."""
        return self.normal[None]

    @property
    def offsets(self) -> FloatArray:
        """The offset, shape (1,)."""
        return np.array([self.offset])

    @property
    def exact(self) -> bool:
        """The worst case of a halfspace is known exactly."""
        return True

    def _sign(self, label: int) -> float:
        value = integer("label", label, minimum=-(2**63))
        if value not in {self.positive, self.negative}:
            raise InputError(f"label must be {self.negative} or {self.positive}, got {value}")
        return 1.0 if label == self.positive else -1.0

    def correct(self, scores: FloatArray, label: int) -> Verdicts:
        """Return whether the score is on the label's side."""
        verdict: Verdicts = self._sign(label) * scores[0] > 0.0
        return verdict

    def certificate(self, epsilon: float, norm: str) -> Criterion:
        """Return the test whether the margin exceeds the most that a perturbation can take.

        Raises
        ------
        ValueError
            If ``epsilon`` is negative, or the norm unknown.
        """
        reach = nonnegative("epsilon", epsilon) * float(dual_norm(self.normal, norm))

        def robust(scores: FloatArray, label: int) -> Verdicts:
            verdict: Verdicts = self._sign(label) * scores[0] > reach
            return verdict

        return robust

    def rivals(self, label: int) -> IntArray:
        """Return none: there is one score."""
        self._sign(label)
        return np.empty(0, dtype=np.int64)

    def slopes(self, scores: FloatArray, label: int, rival: IntArray | None) -> FloatArray:
        """Return plus or minus one.

        Raises
        ------
        ValueError
            If a rival is named: a halfspace has one score.
        """
        if rival is not None:
            raise InputError(f"rival must be None for a halfspace, got {rival}")
        return np.full_like(scores, self._sign(label))

    def regions(self, label: int, epsilon: float, norm: str) -> list[tuple[FloatArray, FloatArray]]:
        """Return (M, c) of the half-line {s : M s >= c} where the certificate fails.

        Raises
        ------
        ValueError
            If ``epsilon`` is negative, or the norm unknown.
        """
        reach = nonnegative("epsilon", epsilon) * float(dual_norm(self.normal, norm))
        return [(np.array([[-self._sign(label)]]), np.array([-reach]))]
