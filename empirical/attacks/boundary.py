"""Distance to the decision boundary: the least perturbation found by halving the radius."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from empirical.attacks.pgd import cw_loss
from empirical.checks import Bounds, check_victim
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from theory.checks import MOST_STEPS, InputError, integer, one_of, positive

__all__ = ["BoundaryDistance", "boundary_distance"]

NORMS = {"linf": float("inf"), "l2": 2.0}


@dataclass(frozen=True, eq=False)
class BoundaryDistance:
    """Distances found.

    Parameters
    ----------
    distance : (N,) Tensor
        Norm of the least misclassified perturbation found, an upper limit of the
        true distance; 0 where the image is misclassified itself, infinity where none was found.
    adversarial : (N, C, H, W) Tensor
        Images at that distance; the images themselves where none was found.
    """

    distance: Tensor
    adversarial: Tensor


def boundary_distance(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    norm: str = "linf",
    limit: float,
    steps: int = 20,
    halvings: int = 10,
    bounds: Bounds,
) -> BoundaryDistance:
    """Find the least perturbation that misclassifies each image, up to a norm of ``limit``.

    Each round attacks every image at the middle of its own interval of radii by projected
    gradient steps on the margin, starting from the last found adversarial image shrunk into
    the ball (from the image at first), and halves the interval; a success sets its upper end to
    the norm actually needed. On a linear model the distance |lead| / ||w||_q is found to
    limit / 2^halvings (tests/empirical/attacks/test_boundary.py).

    Parameters
    ----------
    model, images, labels, bounds
        As for ``pgd``.
    norm : {"linf", "l2"}
        ``linf`` or ``l2``, in pixel units.
    limit : float > 0
        Largest norm searched.
    steps : int >= 1
        Gradient steps per round.
    halvings : int >= 1
        Number of rounds; the first is at ``limit`` itself.

    Raises
    ------
    ValueError
        If the norm is unknown, a number is out of its range, or images, labels or logits are
        unfit.
    """
    one_of("norm", norm, tuple(NORMS))
    limit = positive("limit", limit)
    if limit > 1e30:
        raise InputError(f"limit must be <= 1e30, got {limit:g}")
    steps = integer("steps", steps, minimum=1, maximum=MOST_STEPS)
    halvings = integer("halvings", halvings, minimum=1, maximum=MOST_STEPS)
    check_victim(model, images, labels, bounds)
    images = images.detach()
    best = images.clone()
    with attack_mode(model):
        with torch.no_grad():
            wrong = answers(model, images, labels).argmax(1) != labels
        low = torch.zeros(len(images), dtype=images.dtype, device=images.device)
        high = torch.full_like(low, torch.inf).masked_fill_(wrong, 0.0)
        for round_ in range(halvings + 1):
            open_ = (~wrong & (high.isfinite() | (round_ == 0))).nonzero().squeeze(1)
            if not len(open_):
                break
            radius = (low + high)[open_] / 2 if round_ else torch.full_like(low[open_], limit)
            found, where = _attack(
                model,
                images[open_],
                labels[open_],
                best[open_],
                radius,
                norm=norm,
                steps=steps,
                bounds=bounds,
            )
            hit, missed = open_[where], open_[~where]
            best[hit] = found[where]
            high[hit] = _norms(best[hit] - images[hit], norm)
            low[missed] = radius[~where]
    return BoundaryDistance(high, best)


def _attack(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    start: Tensor,
    radius: Tensor,
    *,
    norm: str,
    steps: int,
    bounds: Bounds,
) -> tuple[Tensor, Tensor]:
    """Return for each image its first misclassified iterate in the ball, and which have one."""
    wide = radius.view(-1, 1, 1, 1)
    size = wide * 2.5 / steps
    moved = _project(start, images, wide, norm, bounds)
    found, hit = images.clone(), torch.zeros_like(labels, dtype=torch.bool)
    for step in range(steps + 1):
        moved.requires_grad_(step < steps)
        logits = model(moved)
        new = (logits.argmax(1) != labels) & ~hit
        found[new], hit = moved.detach()[new], hit | new
        if step == steps or bool(hit.all()):
            break
        (gradient,) = torch.autograd.grad(cw_loss(logits, labels), moved)
        direction = gradient.sign() if norm == "linf" else gradient / _wide_norms(gradient, norm)
        moved = _project(moved.detach() + size * direction, images, wide, norm, bounds)
    return found, hit


def _project(moved: Tensor, images: Tensor, radius: Tensor, norm: str, bounds: Bounds) -> Tensor:
    change = moved - images
    if norm == "linf":
        change = torch.clamp(change, -radius, radius)
    else:
        change = change * (radius / _wide_norms(change, norm)).clamp(max=1.0)
    moved = images + change
    return moved if bounds is None else moved.clamp_(*bounds)


def _norms(change: Tensor, norm: str) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(change.flatten(1), NORMS[norm], dim=1)
    return norms


def _wide_norms(change: Tensor, norm: str) -> Tensor:
    return _norms(change, norm).clamp_min(1e-30).view(-1, 1, 1, 1)
