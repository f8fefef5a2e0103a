"""The attack of the theorem: the shifts from which the bound on every classifier is proved.

Gradients can mislead; these shifts cannot.  An attack that includes them measures no accuracy
above the frontier but for chance, whatever the network does to its gradients (THEORY.md,
sections 4 and 11).
"""

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import AttackResult
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from empirical.transforms.grid import Move
from theory.checks import FloatArray, InputError
from theory.residual.attack import attack_residual
from theory.setting.setting import Setting

__all__ = ["theorem_attack", "theorem_perturbations"]


def theorem_perturbations(setting: Setting) -> Iterator[tuple[int, FloatArray]]:
    """Yield (label, shift): attacks on images of that label that Theorem 1 is proved with.

    For each component k, each g and each component i of another class, the minimiser of
    r_eps(P_g mu_i - mu_k); and half the minimiser of r_{2 eps}(mu_i - mu_k).  Shapes (d,), of
    norm at most the setting's epsilon.
    """
    mixture = setting.mixture
    spread = {"sigma": mixture.sigma, "covariance": mixture.covariance, "norm": setting.norm}
    if mixture.covariance is not None:
        del spread["sigma"]
    for own, mean in enumerate(mixture.means):
        label = int(mixture.labels[own])
        for other in np.flatnonzero(mixture.labels != label):
            for moved in setting.transformed_means[:, other]:
                residual = attack_residual(moved - mean, setting.epsilon, **spread)  # type: ignore[arg-type]
                yield label, residual.perturbation
            between = mixture.means[other] - mean
            residual = attack_residual(between, 2 * setting.epsilon, **spread)  # type: ignore[arg-type]
            yield label, residual.perturbation / 2


def theorem_attack(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    setting: Setting,
    moves: Sequence[Move] = (),
) -> AttackResult:
    """Try every shift of the theorem on every image of its label (THEORY.md, Theorem 1).

    The unperturbed image counts as the first try.  With `moves` the shifts are tried on the
    moved images as well, as in a joint attack.

    Parameters
    ----------
    model : nn.Module
        Network that returns logits.
    images, labels : Tensor
        Images (N, 1, H, W) drawn from the setting, and classes (N,), numbered in the order of
        the setting's labels.
    setting : Setting
        Whose epsilon and norm limit the shifts.
    moves : sequence of Move
        Transformations that the adversary may choose from first.

    Raises
    ------
    ValueError
        If the images have another number of pixels than the setting, or the model does not
        return logits.
    """
    if images[0].numel() != setting.mixture.dimension:
        raise InputError(
            f"images must have {setting.mixture.dimension} pixels, got {images[0].numel()}"
        )
    names = setting.mixture.classes.tolist()
    adversarial = images.clone()
    with attack_mode(model), torch.no_grad():
        fooled = answers(model, images, labels).argmax(1) != labels
        for (label, shift), move in product(theorem_perturbations(setting), (_unmoved, *moves)):
            left = (~fooled & (labels == names.index(label))).nonzero().squeeze(1)
            if not len(left):
                continue
            step = torch.from_numpy(np.array(shift)).to(images).view(1, *images.shape[1:])
            moved = move(images[left]) + step
            found = model(moved).argmax(1) != labels[left]
            adversarial[left[found]] = moved[found]
            fooled[left[found]] = True
    return AttackResult(adversarial, fooled)


def _unmoved(images: Tensor) -> Tensor:
    return images
