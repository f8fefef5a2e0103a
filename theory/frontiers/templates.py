"""Template classifiers with certified robustness: the second inner bound (section 8)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.canonical import distinct_rows
from theory.checks import (
    MOST_DRAWS,
    FloatArray,
    InputError,
    IntArray,
    finite_array,
    generator,
    instance,
    integer,
    integer_array,
    nonnegative,
    shown,
    vectors as check_vectors,
)
from theory.error_free import sum_of_products
from theory.norms import dual_norm
from theory.setting.setting import Setting

__all__ = [
    "TemplateClassifier",
    "certified",
    "check_fit",
    "mutual_norms",
    "reaches",
    "template_successes",
]


# What `GaussianMixture.score_root` may leave of the noise of a score, of the longest.
_UNSEEN = 1.1e-12


@dataclass(frozen=True, eq=False, repr=False)
class TemplateClassifier:
    """Predict the class of the largest score ``<vectors[k], x> + offsets[k]``.

    Attributes
    ----------
    vectors : (T, d) floats
    offsets : (T,) floats
    classes : (T,) integers
        The label that each template votes for.

    Raises
    ------
    ValueError
        If a shape is wrong, a number not finite, or fewer than two classes are named.
    """

    vectors: FloatArray
    offsets: FloatArray
    classes: IntArray

    def __post_init__(self) -> None:
        vectors = finite_array("vectors", self.vectors, ndim=2)
        offsets = finite_array("offsets", self.offsets, shape=(len(vectors),))
        classes = integer_array("classes", self.classes)
        if classes.shape != (len(vectors),) or len(np.unique(classes)) < 2:
            raise InputError(
                f"classes must name at least two classes, one per template, got {shown(classes)}"
            )
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "offsets", offsets)
        object.__setattr__(self, "classes", classes)

    def __repr__(self) -> str:
        count, dimension = self.vectors.shape
        return (
            f"TemplateClassifier({count} templates of {len(np.unique(self.classes))} classes "
            f"in dimension {dimension})"
        )

    @cached_property
    def distinct(self) -> tuple[IntArray, IntArray]:
        """Indices of the distinct templates, and the place of each template among these."""
        return distinct_rows(np.column_stack([self.vectors, self.offsets]))

    def scores(self, x: ArrayLike) -> FloatArray:
        """Scores (..., T) of inputs (..., d); those of equal templates are equal.

        Raises
        ------
        ValueError
            If an input or a score is not finite, or the inputs have another shape.
        """
        points, (first, place) = check_vectors("x", x, self.vectors.shape[1]), self.distinct
        with np.errstate(over="ignore", invalid="ignore"):
            scores = points @ self.vectors[first].T + self.offsets[first]
        if not np.isfinite(scores).all():
            raise InputError(f"x must have finite scores, got |x| up to {np.abs(points).max():g}")
        return np.asarray(scores[..., place])

    def around(self, origin: FloatArray) -> "TemplateClassifier":
        """Return the classifier of ``x - origin``, its offsets rounded once."""
        offsets = [
            sum_of_products((vector, origin), (np.ones(1), np.array([offset])))
            for vector, offset in zip(self.vectors, self.offsets, strict=True)
        ]
        return TemplateClassifier(self.vectors, np.array(offsets), self.classes)

    def doubt(self, points: FloatArray) -> FloatArray:
        """Return what rounding may change in the scores (T,) of any of these points (N, d).

        One rounding of each coordinate, d of a sum of products, and one of the offset.
        """
        largest = np.abs(points).max(axis=0)
        sizes = np.abs(self.vectors) @ largest + np.abs(self.offsets)
        return np.asarray((self.vectors.shape[1] + 4) * 2.0**-52 * sizes)

    def predict(self, x: ArrayLike) -> IntArray:
        """Labels (...) of inputs (..., d); of equal scores the first counts.

        Raises
        ------
        ValueError
            As ``scores``.
        """
        return np.asarray(self.classes[self.scores(x).argmax(axis=-1)])


def template_successes(
    setting: Setting,
    classifier: TemplateClassifier,
    *,
    rng: np.random.Generator | int,
    samples: int = 100_000,
) -> tuple[int, int]:
    r"""Count the transformed inputs classified right, and the inputs certified.

    An input of label ``y`` is certified if for every template ``l`` of another class some
    template ``k`` of class ``y`` has

    .. math:: s_k(x) - s_l(x) > \epsilon \|w_k - w_l\|_q,

    because no attack then lifts ``l`` above ``k`` (THEORY.md, eq. (8.3)). The second count is
    therefore one of a lower bound on the adversarial accuracy; by Clopper-Pearson it bounds
    that accuracy below. It is sharper than moving every score by its own slope.

    What rounding may have decided counts in neither: a lead must exceed what the scores of both
    templates at the means may be wrong by.

    Parameters
    ----------
    setting : Setting
    classifier : TemplateClassifier
    rng : numpy.random.Generator or int seed
        Source of the inputs, or a seed.
    samples : int
        Number of inputs; both counts are of the same noise.

    Returns
    -------
    tuple of two ints
        Of ``samples`` each: classified right, and certified.

    Raises
    ------
    ValueError
        If ``samples`` is not in 1..10^12, or the templates have another dimension than the inputs,
        or a class of the setting has no template.
    """
    instance("setting", setting, Setting)
    check_fit(setting, classifier)
    count, source = (
        integer("samples", samples, minimum=1, maximum=MOST_DRAWS),
        generator("rng", rng),
    )
    setting, unit = setting.in_noise_units
    mixture = setting.mixture
    scaled = _in_noise_units(classifier, unit)
    # scores see the noise through as many dimensions as the templates span
    first, place = scaled.distinct
    root = mixture.score_root(scaled.vectors[first])
    centred, origin = scaled.around(mixture.means[0]), mixture.means[0]
    moved_means, means = setting.transformed_means - origin, mixture.means - origin
    at_rotated, at_means = centred.scores(moved_means)[..., first], centred.scores(means)
    doubt = centred.doubt(np.concatenate([moved_means.reshape(-1, means.shape[1]), means]))
    # forty deviations of the noise outside the span
    doubt += 40.0 * _UNSEEN * np.linalg.norm(root, axis=1).max()
    rounded = 1.0 + (means.shape[1] + 4) * 2.0**-52
    margins = rounded * reaches(scaled.vectors, setting.epsilon, setting.norm)
    unsure = doubt[:, None] + doubt
    margins += unsure
    unsure = unsure[np.ix_(first, first)]
    spatial = adversarial = 0
    for start in range(0, count, 5000):
        size = min(5000, count - start)
        noise = source.standard_normal((size, root.shape[1])) @ root.T
        component = source.choice(mixture.components, size=size, p=mixture.weights)
        turn = source.choice(len(setting.probabilities), size=size, p=setting.probabilities)
        labels = mixture.labels[component]
        moved = at_rotated[turn, component] + noise  # of equal templates the first counts
        spatial += int(np.sum(certified(moved, labels, classifier.classes[first], unsure)))
        scores = at_means[component] + (noise if len(first) == len(place) else noise[:, place])
        adversarial += int(np.sum(certified(scores, labels, classifier.classes, margins)))
    return spatial, adversarial


def check_fit(setting: Setting, classifier: TemplateClassifier) -> None:
    """Refuse templates of another dimension, and such that lack a class."""
    instance("classifier", classifier, TemplateClassifier)
    mixture = setting.mixture
    if classifier.vectors.shape[1] != mixture.dimension:
        raise InputError(
            f"classifier must act on dimension {mixture.dimension}, "
            f"got {classifier.vectors.shape[1]}"
        )
    missing = np.setdiff1d(mixture.classes, classifier.classes)
    if missing.size:
        raise InputError(f"classifier must have a template of every class, lacks {missing[0]}")


def mutual_norms(vectors: FloatArray, norm: str) -> FloatArray:
    """Dual norms (T, T) of the differences of vectors (T, d)."""
    found = np.zeros((len(vectors), len(vectors)))
    # one row at a time stays in the cache
    for k in range(1, len(vectors)):
        found[k, :k] = found[:k, k] = dual_norm(vectors[:k] - vectors[k], norm)
    return found


def _in_noise_units(classifier: TemplateClassifier, unit: int) -> TemplateClassifier:
    """Return the classifier of inputs in units of 2^unit; its scores are at most near 1 there."""
    vectors, exponents = np.frexp(classifier.vectors)
    offsets, moved = np.frexp(classifier.offsets)
    used = [(exponents + unit)[vectors != 0.0], moved[offsets != 0.0]]
    largest = int(np.concatenate([np.ravel(one) for one in used]).max(initial=-(10**4)))
    return TemplateClassifier(
        np.ldexp(vectors, exponents + unit - largest),
        np.ldexp(offsets, moved - largest),
        classifier.classes,
    )


def reaches(vectors: FloatArray, epsilon: float, norm: str) -> FloatArray:
    """Return the most that an attack can add to score l minus score k, (K, K), for vectors (K, d).

    The dual norm of the difference of the vectors, times the radius.
    """
    return nonnegative("epsilon", epsilon) * mutual_norms(vectors, norm)


def certified(
    scores: FloatArray, labels: IntArray, classes: IntArray, margins: FloatArray
) -> NDArray[np.bool_]:
    """Whether no attack lifts a template of another class above all of the input's own class.

    That for every rival l some own template k leads by more than ``margins[k, l]`` is sufficient;
    with one template for each class it is also necessary (THEORY.md, eq. (8.3)).

    Parameters
    ----------
    scores : (N, K) floats
    labels : (N,) integers
        Of the inputs.
    classes : (K,) integers
        Of the templates.
    margins : (K, K) floats
        The `reaches`.
    """
    safe = np.zeros(len(scores), dtype=np.bool_)
    # no margin is negative, so the largest score of all must be one of the label
    top = scores.argmax(axis=1)
    right = np.flatnonzero(classes[top] == labels)
    found, top = scores[right], top[right]
    best = found[np.arange(len(right)), top][:, None]
    # that score alone says nearly always which
    beyond = np.where(classes[:, None] == classes, -np.inf, margins)
    safe[right] = alone = (best - beyond[top] > found).all(axis=1)
    for label in np.unique(labels[right[~alone]]):
        mine, other = np.flatnonzero(classes == label), np.flatnonzero(classes != label)
        apart = margins[np.ix_(mine, other)]
        rows = np.flatnonzero(~alone & (labels[right] == label))
        rivals = found[np.ix_(rows, other)]
        near = (best[rows] - apart.min(axis=0) > rivals).all(axis=1)
        rows, rivals = rows[near], rivals[near]
        lead = np.full(rivals.shape, -np.inf)
        for k, row in zip(mine, apart, strict=True):
            np.maximum(lead, found[rows, k][:, None] - row, out=lead)
        safe[right[rows]] = (lead > rivals).all(axis=1)
    return safe
