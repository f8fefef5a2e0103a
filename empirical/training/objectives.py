"""Training objectives as values: what one step minimises on one batch.

An objective is called with a model in training mode and a batch, and returns the mean loss.
Attacks run in evaluation mode (fixed statistics), as in TRADES' public code; the loss itself
is computed in training mode.
"""

from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from empirical.attacks.pgd import Loss as Raised, cross_entropy, pgd_perturb
from empirical.checks import Bounds
from empirical.logits import full
from empirical.networks.layers import attack_mode
from empirical.training.schedules import Attack
from empirical.transforms.random import Chain, Spatial
from theory.checks import InputError, positive, probability

__all__ = ["Adversarial", "Mixture", "Natural", "Objective", "Trades"]


class Objective(Protocol):
    """A loss of a model on a batch."""

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        labels: Tensor,
        *,
        bounds: Bounds,
        generator: torch.Generator,
    ) -> Tensor:
        """Return the mean loss of the batch, a scalar with gradients to the weights."""
        ...

    def scaled(self, share: float) -> "Objective":
        """Return the same objective with a share of the attack's radius."""
        ...


@dataclass(frozen=True)
class Natural:
    """Cross-entropy of f(T(x)): natural training, or augmentation if `spatial` moves images."""

    spatial: Spatial = field(default_factory=Chain)

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        labels: Tensor,
        *,
        bounds: Bounds,
        generator: torch.Generator,
    ) -> Tensor:
        """Return the mean cross-entropy at the transformed images."""
        del bounds  # nothing is attacked
        return functional.cross_entropy(
            full(model(self.spatial(images, generator=generator))), labels
        )

    def scaled(self, share: float) -> Self:
        """Return the objective itself: nothing is attacked."""
        del share
        return self


@dataclass(frozen=True)
class Adversarial:
    """Cross-entropy of f(A(T(x))): PGD training (Madry et al. 2018), composed with a spatial T."""

    attack: Attack
    spatial: Spatial = field(default_factory=Chain)

    def __post_init__(self) -> None:
        _one_start(self.attack)

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        labels: Tensor,
        *,
        bounds: Bounds,
        generator: torch.Generator,
    ) -> Tensor:
        """Return the mean cross-entropy at the attacked transformed images."""
        moved = self.spatial(images, generator=generator)
        attacked = _attacked(model, moved, labels, self.attack, bounds=bounds, generator=generator)
        return functional.cross_entropy(full(model(attacked)), labels)

    def scaled(self, share: float) -> Self:
        """Return the same objective with a share of the attack's radius."""
        return replace(self, attack=self.attack.scaled(share))


@dataclass(frozen=True)
class Trades:
    """Cross-entropy plus beta times KL(f(x) || f(x')) at the worst x' (Zhang et al. 2019).

    The softmax of the unattacked images does not change while the attack walks; it is computed
    once per batch instead of once per step, with the same result.

    Raises
    ------
    ValueError
        Unless beta > 0.
    """

    beta: float
    attack: Attack
    spatial: Spatial = field(default_factory=Chain)

    def __post_init__(self) -> None:
        positive("beta", self.beta)
        _one_start(self.attack)

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        labels: Tensor,
        *,
        bounds: Bounds,
        generator: torch.Generator,
    ) -> Tensor:
        """Return the mean of the natural loss and beta times the divergence."""
        moved = self.spatial(images, generator=generator)
        attacked = _attacked(
            model,
            moved,
            labels,
            self.attack,
            bounds=bounds,
            generator=generator,
            loss=_departure(model, moved),
        )
        natural, worst = full(model(torch.cat([moved, attacked]))).chunk(2)
        spread = _divergence(natural.log_softmax(1), worst.log_softmax(1), reduction="batchmean")
        return functional.cross_entropy(natural, labels) + self.beta * spread

    def scaled(self, share: float) -> Self:
        """Return the same objective with a share of the attack's radius."""
        return replace(self, attack=self.attack.scaled(share))


