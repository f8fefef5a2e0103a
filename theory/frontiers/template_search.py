"""Search for template classifiers: from the attacked mixture, by stochastic ascent."""

import numpy as np
from scipy.linalg import solve_triangular

from theory.bounds.joint import JointBound
from theory.canonical import on_grid, ridged_root
from theory.checks import (
    MOST_STEPS,
    FloatArray,
    IntArray,
    boolean,
    generator,
    instance,
    integer,
    probability,
)
from theory.frontiers.templates import TemplateClassifier, check_fit, mutual_norms
from theory.norms import dual_gradient
from theory.setting.setting import GaussianMixture, Setting, linear_in_inputs

__all__ = ["improve_templates", "templates_of_bound"]

# Adam divides a slope by its size: below this share of the largest it is rounding, and stays so.
_ROUNDING = 1e-9
# Numbers in all templates beyond which attacked components that weigh less are left out.
_NUMBERS = 50_000
# Bits of what was learned, fewer than those in which the machines agree.
_BITS = 20
# First step as a share of a typical number, and first width of the probit: of a search from
# templates of a bound, and of one from templates found at a weight nearby.
_AFAR, _NEARBY = (0.05, 2.0), (0.03, 1.0)


def templates_of_bound(setting: Setting, bound: JointBound) -> TemplateClassifier:
    """Templates that imitate the best classifier of the mixture behind a joint bound.

    One template per attacked component that the bound uses and per transformed component,
    with the log-likelihood of its Gaussian as the score; of many long ones the heaviest.

    Parameters
    ----------
    setting : Setting
        The one that the bound is about.
    bound : JointBound
    """
    instance("setting", setting, Setting)
    instance("bound", bound, JointBound)
    setting, unit = setting.in_noise_units
    mixture, owner = setting.mixture, bound.owner
    mass = (1.0 - bound.weight) * mixture.weights[owner] * bound.attack_weights
    kept = mass > 1e-3 * mass.max(initial=1e-300)
    rotated = setting.transformed_means.reshape(-1, mixture.dimension)
    room = max(0, _NUMBERS // mixture.dimension - len(rotated))
    kept[np.argsort(-mass, kind="stable")[room:]] = False
    # the lightest class too must have its say
    for label in mixture.classes:
        kept[np.where(mixture.labels[owner] == label, mass, -1.0).argmax()] = True
    spatial = bound.weight * np.outer(setting.probabilities, mixture.weights).ravel()
    attacked = mixture.means[owner] + np.ldexp(bound.shifts, -unit)
    centres = np.concatenate([rotated, attacked[kept]])
    mass = np.concatenate([spatial, mass[kept]])
    labels = np.concatenate(
        [np.tile(mixture.labels, len(setting.probabilities)), mixture.labels[owner][kept]]
    )
    heavy = mass > 0.0
    centres, labels = centres[heavy], labels[heavy]
    vectors = setting.mixture.precision_times(centres)
    offsets = np.log(mass[heavy]) - 0.5 * np.einsum("kj,kj->k", vectors, centres)
    return TemplateClassifier(*linear_in_inputs(vectors, offsets, unit), labels)


def improve_templates(
    setting: Setting,
    classifier: TemplateClassifier,
    weight: float,
    *,
    rng: np.random.Generator | int = 0,
    steps: int = 200,
    batch: int = 512,
    nearby: bool = False,
) -> TemplateClassifier:
    """Raise ``weight * S + (1 - weight) * A`` by Adam on fresh samples.

    The objective is the expected probit of the certified margin of each input, its slope
    sharpened as the search goes on; the answer is an average over the last half of the steps,
    rounded to 20 bits, so that it does not hang on the machine.

    Parameters
    ----------
    setting : Setting
    classifier : TemplateClassifier
        Where the search starts.
    weight : float in [0, 1]
        ``lambda``, the weight of the spatial accuracy.
    rng : numpy.random.Generator or int seed
        Source of the samples, or a seed.
    steps : int
    batch : int
        Inputs of each step.
    nearby : bool
        Whether the classifier was found for a weight nearby: shorter steps, and fewer of them do.

    Raises
    ------
    ValueError
        If ``weight`` leaves [0, 1], ``steps`` is not in 1..10^6, ``batch`` not in 1..2^20, or the
        templates do not fit the setting.
    """
    instance("setting", setting, Setting)
    check_fit(setting, classifier)
    weight = probability("weight", weight)
    steps = integer("steps", steps, minimum=1, maximum=MOST_STEPS)
    batch = integer("batch", batch, minimum=1, maximum=1 << 20)
    first_rate, first_width = _NEARBY if boolean("nearby", nearby) else _AFAR
    setting, unit = setting.in_noise_units
    mixture, source = setting.mixture, generator("rng", rng)
    vectors, offsets = np.ldexp(classifier.vectors, unit), classifier.offsets.copy()
    size = np.abs(vectors).mean()
    first = [np.zeros_like(vectors), np.zeros_like(offsets)]
    second = [np.zeros_like(vectors), np.zeros_like(offsets)]
    average = [np.zeros_like(vectors), np.zeros_like(offsets)]
    every = np.concatenate([mixture.means[None], setting.transformed_means])
    every = every.reshape(-1, mixture.dimension)
    for step in range(1, steps + 1):
        noise = _noise(mixture, vectors, batch, source)
        component = source.choice(mixture.components, size=batch, p=mixture.weights)
        turn = source.choice(len(setting.probabilities), size=batch, p=setting.probabilities)
        centres, place = np.unique(
            np.concatenate([(turn + 1) * mixture.components + component, component]),
            return_inverse=True,
        )
        slopes = _ascent(
            setting,
            (vectors, offsets),
            classifier.classes,
            centres=every[centres],
            place=place,
            noise=noise,
            labels=np.tile(mixture.labels[component], 2),
            radius=np.repeat([0.0, setting.epsilon], batch),
            share=np.repeat([weight, 1.0 - weight], batch) / batch,
            width=first_width + (0.5 - first_width) * step / steps,
        )
        rate = first_rate * (1.0 - 0.9 * step / steps)
        for k, (parameter, typical) in enumerate(((vectors, size), (offsets, 5.0))):
            first[k] += 0.1 * (slopes[k] - first[k])
            second[k] += 0.01 * (slopes[k] ** 2 - second[k])
            length = np.sqrt(second[k] / (1 - 0.99**step))
            length += _ROUNDING * length.max() + np.finfo(np.float64).tiny
            direction = (first[k] / (1 - 0.9**step)) / length
            np.add(parameter, rate * typical * direction, out=parameter)
        if 2 * step > steps:
            average[0] += vectors
            average[1] += offsets
    count = steps - steps // 2
    vectors, offsets = (on_grid(sums / count, _BITS) for sums in average)
    return TemplateClassifier(*linear_in_inputs(vectors, offsets, unit), classifier.classes)


def _ascent(
    setting: Setting,
    parameters: tuple[FloatArray, FloatArray],
    classes: IntArray,
    *,
    centres: FloatArray,
    place: IntArray,
    noise: tuple[FloatArray, FloatArray, FloatArray],
    labels: IntArray,
    radius: FloatArray,
    share: FloatArray,
    width: float,
) -> tuple[FloatArray, FloatArray]:
    """Gradient of the smoothed objective with respect to vectors and offsets.

    The inputs are ``centres[place]``, the first half with the noise of `_noise` added, the second
    with it taken away.
    """
    vectors, offsets = parameters
    margins = mutual_norms(vectors, setting.norm)
    rise, drawn, basis = noise
    scores = (centres @ vectors.T + offsets)[place] + np.concatenate([rise, -rise])
    pull = np.zeros_like(scores)
    pairs = np.zeros((len(vectors), len(vectors)))
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        own, other = np.flatnonzero(classes == label), np.flatnonzero(classes != label)
        lead = scores[rows][:, own, None] - radius[rows, None, None] * margins[np.ix_(own, other)]
        best = lead.argmax(axis=1)
        reached = np.take_along_axis(lead, best[:, None], axis=1)[:, 0] - scores[rows][:, other]
        weakest = reached.argmin(axis=1)
        index = np.arange(len(rows))
        # beyond, the force is zero
        margin = np.clip(reached[index, weakest] / width, -100.0, 100.0)
        force = share[rows] * np.exp(-0.5 * margin * margin)
        winner, rival = own[best[index, weakest]], other[weakest]
        pull[rows, winner] += force
        pull[rows, rival] -= force
        np.add.at(pairs, (winner, rival), force * radius[rows])
    at_centre = np.zeros((len(centres), len(vectors)))
    np.add.at(at_centre, place, pull)
    both = pull[: len(rise)] - pull[len(rise) :]
    slopes = at_centre.T @ centres + setting.mixture.colour((both.T @ drawn) @ basis)
    # few of all pairs are ever a winner and its rival
    pairs += pairs.T
    for k, row in enumerate(pairs):
        met = np.flatnonzero(row)
        slopes[k] -= row[met] @ dual_gradient(vectors[k] - vectors[met], setting.norm)
    return slopes, pull.sum(axis=0)


def _noise(
    mixture: GaussianMixture, vectors: FloatArray, count: int, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Draw noise as templates (T, d) see it: what it adds to scores (count, T), and two factors.

    The normals (count, r) behind it times a basis (r, d), coloured, are noise that adds this. Of
    fewer templates than coordinates it is drawn in their span alone: noise across it moves no
    score, and the mean of its products with what depends on scores is zero.
    """
    size = min(vectors.shape)
    drawn, seen = rng.standard_normal((count, size)), mixture.seen_noise(vectors)
    if size == mixture.dimension:
        return drawn @ seen.T, drawn, np.eye(size)
    unit = int(np.frexp(np.abs(seen).max(initial=0.0))[1])
    seen = np.ldexp(seen, -unit)
    root = ridged_root(seen @ seen.T)
    return drawn @ np.ldexp(root, unit).T, drawn, solve_triangular(root, seen, lower=True)
