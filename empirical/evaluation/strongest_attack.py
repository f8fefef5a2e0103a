"""The strongest l_inf attack that is run: several attacks, each on what the ones before left."""

from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn

from empirical.attacks.apgd import apgd
from empirical.attacks.auto_attack import auto_attack
from empirical.attacks.pgd import AttackResult, cross_entropy, cw_loss, pgd
from empirical.data.dataset import Dataset, ordered_batches
from empirical.evaluation.measures import Measures
from empirical.training.schedules import Attack
from simulations.execution.progress import track

__all__ = ["adversarial_flags", "ensemble", "strongest", "tracked_batches", "withstood"]


def ensemble(attack: Attack, measures: Measures) -> list[Callable[..., AttackResult]]:
    """Return the attacks that the measures ask for, cheapest first.

    PGD on the cross-entropy; PGD on the margin, which finds images on which the cross-entropy
    has saturated; Auto-PGD, untargeted and targeted, if ``apgd_steps`` > 0; Square, which needs no
    gradients, at the largest radius if ``queries`` > 0; AutoAttack, if asked for.
    """
    walk = partial(pgd, steps=attack.steps, step_size=attack.step_size, restarts=attack.restarts)
    attacks: list[Callable[..., AttackResult]] = [
        partial(walk, loss=cross_entropy),
        partial(walk, loss=cw_loss),
    ]
    if measures.apgd_steps:
        attacks.append(partial(apgd, steps=measures.apgd_steps, targets=measures.apgd_targets))
    if measures.queries and attack.epsilon >= max(measures.epsilons, default=0.0):
        attacks.append(partial(auto_attack, attacks=("square",), queries=measures.queries))
    if measures.auto_attack:
        attacks.append(auto_attack)
    return attacks


def withstood(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    attack: Attack,
    measures: Measures,
    *,
    dataset: Dataset,
    generator: torch.Generator,
) -> Tensor:
    """Attack by every attack of `ensemble` and say which images withstand it and those before.

    Each attack sees what the ones before it have left, so the accuracy after the last is the one
    under the worst of them, image by image.

    Returns
    -------
    Tensor
        Booleans (attacks, N), on the device of the images.
    """
    robust = torch.ones(len(images), dtype=torch.bool, device=images.device)
    attacks = ensemble(attack, measures)
    after = torch.zeros(len(attacks), len(images), dtype=torch.bool, device=images.device)
    for number, attempt in enumerate(attacks):
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
        after[number] = robust
    return after


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
    """Say which images withstand all attacks of `ensemble`, booleans (N,)."""
    return withstood(model, images, labels, attack, measures, dataset=dataset, generator=generator)[
        -1
    ]


def adversarial_flags(
    model: nn.Module,
    dataset: Dataset,
    epsilon: float,
    measures: Measures,
    *,
    generator: torch.Generator,
) -> Tensor:
    """Say which images are left after each attack of `ensemble`, booleans (attacks, N) on the CPU.

    The first is PGD on the cross-entropy alone, the last `strongest`.
    """
    attack = Attack(epsilon, steps=measures.steps, restarts=measures.restarts)
    robust = [
        withstood(model, images, labels, attack, measures, dataset=dataset, generator=generator)
        for images, labels in tracked_batches(
            dataset, measures.batch_size, f"adversarial {epsilon:g}"
        )
    ]
    return torch.cat(robust, 1).cpu()


def tracked_batches(dataset: Dataset, size: int, name: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield `ordered_batches` while a bar of that name counts them."""
    return track(ordered_batches(dataset, size), name, -(-len(dataset) // size))
