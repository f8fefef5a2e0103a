"""Classifiers with several scores, each of which speaks for a label."""

from dataclasses import dataclass

import numpy as np

from simulations.classifiers.halfspace import Criterion, Verdicts
from theory.checks import (
    FloatArray,
    InputError,
    IntArray,
    finite_array,
    integer,
    integer_array,
)
from theory.frontiers.templates import certified, reaches

__all__ = ["LikelihoodRatio", "Templates"]


@dataclass(frozen=True, eq=False)
class Templates:
    """Predict the label of the largest score: nearest template, or multi-class linear.

    Parameters
    ----------
    normals : (k, d) floats
    offsets : (k,) floats
    labels : (k,) integers
        What each score speaks for; several scores may speak for one label.

    Raises
    ------
    ValueError
        If a shape is wrong, a number not finite, or fewer than two labels are named.
    """

    normals: FloatArray
    offsets: FloatArray
    labels: IntArray

    def __post_init__(self) -> None:
        _check(self)

    @property
    def exact(self) -> bool:
        """One score per label makes the certificate exact."""
        return len(np.unique(self.labels)) == len(self.labels)

    def correct(self, scores: FloatArray, label: int) -> Verdicts:
        """Return whether the best score of the label beats every other."""
        own, others = _split(self.labels, label)
        verdict: Verdicts = scores[own].max(axis=0) > scores[others].max(axis=0)
        return verdict

    def certificate(self, epsilon: float, norm: str) -> Criterion:
        """Return the test whether every rival is beaten by more than it can gain."""
        gains = reaches(self.normals, epsilon, norm)

        def robust(scores: FloatArray, label: int) -> Verdicts:
            labels = np.full(scores.shape[1], label)
            return certified(scores.T, labels, self.labels, gains)

        return robust

    def rivals(self, label: int) -> IntArray:
        """Return the scores of other labels."""
        return _split(self.labels, label)[1]

    def slopes(self, scores: FloatArray, label: int, rival: IntArray | None) -> FloatArray:
        """Return one on the best score of the label, minus one on the rival or the best of all."""
        own, others = _split(self.labels, label)
        slopes = np.zeros_like(scores)
        columns = np.arange(scores.shape[1])
        slopes[own[scores[own].argmax(axis=0)], columns] = 1.0
        worst = others[scores[others].argmax(axis=0)] if rival is None else rival
        slopes[worst, columns] = -1.0
        return slopes

    def regions(self, label: int, epsilon: float, norm: str) -> list[tuple[FloatArray, FloatArray]]:
        """Return (M, c) of each polyhedron {s : M s >= c} where a rival can win."""
        own, others = _split(self.labels, label)
        gains = reaches(self.normals, epsilon, norm)
        unit = np.eye(len(self.labels))
        return [(unit[rival] - unit[own], -gains[own, rival]) for rival in others]


@dataclass(frozen=True, eq=False)
class LikelihoodRatio:
    """Predict the label c with the largest sum of exp(score) over the scores for c.

    With the log densities of a mixture as scores this is its optimal rule.

    Parameters
    ----------
    normals, offsets, labels
        As for `Templates`.

    Raises
    ------
    ValueError
        As for `Templates`.
    """

    normals: FloatArray
    offsets: FloatArray
    labels: IntArray

    def __post_init__(self) -> None:
        _check(self)

    @property
    def exact(self) -> bool:
        """The certificate is sufficient, not necessary."""
        return False

    def correct(self, scores: FloatArray, label: int) -> Verdicts:
        """Return whether the label's log likelihood beats every other."""
        own, others = _split(self.labels, label)
        mine = _log_sum(scores[own])
        verdict = np.ones(scores.shape[1], dtype=np.bool_)
        for rivals in _by_label(self.labels, others):
            verdict &= mine > _log_sum(scores[rivals])
        return verdict

    def certificate(self, epsilon: float, norm: str) -> Criterion:
        """Return the test whether one score of the label beats all that each rival can gain.

        The label's sum is at least its term j, and relative to that term the term l of another
        label grows at most by its reach.
        """
        gains = reaches(self.normals, epsilon, norm)

        def robust(scores: FloatArray, label: int) -> Verdicts:
            own, others = _split(self.labels, label)
            verdict = np.ones(scores.shape[1], dtype=np.bool_)
            for rivals in _by_label(self.labels, others):
                beaten = np.zeros_like(verdict)
                for j in own:
                    worst = _log_sum(scores[rivals] + gains[j, rivals][:, None])
                    beaten |= scores[j] > worst
                verdict &= beaten
            return verdict

        return robust

    def rivals(self, label: int) -> IntArray:
        """Return the scores of other labels."""
        return _split(self.labels, label)[1]

    def slopes(self, scores: FloatArray, label: int, rival: IntArray | None) -> FloatArray:
        """Return softmax weights: positive within the label, negative on the rival or others."""
        own, others = _split(self.labels, label)
        slopes = np.zeros_like(scores)
        slopes[own] = _shares(scores[own])
        if rival is None:
            slopes[others] = -_shares(scores[others])
        else:
            slopes[rival, np.arange(scores.shape[1])] = -1.0
        return slopes


def _check(classifier: Templates | LikelihoodRatio) -> None:
    """Check the shapes and keep fresh arrays."""
    normals = finite_array("normals", classifier.normals, ndim=2)
    labels = integer_array("labels", classifier.labels, shape=(len(normals),))
    if len(np.unique(labels)) < 2:
        raise InputError(f"labels must name at least two classes, got only {labels[:1]}")
    offsets = finite_array("offsets", classifier.offsets, shape=(len(normals),))
    object.__setattr__(classifier, "normals", normals)
    object.__setattr__(classifier, "offsets", offsets)
    object.__setattr__(classifier, "labels", labels)


def _split(labels: IntArray, label: int) -> tuple[IntArray, IntArray]:
    """Return the indices of the scores for the label and of those against it."""
    own = labels == integer("label", label, minimum=-(2**63))
    if not own.any():
        raise InputError(f"label must be one of {np.unique(labels)}, got {label}")
    return np.flatnonzero(own), np.flatnonzero(~own)


def _log_sum(scores: FloatArray) -> FloatArray:
    """Return the log of the sum of exp over the rows; scipy's costs ten times more here."""
    top = scores.max(axis=0)
    return np.asarray(top + np.log(np.exp(scores - top).sum(axis=0)))


def _shares(scores: FloatArray) -> FloatArray:
    """Return exp of the rows, divided by their sum."""
    powers = np.exp(scores - scores.max(axis=0))
    return np.asarray(powers / powers.sum(axis=0))


def _by_label(labels: IntArray, chosen: IntArray) -> list[IntArray]:
    """Group the chosen scores by their label."""
    return [chosen[labels[chosen] == label] for label in np.unique(labels[chosen])]