@dataclass(frozen=True)
class Mixture:
    """lambda times the loss at T(x) plus 1 - lambda times the loss at A(x'), on disjoint images.

    A batch is split: a share `weight` of it is transformed, the rest attacked; the two mean
    losses are weighted by lambda and 1 - lambda exactly, whatever the rounding of the split.
    With accuracy for loss this is lambda S + (1 - lambda) A, the quantity bounded by theory
    (THEORY.md, Theorem 4).  With `beta` the loss of the attacked images is that of `Trades`.

    Raises
    ------
    ValueError
        Unless 0 <= weight <= 1, the attack has one start, and beta > 0 if it is given.
    """

    weight: float
    attack: Attack
    spatial: Spatial
    beta: float | None = None

    def __post_init__(self) -> None:
        probability("weight", self.weight)
        _one_start(self.attack)
        if self.beta is not None:
            positive("beta", self.beta)

    def __call__(
        self,
        model: nn.Module,
        images: Tensor,
        labels: Tensor,
        *,
        bounds: Bounds,
        generator: torch.Generator,
    ) -> Tensor:
        """Return the weighted sum of the two mean losses."""
        count = _share(self.weight, len(images))
        moved = images[:count]
        if count:
            moved = self.spatial(moved, generator=generator)
        rest, own = images[count:], labels[count:]
        attacked = _attacked(
            model,
            rest,
            own,
            self.attack,
            bounds=bounds,
            generator=generator,
            loss=_departure(model, rest) if self.beta is not None and len(rest) else cross_entropy,
        )
        if self.beta is None:
            losses = functional.cross_entropy(
                full(model(torch.cat([moved, attacked]))), labels, reduction="none"
            )
        else:
            logits = full(model(torch.cat([moved, rest, attacked])))
            losses = functional.cross_entropy(logits[: len(labels)], labels, reduction="none")
            spread = _divergence(
                logits[count : len(labels)].log_softmax(1),
                logits[len(labels) :].log_softmax(1),
                reduction="none",
            )
            losses = losses + self.beta * functional.pad(spread.sum(1), (count, 0))
        parts = ((self.weight, losses[:count]), (1 - self.weight, losses[count:]))
        return torch.stack([share * part.mean() for share, part in parts if len(part)]).sum()

    def scaled(self, share: float) -> Self:
        """Return the same objective with a share of the attack's radius."""
        return replace(self, attack=self.attack.scaled(share))


def _one_start(attack: Attack) -> None:
    """Refuse an attack that training would not carry out as it is written."""
    if attack.restarts != 1:
        raise InputError(f"attack must have 1 start in training, got restarts={attack.restarts}")


def _attacked(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    attack: Attack,
    *,
    bounds: Bounds,
    generator: torch.Generator,
    loss: Raised = cross_entropy,
) -> Tensor:
    """Return the images under the attack of a training step."""
    if not len(images):
        return images
    return pgd_perturb(
        model,
        images,
        labels,
        epsilon=attack.epsilon,
        steps=attack.steps,
        step_size=attack.step_size,
        bounds=bounds,
        generator=generator,
        loss=loss,
    )


def _departure(model: nn.Module, images: Tensor) -> Raised:
    """Return the loss that grows as predictions depart from those at the images themselves."""
    with attack_mode(model), torch.no_grad():
        fixed = full(model(images)).log_softmax(1)
    return lambda logits, _labels: _divergence(fixed, logits.log_softmax(1), reduction="sum")


def _share(weight: float, count: int) -> int:
    """Return how many images are transformed: both parts non-empty unless the weight is 0 or 1."""
    if weight in {0.0, 1.0}:
        return int(weight) * count
    return min(max(round(weight * count), 1), count - 1)


def _divergence(fixed: Tensor, moving: Tensor, *, reduction: str) -> Tensor:
    return functional.kl_div(moving, fixed, reduction=reduction, log_target=True)
