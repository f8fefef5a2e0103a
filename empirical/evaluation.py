"""Evaluation: one flag per image and measure, from which counts are reported.

Each measure draws from a generator of its own, named after the measure and its level, so that
asking for more measures leaves the others as they were.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from empirical.attacks import AttackResult, cross_entropy, margin, pgd
from empirical.attacks_auto import auto_attack
from empirical.attacks_minimum import boundary_distance
from empirical.attacks_shifts import shift_attack
from empirical.attacks_spatial import joint, worst_of
from empirical.data import Dataset, in_order
from empirical.layers import frozen
from empirical.logits import check_logits
from empirical.measures import Flags, Measures
from empirical.moves import Move, grid, group
from empirical.settings import Attack
from empirical.spatial import Chain, Group, Rotations, Spatial, Translations

__all__ = ["adversarial_flags", "evaluate", "spatial_flags", "strongest"]


def evaluate(model: nn.Module, dataset: Dataset, measures: Measures, *, seed: int) -> Flags:
    """Measure a model on every image of a data set.

    The measures, by name and level: ``clean``; ``rotation`` (degrees) and ``translation``
    (pixels) for random transformations, with ``invariance_rotation`` and
    ``invariance_translation`` for the rate of f(T(x)) = f(x); ``spatial`` and ``invariance``
    under the group of a theoretical setting; ``adversarial`` (epsilon), under the strongest
    attack, and ``adversarial_pgd``, without the theorem's shifts where they are part of it;
    ``worst_rotation`` (degrees; ``worst_spatial`` under a group); ``joint`` (epsilon);
    ``boundary_distance``.

    Raises
    ------
    ValueError
        If the model does not return one finite logit per class, or returns probabilities.
    """
    flags = Flags()
    for accuracy, invariance, level, spatial in _random_measures(dataset, measures):
        correct, same = spatial_flags(
            model,
            dataset,
            spatial,
            batch_size=measures.batch_size,
            generator=_generator(dataset, seed, accuracy, level),
        )
        flags.outcomes[accuracy, level] = correct
        if invariance:
            flags.outcomes[invariance, level] = same
    for epsilon in measures.epsilons:
        flags.outcomes["adversarial", epsilon] = adversarial_flags(
            model,
            dataset,
            Attack(epsilon, steps=measures.steps, restarts=measures.restarts),
            batch_size=measures.batch_size,
            auto=measures.auto_attack,
            generator=_generator(dataset, seed, "adversarial", epsilon),
        )
        if measures.shifts:
            found = flags.outcomes["adversarial", epsilon]
            flags.outcomes["adversarial_pgd", epsilon] = found
            flags.outcomes["adversarial", epsilon] = found & _shifted(
                model, dataset, measures, epsilon
            )
    few = _part(dataset, measures.few)
    for degrees in measures.worst_rotations:
        name, level = ("worst_spatial", 0.0) if few.setting else ("worst_rotation", degrees)
        search = partial(worst_of, moves=_moves(few, degrees, measures), bounds=few.bounds)
        flags.outcomes[name, level] = _robust(model, few, measures, search)
    for epsilon in measures.joint_epsilons:
        search = partial(
            joint,
            moves=_moves(few, measures.joint_degrees, measures),
            epsilon=epsilon,
            steps=measures.steps,
            bounds=few.bounds,
            generator=_generator(few, seed, "joint", epsilon),
        )
        flags.outcomes["joint", epsilon] = _robust(model, few, measures, search)
    if measures.boundary > 0:
        distances = _distances(model, few, measures)
        flags.distances["boundary_distance", measures.boundary] = distances
        flags.outcomes["boundary_distance", measures.boundary] = distances.isfinite()
    return flags


def spatial_flags(
    model: nn.Module,
    dataset: Dataset,
    spatial: Spatial,
    *,
    batch_size: int,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Say for which images f(T(x)) = y and for which f(T(x)) = f(x), one draw of T per image.

    The fooling rate of T is 1 minus the rate of the second (THEORY.md, section 1).

    Returns
    -------
    (Tensor, Tensor)
        Booleans (N,) on the CPU: correct, invariant.
    """
    correct, invariant = [], []
    with frozen(model), torch.no_grad():
        for images, labels in in_order(dataset, batch_size):
            moved = spatial(images, generator=generator)
            plain = check_logits(model(images), labels).argmax(1)
            turned = plain if moved is images else model(moved).argmax(1)
            correct.append((turned == labels).cpu())
            invariant.append((turned == plain).cpu())
    return torch.cat(correct), torch.cat(invariant)


