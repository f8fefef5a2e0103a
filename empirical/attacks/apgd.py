"""Auto-PGD: projected gradients that choose their own step, on cross-entropy and per target.

Source: F. Croce, M. Hein, Reliable evaluation of adversarial robustness with an ensemble of
diverse parameter-free attacks, ICML 2020 (algorithm 1, and the targeted loss DLR).
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from empirical.attacks.pgd import AttackResult, ball
from empirical.checks import Bounds, check_budget, check_victim
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from empirical.transforms.interpolated import uniform
from theory.checks import MOST_STEPS, instance, integer

__all__ = ["apgd", "checkpoints"]

INERTIA = 0.75
"""Share of the gradient step in each move; the rest continues the last move."""

RISING = 0.75
"""Least share of steps since the last checkpoint that must have raised the loss."""

Losses = Callable[[Tensor], Tensor]
"""Maps logits (n, K) of the images in play to their losses (n,)."""


def apgd(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    steps: int = 100,
    targets: int = 9,
    bounds: Bounds,
    generator: torch.Generator,
) -> AttackResult:
    """Run APGD-CE, then APGD-T toward each of the likeliest wrong classes, on the survivors.

    Parameters
    ----------
    model, images, labels, epsilon, bounds, generator
        As for ``pgd``.
    steps : int >= 1
        Gradient steps of each run, 100 in the source.
    targets : int >= 0
        Number of wrong classes tried, in order of their logits on the clean image, 9 in the
        source; at most all are.

    Raises
    ------
    ValueError
        If a number is out of its range, or images, labels or logits are unfit.
    """
    check_victim(model, images, labels, bounds)
    epsilon = check_budget(epsilon, bounds)
    steps = integer("steps", steps, minimum=1, maximum=MOST_STEPS)
    targets = integer("targets", targets, minimum=0)
    instance("generator", generator, torch.Generator)
    adversarial = images.clone()
    with attack_mode(model):
        with torch.no_grad():
            logits = answers(model, images, labels)
        fooled = logits.argmax(1) != labels
        wrong = logits.scatter(1, labels[:, None], -torch.inf).argsort(1, descending=True)
        for run in range(1 + min(targets, logits.shape[1] - 1) if epsilon > 0 else 0):
            left = (~fooled).nonzero().squeeze(1)
            if not len(left):
                break
            lowest, highest = ball(images[left], epsilon, bounds)
            noise = uniform(tuple(lowest.shape), epsilon, images.device, generator=generator)
            start = torch.clamp(images[left] + noise.to(images.dtype), lowest, highest)
            state = _Climb.at(
                start,
                lowest=lowest,
                highest=highest,
                labels=labels[left],
                goal=wrong[left, run - 1] if run else labels[left],
                epsilon=epsilon,
            )
            found, hit = _climb(model, state, steps)
            adversarial[left[hit]] = found[hit]
            fooled[left[hit]] = True
    return AttackResult(adversarial, fooled)


def checkpoints(steps: int) -> list[int]:
    """Return the steps at which the step size is reviewed, as in the source."""
    last, share = 0.0, 0.22
    reviews = []
    while share <= 1:
        reviews.append(int(-(-share * steps // 1)))
        last, share = share, share + max(share - last - 0.03, 0.06)
    return reviews


@dataclass
class _Climb:
    """The state of every image in play; all tensors have one row per image."""

    number: Tensor
    labels: Tensor
    goal: Tensor
    lowest: Tensor
    highest: Tensor
    now: Tensor
    before: Tensor
    best: Tensor
    best_gradient: Tensor
    best_loss: Tensor
    loss: Tensor
    size: Tensor
    rises: Tensor
    reviewed_loss: Tensor
    reduced: Tensor

    @classmethod
    def at(
        cls,
        start: Tensor,
        *,
        lowest: Tensor,
        highest: Tensor,
        labels: Tensor,
        goal: Tensor,
        epsilon: float,
    ) -> Self:
        nothing = torch.full_like(start[:, 0, 0, 0], -torch.inf)
        return cls(
            number=torch.arange(len(labels), device=labels.device),
            labels=labels,
            goal=goal,
            lowest=lowest,
            highest=highest,
            now=start,
            before=start,
            best=start,
            best_gradient=torch.zeros_like(start),
            best_loss=nothing,
            loss=nothing,
            size=torch.full_like(nothing, 2 * epsilon),
            rises=torch.zeros_like(labels),
            reviewed_loss=nothing,
            reduced=torch.ones_like(labels, dtype=torch.bool),
        )

    def keep(self, which: Tensor) -> Self:
        return replace(self, **{f.name: getattr(self, f.name)[which] for f in fields(self)})


def _climb(model: nn.Module, state: _Climb, steps: int) -> tuple[Tensor, Tensor]:
    found, hit = state.now.clone(), torch.zeros_like(state.labels, dtype=torch.bool)
    reviews, last = checkpoints(steps), 0
    for step in range(steps + 1):
        state.now.requires_grad_(True)
        logits = model(state.now)
        losses = _losses(logits, state.labels, state.goal)
        (gradient,) = torch.autograd.grad(losses.sum(), state.now)
        state.now, losses = state.now.detach(), losses.detach()
        out = logits.argmax(1) != state.labels
        found[state.number[out]], hit[state.number[out]] = state.now[out], True
        state.rises = state.rises + (losses > state.loss)
        better = losses > state.best_loss
        wide = better.view(-1, 1, 1, 1)
        state.best = torch.where(wide, state.now, state.best)
        state.best_gradient = torch.where(wide, gradient, state.best_gradient)
        state.best_loss = torch.where(better, losses, state.best_loss)
        state.loss = losses
        if step in reviews:
            gradient = _review(state, gradient, step - last)
            last = step
        state, gradient = state.keep(~out), gradient[~out]
        if not len(state.labels):
            break
        _advance(state, gradient, first=step == 0)
    return found, hit


def _review(state: _Climb, gradient: Tensor, elapsed: int) -> Tensor:
    """Halve the step where it stopped paying, and go back to the best image there."""
    stuck = ~state.reduced & (state.reviewed_loss >= state.best_loss)
    halve = (state.rises <= RISING * elapsed) | stuck
    wide = halve.view(-1, 1, 1, 1)
    state.size = torch.where(halve, state.size / 2, state.size)
    state.now = torch.where(wide, state.best, state.now)
    state.reduced, state.reviewed_loss = halve, state.best_loss
    state.rises = torch.zeros_like(state.rises)
    return torch.where(wide, state.best_gradient, gradient)


def _advance(state: _Climb, gradient: Tensor, *, first: bool) -> None:
    size = state.size.view(-1, 1, 1, 1)
    step = torch.clamp(state.now + size * gradient.sign(), state.lowest, state.highest)
    if not first:
        onward = INERTIA * (step - state.now) + (1 - INERTIA) * (state.now - state.before)
        step = torch.clamp(state.now + onward, state.lowest, state.highest)
    state.before, state.now = state.now, step


def _losses(logits: Tensor, labels: Tensor, goal: Tensor) -> Tensor:
    """Return cross-entropy where the goal is the label itself, else the targeted loss."""
    if torch.equal(goal, labels):
        return functional.cross_entropy(logits, labels, reduction="none")
    lead = (logits.gather(1, goal[:, None]) - logits.gather(1, labels[:, None])).squeeze(1)
    if logits.shape[1] < 4:
        return lead
    ordered = logits.sort(dim=1, descending=True).values
    return lead / (ordered[:, 0] - (ordered[:, 2] + ordered[:, 3]) / 2 + 1e-12)
