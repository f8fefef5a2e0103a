"""Attacks on classifiers that see k scores: no input is needed, only its scores.

A perturbation delta moves the scores by W delta, and which delta is worst depends on the input
through its scores alone.  So an adversary in R^d can be simulated on samples of the scores.  An
attack that fails proves nothing: accuracy under attack is an UPPER bound on the adversarial
accuracy, as a certificate gives a lower one.
"""

import numpy as np

from simulations.classifiers.halfspace import Classifier, Criterion, Verdicts
from theory.checks import MOST_STEPS, FloatArray, instance, integer, nonnegative, one_of

__all__ = ["attack", "worst_direction"]

# Below this share of the largest slope a slope is rounding, and so is its sign.
_ROUNDING = 1e-9
# Perturbations of one batch together hold this many values, so that memory stays flat in d.
_BATCH_VALUES = 1 << 20


def worst_direction(gradients: FloatArray, norm: str) -> FloatArray:
    """Return the unit perturbation that lowers a linear margin most, shape (d, n).

    Slopes below 1e-9 of the largest count as zero, and slopes as close to it as equal.

    Parameters
    ----------
    gradients : (d, n) floats
        Gradient of the margin by the input, one column per sample.
    norm : {"linf", "l2", "l1"}
    """
    if one_of("norm", norm, ("linf", "l2", "l1")) == "l2":
        length = np.linalg.norm(gradients, axis=0)
        return -gradients / np.where(length > 0.0, length, 1.0)
    sizes = np.abs(gradients)
    top = sizes.max(axis=0)
    if norm == "linf":
        return np.where(sizes > _ROUNDING * top, -np.sign(gradients), 0.0)
    step = np.zeros_like(gradients)
    largest = (sizes >= (1.0 - _ROUNDING) * top).argmax(axis=0)
    columns = np.arange(gradients.shape[1])
    step[largest, columns] = -np.sign(gradients[largest, columns])
    return step


def attack(
    classifier: Classifier, epsilon: float, norm: str, *, steps: int = 20, rivals: int = 8
) -> Criterion:
    """Return the test whether a prediction is right and survives the attack.

    For a fixed rival the attack is a zero-sum game between the perturbation and the label's
    scores; both sides play the best answer to the other's average so far (fictitious play,
    Brown 1951), and every perturbation tried counts.  The first game is against all rivals
    together, the next ones against the strongest single rivals.  What the certificate proves
    to be safe is not attacked.

    Parameters
    ----------
    classifier : Classifier
    epsilon : float >= 0
    norm : {"linf", "l2", "l1"}
    steps : int >= 1
        Rounds of each game.
    rivals : int >= 0
        Number of single rivals to play.

    Raises
    ------
    ValueError
        If epsilon, steps or rivals is out of range or the norm is unknown.
    """
    radius = nonnegative("epsilon", epsilon)
    instance("classifier", classifier, Classifier)  # type: ignore[type-abstract]
    rounds = integer("steps", steps, minimum=1, maximum=MOST_STEPS)
    games = integer("rivals", rivals, minimum=0)
    certified = classifier.certificate(radius, norm)
    size = max(_BATCH_VALUES // classifier.normals.shape[1], 16)

    def survives(scores: FloatArray, label: int) -> Verdicts:
        safe = certified(scores, label)
        open_cases = np.flatnonzero(classifier.correct(scores, label) & ~safe)
        for part in np.split(open_cases, range(size, len(open_cases), size)):
            start = scores[:, part]
            left = np.ones(len(part), dtype=np.bool_)
            for rank in (None, *range(min(games, len(classifier.rivals(label))))):
                chosen = np.flatnonzero(left)
                left[chosen] = _play(
                    classifier, start[:, chosen], label, rank, ball=(radius, norm), rounds=rounds
                )
            safe[part] = left
        return safe

    return survives


def _play(
    classifier: Classifier,
    start: FloatArray,
    label: int,
    rank: int | None,
    *,
    ball: tuple[float, str],
    rounds: int,
) -> Verdicts:
    """Play against all rivals, or the one of this rank; return which predictions survive."""
    W = classifier.normals
    radius, norm = ball
    rival = None
    if rank is not None:
        others = classifier.rivals(label)
        rival = others[np.argsort(-start[others], axis=0)[rank]]
    mean = start.copy()
    slopes = np.zeros_like(start)
    survives = np.ones(start.shape[1], dtype=np.bool_)
    for t in range(1, rounds + 1):
        slopes += (classifier.slopes(mean, label, rival) - slopes) / t
        moved = start + radius * (W @ worst_direction(W.T @ slopes, norm))
        mean += (moved - mean) / t
        survives &= classifier.correct(moved, label) & classifier.correct(mean, label)
    return survives
