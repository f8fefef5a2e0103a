"""The strongest l_inf attack that is run: several attacks, each on what the ones before left."""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from empirical.attacks.apgd import apgd
from empirical.attacks.auto_attack import auto_attack
from empirical.attacks.pgd import AttackResult, cross_entropy, margin, pgd
from empirical.data.dataset import Dataset, in_order
from empirical.evaluation.measures import Measures
from empirical.training.schedules import Attack

__all__ = ["adversarial_flags", "ensemble", "strongest"]


def ensemble(attack: Attack, measures: Measures) -> list[Callable[..., AttackResult]]:
    """Return the attacks that the measures ask for, cheapest first.

    PGD on the cross-entropy; PGD on the margin, which finds images on which the cross-entropy
    has saturated; Auto-PGD, untargeted and targeted, if ``apgd_steps`` > 0; AutoAttack, if
    asked for.
    """
    walk = partial(pgd, steps=attack.steps, step_size=attack.step_size, restarts=attack.restarts)
    attacks: list[Callable[..., AttackResult]] = [
        partial(walk, loss=cross_entropy),
        partial(walk, loss=margin),
    ]
    if measures.apgd_steps:
        attacks.append(partial(apgd, steps=measures.apgd_steps, targets=measures.apgd_targets))
    if measures.auto_attack:
        attacks.append(auto_attack)
    return attacks


def strongest(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    attack: Attack,
    measures: Measures,
    *,
    dataset: Dataset,
    generator: torch.Generator,
) -> Tensor:
    """Attack by every attack of `ensemble` and say which images withstand all of them.

    Each attack sees what the ones before it have left, so the accuracy is the one under the
    worst of them, image by image.

    Returns
    -------
    Tensor
        Booleans (N,), on the device of the images.
    """
    robust = torch.ones(len(images), dtype=torch.bool, device=images.device)
    for attempt in ensemble(attack, measures):
        left = robust.nonzero().squeeze(1)
        if not len(left):
            break
        result = attempt(
            model,
            images[left],
            labels[left],
            epsilon=attack.epsilon,
            bounds=dataset.bounds,
            generator=generator,
        )
        robust[left] = result.robust
    return robust


def adversarial_flags(
    model: nn.Module,
    dataset: Dataset,
    epsilon: float,
    measures: Measures,
    *,
    generator: torch.Generator,
) -> Tensor:
    """Say which images withstand `strongest` at a radius, booleans (N,) on the CPU."""
    attack = Attack(epsilon, steps=measures.steps, restarts=measures.restarts)
    robust = [
        strongest(model, images, labels, attack, measures, dataset=dataset, generator=generator)
        for images, labels in in_order(dataset, measures.batch_size)
    ]
    return torch.cat(robust).cpu()
