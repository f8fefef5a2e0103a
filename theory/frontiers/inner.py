"""Classifiers that reach the inner curve, and the accuracies proved of them."""

from collections.abc import Sequence

import numpy as np

from theory.bounds.joint import JointBound
from theory.checks import FloatArray
from theory.confidence import lower_limit
from theory.frontiers.halfspaces import halfspace_frontier
from theory.frontiers.template_search import improve_templates, templates_of_bound
from theory.frontiers.templates import template_successes
from theory.setting.progress import Progress
from theory.setting.setting import Setting

__all__ = ["inner_points"]

# halfspaces are cheap: these weights carry the curve to its ends
_ENDS = (0.0, 0.03, 0.97, 1.0)
_SAMPLES = 400_000
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

    Halfspaces (exact, two classes only), templates read off each joint bound, the same
    improved by ascent (lower confidence limits), and the constant classifiers (exact).
    ``progress`` is called after each bound.
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
    single = 1.0 - (1.0 - _CONFIDENCE) / (4 * max(1, len(bounds)))
    for done, bound in enumerate(bounds, start=1):
        first = templates_of_bound(setting, bound)
        chosen = [first]
        if steps > 0:
            chosen.append(improve_templates(setting, first, bound.weight, rng=rng, steps=steps))
        for classifier in chosen:
            counts = template_successes(setting, classifier, rng=rng, samples=_SAMPLES)
            spatial, robust = (lower_limit(k, _SAMPLES, confidence=single) for k in counts)
            points.append((max(0.0, spatial - setting.invariance_defect), robust))
        if progress is not None:
            progress(done, len(bounds))
    return np.array(points)
