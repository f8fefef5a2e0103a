"""Doubts about a measurement: attacks that failed, turned images that give themselves away."""

import warnings
from dataclasses import replace
from itertools import pairwise

import torch
from scipy.special import bdtrc
from torch import Tensor, nn

from empirical.attacks.auto_attack import auto_attack
from empirical.attacks.pgd import wrong_margin
from empirical.checks import pixel_values
from empirical.data.dataset import Dataset
from empirical.evaluation.evaluate import measure_generator, spatial_flags, turned
from empirical.evaluation.measures import BEYOND, Measures, Outcomes
from empirical.evaluation.precision import full_precision
from empirical.evaluation.strongest_attack import withstood
from empirical.logits import full
from empirical.networks.layers import attack_mode
from empirical.training.schedules import Attack
from theory.checks import MOST_STEPS, MissingExtraError, instance, integer

__all__ = ["doubts"]

# Relative to the range of the logits: far above the rounding of float32, far below what noise
# that changes an answer does.
_SAME = 1e-4
# A slope so small that all of the pixel range along it would move a lead by this share of it.
_FLAT = 1e-3
# Share of the images below which a sign is taken for chance.
_FEW = 0.05
# Probability of a sign where there is nothing below which it is not taken for chance.
_CHANCE = 1e-3


@full_precision()
def doubts(
    model: nn.Module,
    dataset: Dataset,
    measures: Measures,
    outcomes: Outcomes,
    *,
    seed: int,
    most: int = 100,
    queries: int = 1000,
) -> list[str]:
    """Return what speaks against the accuracies of `evaluate`, a sentence each.

    On at most ``most`` evenly spaced images it is looked for

    - a clean accuracy that guessing reaches;
    - outputs that differ from pass to pass, or with the other images of the batch;
    - of ten times as many images, if square ones were turned by 90 degrees or more: fewer right
      after exact quarter turns than if they are turned a little more, which smooths their pixels
      and empties their corners, so that a turned image can be told by that;

    and, where anything was attacked,

    - a gradient of the lead of the true class that is zero, or vanishes before the lead;
    - accuracy left under PGD at a radius of 99% of the range of pixels, where any image can be
      turned nearly into any other;
    - accuracy that grows with the radius;
    - images that withstand the attacks by gradients and not Square, which uses none: at the
      largest radius at which a tenth of the images is left.

    None of these proves an accuracy wrong, nor does their absence prove it right: every
    accuracy under attack is an upper bound.

    Parameters
    ----------
    model, dataset, measures, seed
        As given to `evaluate`.
    outcomes : Outcomes
        What it returned.
    most : int
        Number of images.
    queries : int
        Of Square, per image.

    Returns
    -------
    list of str
        Empty if nothing was found.

    Raises
    ------
    ValueError
        If an argument is of another type, or a number out of its range.

    Sources: A. Athalye, N. Carlini, D. Wagner, Obfuscated gradients give a false sense of
    security, ICML 2018; F. Croce et al., RobustBench, NeurIPS Datasets 2021.
    """
    instance("model", model, nn.Module)
    instance("dataset", dataset, Dataset)
    instance("measures", measures, Measures)
    instance("outcomes", outcomes, Outcomes)
    seed = integer("seed", seed, minimum=0)
    most = integer("most", most, minimum=1)
    queries = integer("queries", queries, minimum=1, maximum=MOST_STEPS)
    total = measures.attacked or len(dataset)
    attacked = dataset.take(_spaced(len(dataset), min(total, len(dataset)), dataset))
    own = _spaced(len(attacked), min(most, len(attacked)), dataset)
    part = attacked.take(own)
    images = pixel_values(part.images)
    found = [*_guessing(dataset, outcomes), *_changing(model, images)]
    found += _traces(model, dataset, measures, outcomes, seed=seed, most=10 * most)
    if measures.epsilons or measures.joint_epsilons or measures.boundary:
        found += _flat(model, images, part.labels)
        found += _far(model, images, part, measures, seed)
        found += _growing(outcomes)
        found += _square(model, part, own.cpu(), measures, outcomes, seed=seed, queries=queries)
    return found


def _guessing(dataset: Dataset, outcomes: Outcomes) -> list[str]:
    clean = outcomes.outcomes["clean", 0.0]
    if int(clean.sum()) * dataset.classes > len(clean):
        return []
    return [
        f"accuracy {float(clean.double().mean()):.3g} without an attack is no better than "
        f"guessing among {dataset.classes} classes; are the model's classes in the order of the "
        "labels, and its images standardised as in training?"
    ]


def _changing(model: nn.Module, images: Tensor) -> list[str]:
    """Look for outputs that are not a function of the image alone."""
    with attack_mode(model), torch.no_grad():
        first = full(model(images))
        again = [full(model(images)) for _ in range(2)]
        few = images[:8]
        alone = torch.cat([full(model(image[None])) for image in few])
    tolerance = _SAME * float(first.amax() - first.amin())
    differing = torch.stack([(one - first).abs().amax(1) > tolerance for one in again]).any(0)
    if differing.any():
        return [
            f"outputs are random: they differ from pass to pass on {int(differing.sum())} of "
            f"{len(images)} images, so attacks must average over passes, which these do not"
        ]
    apart = ((alone - first[: len(few)]).abs().amax(1) > tolerance).sum()
    if apart:
        return [
            f"outputs depend on the other images of the batch, on {int(apart)} of {len(few)} "
            "images, so accuracies depend on how images are batched"
        ]
    return []


