"""Evaluation: one flag per image and measure, from which counts are reported.

Each measure draws from a generator of its own, named after the measure and its level, so that
asking for more measures leaves the others as they were.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from empirical.attacks.auto_attack import auto_attack
from empirical.attacks.boundary import boundary_distance
from empirical.attacks.pgd import AttackResult, pgd
from empirical.attacks.spatial import joint_attack, worst_transformation
from empirical.attacks.theorem import theorem_attack
from empirical.checks import check_budget
from empirical.data.dataset import Dataset, ordered_batches
from empirical.evaluation.measures import Measures, Outcomes
from empirical.evaluation.precision import full_precision
from empirical.evaluation.strongest_attack import adversarial_flags
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from empirical.transforms.grid import Move, grid, group
from empirical.transforms.random import Chain, Group, Rotations, Spatial, Translations
from theory.checks import InputError, instance, integer, optional_module

__all__ = ["check_measures", "evaluate", "measure_generator", "spatial_flags"]


@full_precision()
def evaluate(model: nn.Module, dataset: Dataset, measures: Measures, *, seed: int) -> Outcomes:
    """Measure a model on every image of a data set.

    The measures, by name and level: ``clean``; ``rotation`` (degrees) and ``translation``
    (pixels) for random transformations, with ``invariance_rotation`` and
    ``invariance_translation`` for the rate of f(T(x)) = f(x); ``spatial`` and ``invariance``
    under the group of a theoretical setting; ``adversarial`` (epsilon), under the strongest
    attack, ``pgd``, under the first of its parts, PGD on the cross-entropy, and ``auto_attack``,
    under AutoAttack after it, beside ``adversarial_checked``, without AutoAttack on the same
    images; and ``adversarial_pgd``, by gradients alone where the theorem's shifts are part of
    that attack; ``pgd_steps`` (steps), under that many steps of PGD on the cross-entropy, at the
    largest radius;
    ``worst_rotation`` (degrees; ``worst_spatial`` under a group); ``joint`` (epsilon);
    ``boundary_distance``.

    Parameters
    ----------
    model : nn.Module
        Returns logits; its mode is left as it was.
    dataset : Dataset
    measures : Measures
        What is measured, at which levels, on how many images.
    seed : int >= 0
        Of the transformations and the attacks, for each measure apart.

    Raises
    ------
    ValueError
        If a measure does not fit the images (`check_measures`), or the model does not return one
        finite logit per class, or returns probabilities.
    """
    instance("dataset", dataset, Dataset)
    instance("measures", measures, Measures)
    check_measures(measures, dataset)
    instance("model", model, nn.Module)
    seed = integer("seed", seed, minimum=0)
    flags = Outcomes()
    for accuracy, invariance, level, spatial in _random_measures(dataset, measures):
        correct, same = spatial_flags(
            model,
            dataset,
            spatial,
            batch_size=measures.batch_size,
            generator=measure_generator(dataset, seed, accuracy, level),
        )
        flags.outcomes[accuracy, level] = correct
        if invariance:
            flags.outcomes[invariance, level] = same
    where = _part(len(dataset), measures.attacked)
    attacked = dataset.take(where)
    robust: dict[float, Tensor] = {}
    for epsilon in measures.epsilons:
        generator = measure_generator(dataset, seed, "adversarial", epsilon)
        after = adversarial_flags(model, attacked, epsilon, measures, generator=generator)
        flags.outcomes["pgd", epsilon], found = after[0], after[-1]
        if measures.shifts:
            flags.outcomes["adversarial_pgd", epsilon] = found
            found = found & _shifted(model, attacked, measures, epsilon)
        flags.outcomes["adversarial", epsilon] = found
        if measures.checked and epsilon == max(measures.epsilons):
            own = _part(len(attacked), measures.checked)
            flags.outcomes["adversarial_checked", epsilon] = found[own]
            flags.outcomes["auto_attack", epsilon] = _checked(
                model, attacked.take(own), epsilon, found[own], generator
            )
        robust[epsilon] = torch.ones(len(dataset), dtype=torch.bool)
        robust[epsilon][where] = found
    for steps in measures.fewer_steps:
        weak = partial(
            pgd, epsilon=max(measures.epsilons), steps=steps, bounds=dataset.bounds,
            generator=measure_generator(dataset, seed, "pgd_steps", steps),
        )  # fmt: skip
        flags.outcomes["pgd_steps", float(steps)] = _robust(model, attacked, measures, weak)
    part = _part(len(dataset), measures.few)
    few = dataset.take(part)
    for degrees in measures.worst_rotations:
        name, level = ("worst_spatial", 0.0) if few.setting else ("worst_rotation", degrees)
        search = partial(
            worst_transformation, moves=_moves(few, degrees, measures), bounds=few.bounds
        )
        flags.outcomes[name, level] = _robust(model, few, measures, search)
    for epsilon in measures.joint_epsilons:
        found = _joint(
            model, few, measures, epsilon, measure_generator(few, seed, "joint", epsilon)
        )
        flags.outcomes["joint", epsilon] = (
            found & robust[epsilon][part] if epsilon in robust else found
        )
    if measures.boundary > 0:
        distances = _distances(model, few, measures)
        flags.distances["boundary_distance", measures.boundary] = distances
        flags.outcomes["boundary_distance", measures.boundary] = distances.isfinite()
    return flags


def check_measures(measures: Measures, dataset: Dataset) -> None:
    """Check that the measures can be taken on these images, before any is.

    Raises
    ------
    ValueError
        If a radius or distance is not in the unit of the images, shifts are asked for on images
        of no setting, AutoAttack without a library for it, or either without a radius.
    """
    for epsilon in (*measures.epsilons, *measures.joint_epsilons):
        check_budget(epsilon, dataset.bounds)
    if dataset.bounds is not None and measures.boundary > dataset.bounds[1] - dataset.bounds[0]:
        raise InputError(
            f"boundary must be at most {dataset.bounds[1] - dataset.bounds[0]:g}, the range of "
            f"pixel values, got {measures.boundary:g}"
        )
    if measures.shifts and dataset.setting is None:
        raise InputError(f"shifts must be of a theoretical setting, got images of {dataset.name}")
    if measures.shifts and not (measures.epsilons or measures.joint_epsilons):
        raise InputError("shifts must have an epsilon, got none")
    if measures.fewer_steps and not measures.epsilons:
        raise InputError("fewer_steps must have an epsilon, got none")
    if measures.auto_attack and not measures.epsilons:
        raise InputError("auto_attack must have an epsilon, got none")
    if measures.epsilons and (measures.auto_attack or measures.checked or measures.queries):
        optional_module("pyautoattack", "attacks")


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
    with attack_mode(model), torch.no_grad():
        for images, labels in ordered_batches(dataset, batch_size):
            moved = spatial(images, generator=generator)
            logits = answers(model, images, labels, classes=dataset.classes)
            plain = logits.argmax(1)
            turned = plain if moved is images else model(moved).argmax(1)
            correct.append((turned == labels).cpu())
            invariant.append((turned == plain).cpu())
    return torch.cat(correct), torch.cat(invariant)


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
        for images, labels in ordered_batches(dataset, measures.batch_size)
    ]
    return torch.cat(found).cpu()


def _checked(
    model: nn.Module,
    dataset: Dataset,
    epsilon: float,
    robust: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """Say which of the images that are left withstand AutoAttack as well."""
    left = robust.nonzero().squeeze(1)
    found = robust.clone()
    if len(left):
        survivors = dataset.take(left.to(dataset.images.device))
        images, labels = next(ordered_batches(survivors, len(left)))
        found[left] = auto_attack(
            model, images, labels, epsilon=epsilon, bounds=dataset.bounds, generator=generator
        ).robust.cpu()
    return found


def _distances(model: nn.Module, dataset: Dataset, measures: Measures) -> Tensor:
    found = [
        boundary_distance(
            model, images, labels, limit=measures.boundary, bounds=dataset.bounds
        ).distance
        for images, labels in ordered_batches(dataset, measures.batch_size)
    ]
    return torch.cat(found).cpu()


def _joint(
    model: nn.Module,
    dataset: Dataset,
    measures: Measures,
    epsilon: float,
    generator: torch.Generator,
) -> Tensor:
    """Say which images withstand a transformation followed by a perturbation."""
    moves = _moves(dataset, measures.joint_degrees, measures)
    search = partial(
        joint_attack, moves=moves, epsilon=epsilon, steps=measures.steps, bounds=dataset.bounds,
        generator=generator,
    )  # fmt: skip
    found = _robust(model, dataset, measures, search)
    return found & _shifted(model, dataset, measures, epsilon, moves) if measures.shifts else found


def _shifted(
    model: nn.Module,
    dataset: Dataset,
    measures: Measures,
    epsilon: float,
    moves: Sequence[Move] = (),
) -> Tensor:
    """Say which images withstand the shifts of the theorem, unmoved and after the moves."""
    if dataset.setting is None:
        raise InputError(f"shifts must be of a theoretical setting, got images of {dataset.name}")
    setting = dataset.setting.with_epsilon(epsilon)
    search = partial(theorem_attack, setting=setting, moves=moves)
    return _robust(model, dataset, measures, search)


def _part(total: int, count: int) -> Tensor:
    """Return the numbers of evenly spaced images; of all if `count` is 0."""
    count = min(count or total, total)
    return torch.arange(count) * total // count


def measure_generator(dataset: Dataset, seed: int, measure: str, level: float) -> torch.Generator:
    """Return the generator of one measure at one level."""
    name = f"{measure} {level:.9g}".encode()
    state = np.random.SeedSequence([seed, *name]).generate_state(1, np.uint64)
    return torch.Generator(dataset.images.device).manual_seed(int(state[0] >> np.uint64(1)))
