"""l_inf attacks by projected gradient steps: for training, and for measuring."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from empirical.checks import Bounds, check_budget, check_victim
from empirical.logits import answers, full, outputs
from empirical.networks.layers import attack_mode
from theory.checks import (
    MOST_STEPS,
    InputError,
    function,
    instance,
    integer,
    nonnegative,
    shown,
)

__all__ = [
    "AttackResult",
    "Loss",
    "ball",
    "check_steps",
    "cross_entropy",
    "cw_loss",
    "pgd",
    "pgd_perturb",
    "wrong_margin",
]

Loss = Callable[[Tensor, Tensor], Tensor]
"""Maps logits (N, K) and labels (N,) to one number, a sum over the images, to be raised."""


@dataclass(frozen=True, eq=False)
class AttackResult:
    """What an attack found.

    Parameters
    ----------
    adversarial : (N, C, H, W) Tensor
        The found misclassified images, elsewhere the images attacked.
    fooled : (N,) Tensor of booleans
        Which images the attack got misclassified.
    """

    adversarial: Tensor
    fooled: Tensor

    @property
    def robust(self) -> Tensor:
        """Which images withstood the attack, (N,)."""
        return ~self.fooled


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the summed cross-entropy, so that no image's step depends on the batch size."""
    return functional.cross_entropy(logits, labels, reduction="sum")


def wrong_margin(logits: Tensor, labels: Tensor) -> Tensor:
    """Return by how much the best wrong class leads the true one, (N,)."""
    own = logits.gather(1, labels[:, None]).squeeze(1)
    return logits.scatter(1, labels[:, None], -torch.inf).amax(1) - own