def _traces(
    model: nn.Module,
    dataset: Dataset,
    measures: Measures,
    outcomes: Outcomes,
    *,
    seed: int,
    most: int,
) -> list[str]:
    """Look for accuracy that traces of turning bring: the same turns with them and without."""
    widest = max((level for name, level in outcomes.outcomes if name == "rotation"), default=0.0)
    square = dataset.setting is None and dataset.shape[1] == dataset.shape[2]
    if not square or not (measures.quarter_turns or widest >= 90):
        return []
    part = dataset.take(_spaced(len(dataset), min(most, len(dataset)), dataset))
    exact, traced = (
        spatial_flags(
            model, part, turned(beyond), batch_size=measures.batch_size,
            generator=measure_generator(dataset, seed, "doubts quarter_turn", 0.0),
        )[0]
        for beyond in (0.0, BEYOND)
    )  # fmt: skip
    only, instead = int((traced & ~exact).sum()), int((exact & ~traced).sum())
    chance = bdtrc(only - 1, only + instead, 0.5)  # of as many or more where both are alike
    if only - instead <= _FEW * len(part) or chance > _CHANCE:
        return []
    return [
        f"of {len(part)} images {int(exact.sum())} are right turned by a quarter exactly, and "
        f"{int(traced.sum())} turned by up to {BEYOND:g} degrees more: the model knows turned "
        "images by what turning leaves in them, smoothed pixels and empty corners"
    ]


def _flat(model: nn.Module, images: Tensor, labels: Tensor) -> list[str]:
    """Look for gradients that do not say where to go."""
    with attack_mode(model):
        moved = images.clone().requires_grad_(True)
        lead = wrong_margin(full(model(moved)), labels)
        (gradient,) = torch.autograd.grad(lead.sum(), moved)
    reach = gradient.abs().flatten(1).sum(1) * float(images.amax() - images.amin())
    flat = ~(reach > _FLAT * lead.detach().abs())  # true of NaN as well
    if int(flat.sum()) <= _FEW * len(images):
        return []
    return [
        f"the gradient vanishes on {int(flat.sum())} of {len(images)} images, so attacks that "
        "follow it prove nothing"
    ]


def _far(
    model: nn.Module, images: Tensor, part: Dataset, measures: Measures, seed: int
) -> list[str]:
    """Look for images that withstand what no classifier withstands."""
    low, high = part.bounds or (float(images.amin()), float(images.amax()))
    radius = 0.99 * (high - low)
    attack = Attack(radius, steps=max(measures.steps, 20), restarts=measures.restarts)
    plain = replace(measures, apgd_steps=0, queries=0, auto_attack=False)
    left = withstood(
        model, images, part.labels, attack, plain, dataset=part,
        generator=measure_generator(part, seed, "doubts", radius),
    )[-1]  # fmt: skip
    if int(left.sum()) <= _FEW * len(images):
        return []
    return [
        f"{int(left.sum())} of {len(images)} images withstand PGD at radius {radius:.3g}, nearly "
        "all of the range of pixels, where an attack that works leaves none"
    ]


def _growing(outcomes: Outcomes) -> list[str]:
    """Look for accuracies under attack that grow with the radius."""
    found = []
    levels = sorted(level for name, level in outcomes.outcomes if name == "adversarial")
    for small, large in pairwise(levels):
        before, after = (outcomes.outcomes["adversarial", level] for level in (small, large))
        more = int(after.sum()) - int(before.sum())
        if more > max(1.0, 0.01 * len(after)):
            found.append(
                f"{more} more of {len(after)} images withstand radius {large:.4g} than "
                f"{small:.4g}, though fewer can; the attacks miss what is there"
            )
    return found


def _square(
    model: nn.Module,
    part: Dataset,
    own: Tensor,
    measures: Measures,
    outcomes: Outcomes,
    *,
    seed: int,
    queries: int,
) -> list[str]:
    """Attack without gradients what the attacks by gradients left, numbers `own` of it."""
    tried = measures.auto_attack or measures.queries  # Square, in what counts as adversarial
    name = "pgd" if tried else "adversarial"
    for epsilon in sorted(measures.epsilons, reverse=True):
        left = outcomes.outcomes[name, epsilon][own].nonzero().squeeze(1)
        if epsilon == 0 or len(left) < max(1.0, 0.1 * len(own)):
            continue
        rest = part.take(left.to(part.images.device))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the library's own doubts, which are had above
                result = auto_attack(
                    model, pixel_values(rest.images), rest.labels,
                    epsilon=epsilon, bounds=part.bounds, attacks=("square",), queries=queries,
                    generator=measure_generator(part, seed, "doubts square", epsilon),
                )  # fmt: skip
        except MissingExtraError as error:
            return [f"no attack without gradients was tried: {error}"]
        broken = int(result.fooled.sum())
        if broken <= max(1.0, _FEW * len(own)):
            return []
        return [
            f"Square, which uses no gradient, fools the model on {broken} of the {len(left)} of "
            f"{len(own)} images left by {'PGD' if tried else 'gradients'} at radius {epsilon:.4g}; "
            "gradients mislead, or the attacks are too weak: try --auto-attack and more --steps"
        ]
    return []


def _spaced(total: int, count: int, dataset: Dataset) -> Tensor:
    """Return the numbers of evenly spaced images, as `evaluate` chooses them."""
    return torch.arange(count, device=dataset.images.device) * total // count
