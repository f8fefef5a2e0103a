"""Worst of k transformations, and the joint attack: a transformation, then an l_inf step."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from empirical.attacks.pgd import AttackResult, Loss, check_steps, cross_entropy, pgd, wrong_margin
from empirical.checks import Bounds, check_moved, check_victim
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from empirical.transforms.grid import Move
from theory.checks import function, instance, integer, items

__all__ = ["joint_attack", "worst_transformation"]


def worst_transformation(
    model: nn.Module, images: Tensor, labels: Tensor, moves: Sequence[Move], *, bounds: Bounds
) -> AttackResult:
    """Try every transformation on every image until it is misclassified.

    The unmoved image counts as the first try: worst case <= random case <= clean, image by
    image where the random transformation is one of ``moves``.

    Parameters
    ----------
    model, images, labels, bounds
        As for ``pgd``.
    moves : sequence of callables
        Transformations, at least one.

    Returns
    -------
    AttackResult
        ``adversarial`` holds the moved image where one was misclassified.

    Raises
    ------
    ValueError
        If there is no transformation, or images, labels or logits are unfit.
    """
    check_victim(model, images, labels, bounds)
    moves = [function("moves", move) for move in items("moves", moves, "transformations")]
    adversarial = images.clone()
    with attack_mode(model), torch.no_grad():
        fooled = answers(model, images, labels).argmax(1) != labels
        for move in moves:
            left = (~fooled).nonzero().squeeze(1)
            if not len(left):
                break
            moved = check_moved(move, images[left])
            found = model(moved).argmax(1) != labels[left]
            adversarial[left[found]] = moved[found]
            fooled[left[found]] = True
    return AttackResult(adversarial, fooled)


def joint_attack(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    moves: Sequence[Move],
    *,
    epsilon: float,
    steps: int,
    bounds: Bounds,
    generator: torch.Generator,
    tries: int = 3,
    step_size: float | None = None,
    loss: Loss = cross_entropy,
) -> AttackResult:
    """Attack with a transformation followed by an l_inf perturbation of the moved image.

    Three stages, each on the survivors: all ``moves`` without perturbation; ``pgd`` of the
    unmoved images; ``pgd`` after each of the ``tries`` moves that left the true class the least
    lead. Hence joint <= worst-case spatial, and joint <= PGD with the same generator state.

    Parameters
    ----------
    model, images, labels, epsilon, steps, bounds, generator, step_size, loss
        As for ``pgd``.
    moves : sequence of callables
        Transformations, at least one.
    tries : int >= 1
        Number of moves per image that are followed by ``pgd``, at least 1.

    Raises
    ------
    ValueError
        If a number is out of its range, or images, labels or logits are unfit.
    """
    integer("tries", tries, minimum=1)
    moves = items("moves", moves, "transformations")
    # what pursues the survivors would check it too late, or never
    check_steps(epsilon, steps, step_size, bounds)
    epsilon = float(epsilon)
    instance("generator", generator, torch.Generator)
    function("loss", loss)
    found = worst_transformation(model, images, labels, moves, bounds=bounds)
    adversarial, fooled = found.adversarial, found.fooled.clone()

    def pursue(left: Tensor, starts: Tensor) -> None:
        result = pgd(
            model,
            starts,
            labels[left],
            epsilon=epsilon,
            steps=steps,
            step_size=step_size,
            bounds=bounds,
            generator=generator,
            loss=loss,
        )
        adversarial[left[result.fooled]] = result.adversarial[result.fooled]
        fooled[left[result.fooled]] = True

    left = (~fooled).nonzero().squeeze(1)
    if len(left):
        pursue(left, images[left])
    left = (~fooled).nonzero().squeeze(1)
    if not len(left):
        return AttackResult(adversarial, fooled)
    worst = _worst_moves(model, images[left], labels[left], moves, min(tries, len(moves)))
    for choice in worst:
        open_ = ~fooled[left]
        if not open_.any():
            break
        pursue(left[open_], _moved(images[left[open_]], moves, choice[open_], bounds))
    return AttackResult(adversarial, fooled)


def _worst_moves(
    model: nn.Module, images: Tensor, labels: Tensor, moves: Sequence[Move], count: int
) -> Tensor:
    """Return the numbers of the ``count`` most damaging moves of each image, (count, N)."""
    with attack_mode(model), torch.no_grad():
        rivals = [wrong_margin(model(move(images)), labels) for move in moves]
    return torch.stack(rivals).topk(count, dim=0).indices


def _moved(images: Tensor, moves: Sequence[Move], choice: Tensor, bounds: Bounds) -> Tensor:
    moved = images.clone()
    for number in sorted(set(choice.tolist())):
        where = choice == number
        moved[where] = moves[number](images[where])
    return moved if bounds is None else moved.clamp_(*bounds)
