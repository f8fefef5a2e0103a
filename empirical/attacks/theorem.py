"""The attack of the theorem: the shifts from which the bound on every classifier is proved.

Gradients can mislead; these shifts cannot.  An attack that includes them measures no accuracy
above the frontier but for chance, whatever the network does to its gradients (THEORY.md,
sections 4 and 11).
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import AttackResult
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from empirical.transforms.grid import Move
from theory.checks import InputError
from theory.setting.perturbations import theorem_perturbations
from theory.setting.setting import Setting

__all__ = ["theorem_attack"]


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
