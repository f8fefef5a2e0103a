"""Evaluation: one flag per image and measure, from which counts are reported.

Each measure draws from a generator of its own, named after the measure and its level, so that
asking for more measures leaves the others as they were.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
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
from empirical.evaluation.measures import BEYOND, Measures, Outcomes
from empirical.evaluation.precision import full_precision
from empirical.evaluation.strongest_attack import adversarial_flags, tracked_batches
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from empirical.transforms.grid import Move, grid, group
from empirical.transforms.random import (
    Chain,
    Group,
    QuarterTurns,
    Rotations,
    Spatial,
    Translations,
)
from theory.checks import InputError, instance, integer, optional_module

__all__ = ["check_measures", "evaluate", "measure_generator", "spatial_flags", "turned"]


@full_precision()
def evaluate(model: nn.Module, dataset: Dataset, measures: Measures, *, seed: int) -> Outcomes:
    """Measure a model on every image of a data set.

    The measures, by name and level: ``clean``; ``rotation`` (degrees) and ``translation``
    (pixels) for random transformations, with ``invariance_rotation`` and
    ``invariance_translation`` for the rate of f(T(x)) = f(x); ``quarter_turn`` (degrees beyond)
    and ``invariance_quarter_turn`` likewise; ``spatial`` and ``invariance``
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
    subject = _Subject(model, dataset, measures, seed)
    for measure in MEASURES:
        for name, level, found in measure(subject):
            distances = found.is_floating_point()
            if distances:
                subject.found.distances[name, level] = found
            subject.found.outcomes[name, level] = found.isfinite() if distances else found
    return subject.found


def check_measures(measures: Measures, dataset: Dataset) -> None:
    """Check that the measures can be taken on these images, before any is.

    Raises
    ------
    ValueError
        If a radius or distance is not in the unit of the images, shifts are asked for on images
        of no setting, quarter turns on images that are not square or of a setting, whose own
        group is measured, AutoAttack without a library for it, or either without a radius.
    """
    if measures.quarter_turns and dataset.setting is not None:
        raise InputError(
            f"quarter_turns must be of images of no setting, got {dataset.name}, measured under "
            "its own group"
        )
    if measures.quarter_turns and dataset.shape[1] != dataset.shape[2]:
        raise InputError(
            f"quarter_turns must have square images, got {dataset.shape[1]} x {dataset.shape[2]}"
        )
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
    for name in ("fewer_steps", "queries", "auto_attack"):
        if getattr(measures, name) and not measures.epsilons:
            raise InputError(f"{name} must have an epsilon, got none")
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
        for images, labels in tracked_batches(dataset, batch_size, "random transformations"):
            moved = spatial(images, generator=generator)
            logits = answers(model, images, labels, classes=dataset.classes)
            plain = logits.argmax(1)
            turned = plain if moved is images else model(moved).argmax(1)
            correct.append((turned == labels).cpu())
            invariant.append((turned == plain).cpu())
    return torch.cat(correct), torch.cat(invariant)


def turned(beyond: float) -> Spatial:
    """Return a random turn by 90, 180 or 270 degrees, and by up to `beyond` more or less."""
    return Chain((QuarterTurns((1, 2, 3)), Rotations(beyond)))


@dataclass(frozen=True)
class _Subject:
    """A model, what is asked of it, and what was found so far."""

    model: nn.Module
    dataset: Dataset
    measures: Measures
    seed: int
    found: Outcomes = field(default_factory=Outcomes)

    def part(self, count: int) -> tuple[Tensor, Dataset]:
        """Return the numbers of evenly spaced images, of all if `count` is 0, and the images."""
        where = _spaced(len(self.dataset), count)
        return where, self.dataset.take(where)

    def generator(self, measure: str, level: float) -> torch.Generator:
        """Return the generator of one measure at one level."""
        return measure_generator(self.dataset, self.seed, measure, level)

    def moves(self, degrees: float) -> list[Move]:
        """Return what a worst-case search tries: the setting's group, or a grid of angles."""
        if self.dataset.setting is not None:
            return group(self.dataset.setting.transformations)
        return grid(degrees, angles=self.measures.angles)

    def robust(self, images: Dataset, search: Callable[..., AttackResult], name: str) -> Tensor:
        """Say which images withstand a search of model, images and labels."""
        batches = tracked_batches(images, self.measures.batch_size, name)
        return torch.cat([search(self.model, *batch).robust for batch in batches]).cpu()

    def unshifted(self, images: Dataset, epsilon: float, moves: Sequence[Move] = ()) -> Tensor:
        """Say which images withstand the theorem's shifts, if asked for, unmoved and moved."""
        if not self.measures.shifts or images.setting is None:
            return torch.ones(len(images), dtype=torch.bool)
        setting = images.setting.with_epsilon(epsilon)
        return self.robust(images, partial(theorem_attack, setting=setting, moves=moves), "shifts")


_Found = Iterator[tuple[str, float, Tensor]]
"""Name, level, and which images (N,) succeeded, or the distance of each."""