def cw_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the summed lead of the best wrong class; it does not saturate as softmax does."""
    return wrong_margin(logits, labels).sum()


def ball(images: Tensor, epsilon: float, bounds: Bounds) -> tuple[Tensor, Tensor]:
    """Return the lowest and highest admissible pixels, (N, C, H, W) each."""
    lowest, highest = images.detach() - epsilon, images.detach() + epsilon
    if bounds is not None:
        lowest.clamp_(min=bounds[0])
        highest.clamp_(max=bounds[1])
    return lowest, highest


def pgd_perturb(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    steps: int,
    bounds: Bounds,
    generator: torch.Generator,
    step_size: float | None = None,
    loss: Loss = cross_entropy,
) -> Tensor:
    """Return the last iterate of PGD from a uniform start in the ball, for training.

    Every image is attacked for all steps whether or not it is already misclassified; the model
    is attacked in evaluation mode with frozen weights and restored afterwards. Inputs are not
    scanned: use ``pgd`` to measure.

    Parameters
    ----------
    model : nn.Module
        Network that returns logits.
    images : (N, C, H, W) float Tensor
    labels : (N,) int64 Tensor
    epsilon : float >= 0
        Radius of the l_inf ball, in pixel units.
    steps : int >= 1
        Number of gradient steps, at least 1.
    bounds : pair of floats or None
        Range of pixel values, or None.
    generator : torch.Generator
        Source of the start.
    step_size : float >= 0, optional
        Length of a step in pixel units; 2.5 epsilon / steps by default, of a single step 1.25.
    loss : callable
        What to raise.

    Raises
    ------
    ValueError
        If a number is out of its range.

    Source: A. Madry et al., Towards deep learning models resistant to adversarial attacks,
    ICLR 2018.
    """
    size, epsilon = check_steps(epsilon, steps, step_size, bounds), float(epsilon)
    instance("generator", generator, torch.Generator)
    # images of training may leave the bounds by rounding
    check_victim(model, images, labels, None, wait=False)
    if epsilon == 0:
        return images
    lowest, highest = ball(images, epsilon, bounds)
    moved = _start(images, epsilon, lowest, highest, generator)
    with attack_mode(model):
        for _ in range(steps):
            moved.requires_grad_(True)
            (gradient,) = torch.autograd.grad(
                _loss_of(loss, full(_logits_of(model, moved)), labels), moved
            )
            # a gradient may be a view of one number: its sign is a tensor of its own
            moved = moved.detach().add_(gradient.sign(), alpha=size)
            torch.clamp(moved, lowest, highest, out=moved)
    return moved


def pgd(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    steps: int,
    bounds: Bounds,
    generator: torch.Generator,
    step_size: float | None = None,
    restarts: int = 1,
    loss: Loss = cross_entropy,
) -> AttackResult:
    """Attack with projected gradient steps and say which images were misclassified on the way.

    The unperturbed images count as the first try, so adversarial accuracy never exceeds
    natural accuracy; every later iterate counts, not only the last; an image once
    misclassified is not attacked again. On a linear model the exact worst case is found
    (tests/empirical/attacks/test_pgd.py).

    Parameters
    ----------
    model, images, labels, epsilon, steps, bounds, generator, step_size, loss
        As for ``pgd_perturb``; inputs are checked here.
    restarts : int >= 1
        Number of uniform starts, at least 1.

    Raises
    ------
    ValueError
        If the images leave ``bounds``, a number is out of its range, or the model does not
        return logits of enough classes.
    """
    check_victim(model, images, labels, bounds)
    size, epsilon = check_steps(epsilon, steps, step_size, bounds), float(epsilon)
    integer("restarts", restarts, minimum=1, maximum=MOST_STEPS)
    instance("generator", generator, torch.Generator)
    function("loss", loss)
    adversarial = images.clone()
    with attack_mode(model):
        with torch.no_grad():
            logits = answers(model, images, labels)
        fooled = logits.argmax(1) != labels
        for _ in range(restarts if epsilon > 0 else 0):
            left = (~fooled).nonzero().squeeze(1)
            if not len(left):
                break
            found, where = _pursue(
                model,
                images[left],
                labels[left],
                epsilon=epsilon,
                steps=steps,
                size=size,
                bounds=bounds,
                generator=generator,
                loss=loss,
            )
            adversarial[left[where]] = found[where]
            fooled[left[where]] = True
    return AttackResult(adversarial, fooled)


def _pursue(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    steps: int,
    size: float,
    bounds: Bounds,
    generator: torch.Generator,
    loss: Loss,
) -> tuple[Tensor, Tensor]:
    """Attack once; return the images with those found misclassified replaced, and which."""
    adversarial, fooled = images.clone(), torch.zeros_like(labels, dtype=torch.bool)
    left = torch.arange(len(labels), device=labels.device)
    lowest, highest = ball(images, epsilon, bounds)
    moved = _start(images, epsilon, lowest, highest, generator)
    for _ in range(steps):
        moved.requires_grad_(True)
        logits = model(moved)
        (gradient,) = torch.autograd.grad(_loss_of(loss, logits, labels), moved)
        moved, found = moved.detach(), logits.argmax(1) != labels
        if found.any():
            adversarial[left[found]], fooled[left[found]] = moved[found], True
            keep = ~found
            left, labels, moved, gradient = left[keep], labels[keep], moved[keep], gradient[keep]
            lowest, highest = lowest[keep], highest[keep]
            if not len(left):
                return adversarial, fooled
        moved.add_(gradient.sign(), alpha=size)
        torch.clamp(moved, lowest, highest, out=moved)
    with torch.no_grad():
        found = model(moved).argmax(1) != labels
    adversarial[left[found]], fooled[left[found]] = moved[found], True
    return adversarial, fooled


def _start(
    images: Tensor, epsilon: float, lowest: Tensor, highest: Tensor, generator: torch.Generator
) -> Tensor:
    noise = torch.rand(
        images.shape, generator=generator, device=generator.device, dtype=images.dtype
    )
    moved = noise.mul_(2 * epsilon).sub_(epsilon).to(images.device).add_(images.detach())
    return torch.clamp(moved, lowest, highest, out=moved)


def check_steps(epsilon: float, steps: int, step_size: float | None, bounds: Bounds) -> float:
    """Return the length of a step, 2.5 epsilon / steps by default."""
    epsilon = check_budget(epsilon, bounds)
    integer("steps", steps, minimum=1, maximum=MOST_STEPS)
    # one step of 2.5 epsilon would end at a corner of the ball wherever it starts
    if step_size is None:
        return 2.5 * epsilon / max(steps, 2)
    # longer ones end at the same corner of the ball, and may be no float32
    return min(nonnegative("step_size", step_size), 4 * epsilon)


def _logits_of(model: nn.Module, images: Tensor) -> Tensor:
    logits = outputs(model, images)
    if not isinstance(logits, Tensor) or logits.ndim != 2 or len(logits) != len(images):
        raise InputError(
            f"model must return logits of shape ({len(images)}, classes), got {shown(logits)}"
        )
    return logits


def _loss_of(loss: Loss, logits: Tensor, labels: Tensor) -> Tensor:
    value = loss(logits, labels)
    if not isinstance(value, Tensor) or value.ndim or not value.requires_grad:
        raise InputError(f"loss must return one number with a gradient, got {shown(value)}")
    return value
