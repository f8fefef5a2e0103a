"""What Bayes rules of attacked mixtures keep, beside the ceiling for every classifier."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from empirical.data.dataset import Dataset, ordered_batches
from empirical.evaluation.measures import Measures
from empirical.evaluation.precision import full_precision
from empirical.evaluation.strongest_attack import adversarial_flags
from empirical.networks.bayes_rule import BayesRule
from theory.checks import FloatArray, InputError, generator, integer, items, probability
from theory.setting.setting import Setting

__all__ = ["attacked_bayes_rule"]


@full_precision()
def attacked_bayes_rule(
    setting: Setting,
    weight: float,
    shifts: FloatArray,
    *,
    shape: tuple[int, int, int],
    count: int,
    steps: int = 20,
    restarts: int = 1,
    shares: Sequence[float] = (0.0, 0.5, 1.0),
    rng: np.random.Generator | int,
) -> dict[str, Any]:
    """Count what the best Bayes rule of a more or less attacked mixture gets right.

    Whoever sees the noise finds other perturbations than the shifts, so the rule that expects a
    share of them may keep more. The share is chosen on noise of its own.

    Parameters
    ----------
    setting, weight, shifts
        As `empirical.networks.bayes_rule.BayesRule`; the attack is of the setting's radius.
    shape
        (C, H, W) of the images.
    count
        Noisy images of either kind, transformed and attacked.
    steps, restarts
        Of PGD on the cross-entropy, then on the margin. The accuracy that is left is an upper
        estimate of that under the worst attack.
    shares
        Of the shifts, those that are tried, at least one, each on a quarter as many images.
    rng
        Source of the images and the attack's starts.

    Returns
    -------
    dict
        ``spatial``, ``adversarial``, ``adversarial_first`` (under the first attack alone):
        counts of ``trials``; ``share`` of the shifts that the rule expects.

    Raises
    ------
    ValueError
        If the norm is not linf, or a number is out of range.
    """
    if setting.norm != "linf":
        raise InputError(f"norm must be linf to be attacked by gradients, got {setting.norm}")
    trials = integer("count", count, minimum=1)
    tried = [probability("shares", share) for share in items("shares", shares, "numbers")]
    source = generator("rng", rng)
    measures = Measures(steps=steps, restarts=restarts, apgd_steps=0)

    def counts(share: float, number: int) -> tuple[int, int, int]:
        model = BayesRule(setting, weight, share * np.asarray(shifts)).eval()
        turned = _drawn(setting, shape, number, source, transformed=True)
        still = _drawn(setting, shape, number, source, transformed=False)
        starts = torch.Generator().manual_seed(int(source.integers(1 << 62)))
        robust = adversarial_flags(model, still, setting.epsilon, measures, generator=starts)
        with torch.no_grad():
            right = sum(
                int((model(images).argmax(1) == labels).sum())
                for images, labels in ordered_batches(turned, measures.batch_size)
            )
        first, *_, last = robust.sum(1).tolist()
        return right, last, first

    def kept(share: float) -> float:
        spatial, adversarial, _ = counts(share, -(-trials // 4))
        return weight * spatial + (1.0 - weight) * adversarial

    # no shift matters where nothing is attacked
    best = tried[0] if weight == 1.0 or len(tried) == 1 else max(tried, key=kept)
    spatial, adversarial, first = counts(best, trials)
    return {
        "spatial": spatial, "adversarial": adversarial, "adversarial_first": first,
        "trials": trials, "share": best,
    }  # fmt: skip


def _drawn(
    setting: Setting,
    shape: tuple[int, int, int],
    count: int,
    rng: np.random.Generator,
    *,
    transformed: bool,
) -> Dataset:
    """Draw noisy images of the mixture, of transformed means or of the means themselves."""
    mixture = setting.mixture
    labels = mixture.class_numbers
    chosen = rng.choice(mixture.components, size=count, p=mixture.weights)
    middle = mixture.means[chosen]
    if transformed:
        moves = rng.choice(len(setting.probabilities), size=count, p=setting.probabilities)
        middle = setting.transformed_means[moves, chosen]
    pixels = middle + mixture.sigma * rng.standard_normal(middle.shape)
    return Dataset(
        images=torch.from_numpy(pixels.astype(np.float32).reshape(count, *shape)),
        labels=torch.from_numpy(labels[chosen].astype(np.int64)),
        classes=len(mixture.classes),
        bounds=None,
        name=setting.name,
    )