def _random(subject: _Subject) -> _Found:
    """Clean accuracy, and accuracy and invariance under random transformations."""
    measures, setting = subject.measures, subject.dataset.setting
    asked: list[tuple[str, str, float, Spatial]] = [("clean", "", 0.0, Chain())]
    if setting is not None:
        asked.append(("spatial", "invariance", 0.0, Group(setting.transformations)))
    asked += [("rotation", "invariance_rotation", d, Rotations(d)) for d in measures.rotations]
    if measures.quarter_turns:
        asked += [
            ("quarter_turn", "invariance_quarter_turn", beyond, turned(beyond))
            for beyond in (0.0, BEYOND)
        ]
    asked += [
        ("translation", "invariance_translation", pixels, Translations(pixels))
        for pixels in measures.translations
    ]
    for accuracy, invariance, level, spatial in asked:
        correct, same = spatial_flags(
            subject.model, subject.dataset, spatial,
            batch_size=measures.batch_size, generator=subject.generator(accuracy, level),
        )  # fmt: skip
        yield accuracy, level, correct
        if invariance:
            yield invariance, level, same


def _adversarial(subject: _Subject) -> _Found:
    """Accuracy under the strongest attack, under parts of it, and under AutoAttack after it."""
    model, measures = subject.model, subject.measures
    _, images = subject.part(measures.attacked)
    for epsilon in measures.epsilons:
        generator = subject.generator("adversarial", epsilon)
        after = adversarial_flags(model, images, epsilon, measures, generator=generator)
        yield "pgd", epsilon, after[0]
        if measures.shifts:
            yield "adversarial_pgd", epsilon, after[-1]
        robust = after[-1] & subject.unshifted(images, epsilon)
        yield "adversarial", epsilon, robust
        if measures.checked and epsilon == max(measures.epsilons):
            own = _spaced(len(images), measures.checked)
            yield "adversarial_checked", epsilon, robust[own]
            search = partial(
                auto_attack, epsilon=epsilon, bounds=images.bounds, generator=generator
            )
            yield "auto_attack", epsilon, _left(model, images.take(own), robust[own], search)


def _weaker(subject: _Subject) -> _Found:
    """Accuracy under fewer steps of PGD."""
    measures = subject.measures
    _, images = subject.part(measures.attacked)
    for steps in measures.fewer_steps:
        search = partial(
            pgd, epsilon=max(measures.epsilons), steps=steps, bounds=images.bounds,
            generator=subject.generator("pgd_steps", steps),
        )  # fmt: skip
        yield "pgd_steps", float(steps), subject.robust(images, search, f"pgd_steps {steps}")


def _left(
    model: nn.Module, dataset: Dataset, robust: Tensor, search: Callable[..., AttackResult]
) -> Tensor:
    """Say which of the images that are robust so far withstand a search as well."""
    where = robust.nonzero().squeeze(1)
    found = robust.clone()
    if len(where):
        rest = dataset.take(where.to(dataset.images.device))
        found[where] = search(model, *next(ordered_batches(rest, len(rest)))).robust.cpu()
    return found


def _worst(subject: _Subject) -> _Found:
    """Accuracy under the worst transformation."""
    _, few = subject.part(subject.measures.few)
    for degrees in subject.measures.worst_rotations:
        name, level = ("worst_spatial", 0.0) if few.setting else ("worst_rotation", degrees)
        search = partial(worst_transformation, moves=subject.moves(degrees), bounds=few.bounds)
        yield name, level, subject.robust(few, search, name)


def _joint(subject: _Subject) -> _Found:
    """Accuracy under a transformation followed by a perturbation, and under the latter alone."""
    measures, moves = subject.measures, subject.moves(subject.measures.joint_degrees)
    where, few = subject.part(measures.few)
    for epsilon in measures.joint_epsilons:
        search = partial(
            joint_attack, moves=moves, epsilon=epsilon, steps=measures.steps, bounds=few.bounds,
            generator=subject.generator("joint", epsilon),
        )  # fmt: skip
        robust = subject.robust(few, search, f"joint {epsilon:g}") & subject.unshifted(
            few, epsilon, moves
        )
        unmoved = subject.found.outcomes.get(("adversarial", epsilon))
        if unmoved is not None:
            attacked, _ = subject.part(measures.attacked)
            everywhere = torch.ones(len(subject.dataset), dtype=torch.bool)
            everywhere[attacked] = unmoved
            robust = robust & everywhere[where]
        yield "joint", epsilon, robust


def _boundary(subject: _Subject) -> _Found:
    """Distance to the decision boundary."""
    limit = subject.measures.boundary
    if limit > 0:
        _, few = subject.part(subject.measures.few)
        search = partial(boundary_distance, subject.model, limit=limit, bounds=few.bounds)
        batches = tracked_batches(few, subject.measures.batch_size, "boundary")
        distances = torch.cat([search(*batch).distance for batch in batches])
        yield "boundary_distance", limit, distances.cpu()


MEASURES = (_random, _adversarial, _weaker, _worst, _joint, _boundary)
"""All measures, in the order of the rows; one may look at what those before it have found."""


def _spaced(total: int, count: int) -> Tensor:
    """Return the numbers of evenly spaced images; of all if `count` is 0."""
    count = min(count or total, total)
    return torch.arange(count) * total // count


def measure_generator(dataset: Dataset, seed: int, measure: str, level: float) -> torch.Generator:
    """Return the generator of one measure at one level."""
    name = f"{measure} {level:.9g}".encode()
    state = np.random.SeedSequence([seed, *name]).generate_state(1, np.uint64)
    return torch.Generator(dataset.images.device).manual_seed(int(state[0] >> np.uint64(1)))
