"""Classifiers that reach the inner curve, and the accuracies proved of them."""

from collections.abc import Iterator, Sequence

import numpy as np

from theory.bounds.joint import JointBound
from theory.checks import FloatArray
from theory.confidence import lower_limit
from theory.frontiers.halfspaces import halfspace_frontier
from theory.frontiers.template_search import improve_templates, templates_of_bound
from theory.frontiers.templates import TemplateClassifier, template_successes
from theory.setting.progress import Progress
from theory.setting.setting import Setting

__all__ = ["inner_points"]

# halfspaces are cheap: these weights carry the curve to its ends
_ENDS = (0.0, 0.03, 0.97, 1.0)
_SAMPLES = 400_000
# inputs on which it is decided what to count
_TRIED = 1 << 14
# both limits of every template hold together with probability 1 - 1e-6
_CONFIDENCE = 1.0 - 1e-6


def inner_points(
    setting: Setting,
    bounds: Sequence[JointBound],
    *,
    rng: np.random.Generator,
    steps: int,
    progress: Progress | None = None,
) -> FloatArray:
    """Accuracies (k, 2) that classifiers reach, (S, A), at the weights of the bounds.

    Halfspaces (exact, two classes only), templates read off each joint bound or, where these
    are better, improved by ascent (lower confidence limits), and the constant classifiers
    (exact). ``progress`` is called after each bound.
    """
    mixture = setting.mixture
    shares = [mixture.weights[mixture.labels == label].sum() for label in mixture.classes]
    points = [(float(share), float(share)) for share in shares]
    if len(mixture.classes) == 2:
        weights = np.union1d([bound.weight for bound in bounds], _ENDS)
        found = halfspace_frontier(setting, weights, starts=3)
        points += zip(
            found.spatial_accuracy.tolist(), found.adversarial_accuracy.tolist(), strict=True
        )
    single = 1.0 - (1.0 - _CONFIDENCE) / (2 * max(1, len(bounds)))
    for done, classifier in enumerate(_templates(setting, bounds, rng, steps), start=1):
        counts = template_successes(setting, classifier, rng=rng, samples=_SAMPLES)
        spatial, robust = (lower_limit(k, _SAMPLES, confidence=single) for k in counts)
        points.append((max(0.0, spatial - setting.invariance_defect), robust))
        if progress is not None:
            progress(done, len(bounds))
    return np.array(points)


def _templates(
    setting: Setting, bounds: Sequence[JointBound], rng: np.random.Generator, steps: int
) -> Iterator[TemplateClassifier]:
    """Yield the best templates of each bound: its own, or what a search finds.

    The search of the middle bound starts from its own; from there it goes on to both ends, from
    what was found before or from the bound's own where these are better, in a quarter of the
    steps. What is better is decided on a few inputs.
    """

    def better(bound: JointBound, *rivals: TemplateClassifier) -> TemplateClassifier:
        def value(classifier: TemplateClassifier) -> float:
            counts = template_successes(setting, classifier, rng=rng, samples=_TRIED)
            return bound.weight * counts[0] + (1.0 - bound.weight) * counts[1]

        return max(rivals, key=value)

    ordered = sorted(bounds, key=lambda bound: bound.weight)
    middle = len(ordered) // 2
    start = templates_of_bound(setting, ordered[middle])
    if steps > 0:
        bound = ordered[middle]
        found = improve_templates(setting, start, bound.weight, rng=rng, steps=steps)
        start = better(bound, start, found)
    yield start
    for way in (ordered[:middle][::-1], ordered[middle + 1 :]):
        before = start
        for bound in way:
            own = templates_of_bound(setting, bound)
            if steps > 0:
                own = better(bound, own, before)
                found = improve_templates(
                    setting, own, bound.weight, rng=rng, steps=-(-steps // 4), nearby=True
                )
                own = better(bound, own, found)
            yield own
            before = own
