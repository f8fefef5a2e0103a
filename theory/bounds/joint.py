"""The joint bound: one classifier must serve all pairs at once (Theorem 4)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from theory.bounds.integration import enclose_maximum, sample_pairs
from theory.bounds.joint_mixture import JointMixture, joint_mixture
from theory.checks import (
    MOST_DRAWS,
    FloatArray,
    IntArray,
    confidence_level,
    generator,
    instance,
    integer,
    items,
    probability,
    probability_array,
)
from theory.confidence import bernstein_margin, kind_of_limit
from theory.setting.curves import Curve
from theory.setting.progress import Progress
from theory.setting.setting import Setting

__all__ = ["JointBound", "joint_bound", "joint_bounds"]

_CHUNK = 1 << 14
# Densities evaluated in the search for attack weights, and on the fresh sample.
_SEARCH, _WORK = 3 << 24, 1 << 27

_STEPS, _TRIALS = 160, 2048
# Coordinates from which on centres that hardly count are left out, weights of these, and entries
# of a matrix that stay in the cache.
_COSTLY, _LIGHT, _CACHED = 128, 1e-3, 1 << 17
# Boxes of an enclosure, the width that is aimed at, and that from which on sampling is tighter.
_BOXES, _ENCLOSED, _WIDE = 100_000, 2e-6, 3e-4


@dataclass(frozen=True, eq=False, repr=False)
class JointBound(Curve):
    """Upper bound on ``weight * S + (1 - weight) * A`` over all classifiers.

    Called with any adversarial errors, it gives lower limits of the spatial error, of the same
    kind as ``upper``: the line (7.6) holds everywhere.

    Attributes
    ----------
    weight : float in [0, 1]
        ``lambda``, the weight of the spatial accuracy.
    estimate : float
        The value of the bound, estimated.
    upper : float
        What to rely on: exceeds the value with probability at least ``confidence``; certainly
        where ``samples`` is 0, as the integral is then enclosed (``confidence`` is 1).
    confidence : float in (0, 1]
    samples : int
        Size of the fresh sample.
    attack_weights : (n_a,) floats
        ``u``, the weights of the shifts.
    shifts : (n_a, d) floats
        The shifts of the attack.
    owner : (n_a,) integers
        The components that they move.
    dimension : int
        Dimension of the span; the cost depends on it, not on that of the inputs.
    """

    weight: float
    estimate: float
    upper: float
    confidence: float
    samples: int
    attack_weights: FloatArray
    shifts: FloatArray
    owner: IntArray
    dimension: int

    @property
    def kind(self) -> str:
        """What ``upper`` is, in words."""
        return kind_of_limit(self.failure)

    @property
    def failure(self) -> float:
        """Probability with which ``upper`` may be too small; 0 where it is certified."""
        return 0.0 if self.samples == 0 else 1.0 - self.confidence

    def spatial_accuracy(self, adversarial_accuracy: ArrayLike) -> FloatArray:
        """Upper bound on the spatial accuracy at adversarial accuracies in [0, 1], rounded up.

        Raises
        ------
        ValueError
            If an accuracy leaves [0, 1].
        """
        accuracy = probability_array("adversarial_accuracy", adversarial_accuracy)
        if self.weight == 0.0:
            return np.where(accuracy > self.upper, 0.0, 1.0)
        # three roundings, of numbers of at most one
        left = self.upper - (1.0 - self.weight) * accuracy + 2.0**-51
        return np.clip(left / self.weight * (1.0 + 2.0**-51), 0.0, 1.0)

    def columns(self) -> dict[str, FloatArray]:
        """Return the line at 65 adversarial errors, by column name."""
        errors = np.linspace(0.0, 1.0, 65)
        return {"adversarial_error": errors, "spatial_error": self(errors)}

    def __repr__(self) -> str:
        return (
            f"JointBound({self.weight:g} S + {1.0 - self.weight:g} A <= "
            f"{np.ceil(self.upper * 1e6) / 1e6:.6f}, {self.kind})"
        )

    def _at(self, errors: FloatArray) -> FloatArray:
        # the accuracy is rounded down here: a smaller one excludes less
        accuracy = np.maximum(0.0, np.nextafter(1.0 - errors, -1.0))
        limit = self.spatial_accuracy(accuracy)
        return np.where(limit > 0.0, np.maximum(0.0, np.nextafter(1.0 - limit, -1.0)), 1.0)


def joint_bound(
    setting: Setting,
    weight: float,
    *,
    rng: np.random.Generator | int = 0,
    samples: int | None = None,
    confidence: float = 1.0 - 1e-6,
    progress: Progress | None = None,
) -> JointBound:
    r"""Bound ``weight * S + (1 - weight) * A`` for all classifiers (THEORY.md, Theorem 4).

    .. math:: L(u) = \int \max_c \sum_{i: y_i = c} w_i \Big( \lambda \sum_g \nu_g
              \phi(x; P_g \mu_i) + (1 - \lambda) \sum_j u_{ij} \phi(x; \mu_i + \delta_{ij})
              \Big) dx

    is the accuracy of the best classifier of an attacked mixture; it is convex in the attack
    weights ``u``, minimised by stochastic exponentiated gradients, and evaluated on a fresh
    sample of antithetic pairs over stratified components, with an empirical Bernstein limit. In at
    most three dimensions the integral is enclosed instead, where that is tighter.

    Parameters
    ----------
    setting : Setting
        Any number of components, classes and transformations, any norm.
    weight : float in [0, 1]
        ``lambda`` in [0, 1].
    rng : numpy.random.Generator or int seed
        Source of the samples, or a seed; the bound holds whatever it is.
    samples : int, optional
        Size of the fresh sample, at least 1024; by default 786,432, fewer where there are more
        than 170 centres.
    confidence : float in (0, 1)
        Of the upper limit.
    progress : callable, optional
        Called with the number of finished weights and that of all.

    Raises
    ------
    ValueError
        If ``weight`` leaves [0, 1], ``samples`` is not in 1024..10^12 or ``confidence`` not in
        (0, 1).
    """
    return joint_bounds(
        setting,
        [probability("weight", weight)],
        rng=rng,
        samples=samples,
        confidence=confidence,
        progress=progress,
    )[0]


def joint_bounds(
    setting: Setting,
    weights: Sequence[float] | FloatArray,
    *,
    rng: np.random.Generator | int = 0,
    samples: int | None = None,
    confidence: float = 1.0 - 1e-6,
    progress: Progress | None = None,
) -> list[JointBound]:
    """Joint bounds at several weights; ``confidence`` holds for all of them together.

    Parameters
    ----------
    setting, rng, samples, progress
        As for ``joint_bound``.
    weights : sequence of floats in [0, 1]
        ``lambda``, at least one.
    confidence : float in (0, 1)
        Of all the upper limits together.

    Returns
    -------
    list of JointBound
        In the order of ``weights``.

    Raises
    ------
    ValueError
        As ``joint_bound``.
    """
    instance("setting", setting, Setting)
    levels = [probability("weights", weight) for weight in items("weights", weights, "numbers")]
    source = generator("rng", rng)
    count = (
        None if samples is None else integer("samples", samples, minimum=1024, maximum=MOST_DRAWS)
    )
    single = 1.0 - (1.0 - confidence_level("confidence", confidence)) / len(levels)
    mixture = joint_mixture(setting)
    if count is None:
        count = int(np.clip(_WORK // len(mixture.centres), 1 << 14, 3 << 18))
    bounds = []
    for done, level in enumerate(levels):
        bounds.append(_bound(mixture, level, source, count, single))
        if progress is not None:
            progress(done + 1, len(levels))
    return bounds


def _bound(
    mixture: JointMixture, weight: float, rng: np.random.Generator, samples: int, confidence: float
) -> JointBound:
    attack = _optimise(mixture, weight, rng)
    owner, shifts, chunk, used_attack = mixture.owner, mixture.shifts, _CHUNK, attack
    if mixture.spatial.shape[1] > _COSTLY:
        attack = _without_light(mixture, attack)
        mixture, used_attack = mixture.without_idle(attack), attack[attack > 0.0]
        chunk = _CACHED // len(mixture.centres)
    mass = mixture.mass(weight, used_attack)
    classes = mixture.class_of_centre
    dimension = mixture.spatial.shape[1]
    estimate = upper = 1.0
    used = 0
    if dimension <= 3:
        boxes = min(_BOXES, _BOXES * 20 // len(mass))
        lower, upper = enclose_maximum(
            mixture.centres, mass, classes, tolerance=_ENCLOSED, boxes=boxes
        )
        estimate = 0.5 * (lower + upper)
        if upper - lower <= _WIDE:
            confidence = 1.0
    if confidence < 1.0:
        batches = samples // 8
        chunk = max(1, min(chunk, (1 << 25) // len(mass)) // 8)
        member = _by_class(mass, mixture)
        means = np.concatenate(
            [
                _best_posteriors(mixture.densities_around(*pairs) @ member)
                .reshape(-1, 8)
                .mean(axis=1)
                for pairs in sample_pairs(mass, dimension, batches, rng, chunk)
            ]
        )
        estimate = float(means.mean())
        upper = estimate + bernstein_margin(means, 1.0 - 1.0 / mixture.classes, confidence)
        used = 8 * batches
    # the mass of a unit normal differs by at most t / sqrt(2 pi) from that of one moved by t
    moved = float(mass @ mixture.doubt) / np.sqrt(2.0 * np.pi)
    upper = min(1.0, upper + moved + weight * mixture.defect)
    return JointBound(weight, estimate, upper, confidence, used, attack, shifts, owner, dimension)


def _best_posteriors(totals: FloatArray) -> FloatArray:
    """Posterior probability of the likeliest class, in [1/C, 1], from class densities (..., C)."""
    return np.asarray(totals.max(axis=-1) / totals.sum(axis=-1))


def _without_light(mixture: JointMixture, attack: FloatArray) -> FloatArray:
    """Attack weights without those that the search was about to take away."""
    kept = np.where(attack > _LIGHT, attack, 0.0)
    return np.asarray(kept / np.bincount(mixture.owner, kept)[mixture.owner])


def _by_class(mass: FloatArray, mixture: JointMixture) -> FloatArray:
    """Masses (centres, classes), each in the column of its class."""
    member = mixture.class_of_centre[:, None] == np.arange(mixture.classes)
    return np.asarray(mass[:, None] * member, dtype=np.float64)


def _optimise(mixture: JointMixture, weight: float, rng: np.random.Generator) -> FloatArray:
    """Minimise L over the attack weights by stochastic exponentiated gradients.

    The slope of L along ``u_ij`` is proportional to the probability that the best classifier of
    the current mixture survives the shift ``delta_ij``; all shifts are tried on the same noise.
    The answer is the average of the later iterates; any answer gives a valid bound.
    """
    owner, components = mixture.owner, len(mixture.weights)
    current = 1.0 / np.bincount(owner)[owner]
    if weight == 1.0:
        return current
    half = max(1, _TRIALS // (2 * len(owner)))
    steps = int(np.clip(_SEARCH // (2 * half * len(owner) * len(mixture.centres)), 16, _STEPS))
    total = np.zeros(len(owner))
    attacked = len(mixture.spatial) + np.arange(len(owner))[:, None]
    for step in range(steps):
        noise = rng.standard_normal((half, mixture.attacked.shape[1]))
        density = mixture.densities_around(attacked, noise)
        totals = density @ _by_class(mixture.mass(weight, current), mixture)
        predicted = totals.argmax(axis=-1).reshape(len(owner), -1)
        survived = np.mean(predicted == mixture.labels[owner][:, None], axis=1)
        rate = 15.0 / np.sqrt(1.0 + step)
        moved = current * np.exp(-rate * (survived - survived.min()))
        current = moved / np.bincount(owner, moved, components)[owner]
        if 2 * step > steps:
            total += (step + 1) * current
    return np.asarray(total / np.bincount(owner, total, components)[owner])