def adversarial_flags(
    model: nn.Module,
    dataset: Dataset,
    attack: Attack,
    *,
    batch_size: int,
    generator: torch.Generator,
    auto: bool = False,
) -> Tensor:
    """Say which images withstand every attack of `strongest`, booleans (N,) on the CPU."""
    robust = [
        strongest(model, images, labels, attack, dataset=dataset, generator=generator, auto=auto)
        for images, labels in in_order(dataset, batch_size)
    ]
    return torch.cat(robust).cpu()


def strongest(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    attack: Attack,
    *,
    dataset: Dataset,
    generator: torch.Generator,
    auto: bool = False,
) -> Tensor:
    """Attack by PGD on the cross-entropy, then on the margin, then perhaps by AutoAttack.

    Each attack sees what the ones before it have left, so the result is the accuracy under all
    of them; the margin finds images on which the cross-entropy has saturated.

    Returns
    -------
    Tensor
        Which images withstand, booleans (N,).
    """
    walk = partial(
        pgd,
        steps=attack.steps,
        step_size=attack.step_size,
        restarts=attack.restarts,
    )
    attacks: list[Callable[..., AttackResult]] = [
        partial(walk, loss=cross_entropy),
        partial(walk, loss=margin),
        *([auto_attack] if auto else []),
    ]
    robust = torch.ones(len(images), dtype=torch.bool, device=images.device)
    for attempt in attacks:
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


def _random_measures(dataset: Dataset, measures: Measures) -> list[tuple[str, str, float, Spatial]]:
    """Names of accuracy and invariance, level, and transformation of the random measures."""
    found: list[tuple[str, str, float, Spatial]] = [("clean", "", 0.0, Chain())]
    if dataset.setting is not None:
        found.append(("spatial", "invariance", 0.0, Group(dataset.setting.transformations)))
    found += [("rotation", "invariance_rotation", d, Rotations(d)) for d in measures.rotations]
    found += [
        ("translation", "invariance_translation", pixels, Translations(pixels))
        for pixels in measures.translations
    ]
    return found


def _moves(dataset: Dataset, degrees: float, measures: Measures) -> list[Move]:
    """Return what a worst-case search tries: the setting's group, or a grid of angles."""
    if dataset.setting is not None:
        return group(dataset.setting.transformations)
    return grid(degrees, angles=measures.angles)


def _robust(
    model: nn.Module,
    dataset: Dataset,
    measures: Measures,
    search: Callable[..., AttackResult],
) -> Tensor:
    found = [
        search(model, images, labels).robust
        for images, labels in in_order(dataset, measures.batch_size)
    ]
    return torch.cat(found).cpu()


def _distances(model: nn.Module, dataset: Dataset, measures: Measures) -> Tensor:
    found = [
        boundary_distance(
            model, images, labels, limit=measures.boundary, bounds=dataset.bounds
        ).distance
        for images, labels in in_order(dataset, measures.batch_size)
    ]
    return torch.cat(found).cpu()


def _shifted(model: nn.Module, dataset: Dataset, measures: Measures, epsilon: float) -> Tensor:
    """Say which images withstand the shifts of the theorem."""
    if dataset.setting is None:
        raise ValueError(f"shifts must be of a theoretical setting, got images of {dataset.name}")
    setting = dataset.setting.with_epsilon(epsilon)
    return _robust(model, dataset, measures, partial(shift_attack, setting=setting))


def _part(dataset: Dataset, count: int) -> Dataset:
    """Return an evenly spaced part of the images."""
    if count in {0, len(dataset)}:
        return dataset
    return dataset.take(torch.arange(min(count, len(dataset))) * len(dataset) // count)


def _generator(dataset: Dataset, seed: int, measure: str, level: float) -> torch.Generator:
    """Return the generator of one measure at one level."""
    name = f"{measure} {level:.9g}".encode()
    state = np.random.SeedSequence([seed, *name]).generate_state(1, np.uint64)
    return torch.Generator(dataset.images.device).manual_seed(int(state[0] >> np.uint64(1)))
