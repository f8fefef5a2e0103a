"""The theory's transformations on images: exact permutations of pixels, which form groups."""

import torch
from torch import Tensor

from theory.checks import InputError

__all__ = ["permute_pixels", "quarter_turns", "random_permutations"]


def quarter_turns(images: Tensor, turns: Tensor) -> Tensor:
    """Turn each square image counter-clockwise by its own number (N,) of quarter turns, exactly.

    Image n becomes ``numpy.rot90(image, turns[n])``.

    Raises
    ------
    ValueError
        If the images are not square.
    """
    if images.shape[-1] != images.shape[-2]:
        raise InputError(f"images must be square, got {tuple(images.shape[-2:])}")
    turned = torch.stack([torch.rot90(images, k, (-2, -1)) for k in range(4)])
    return turned[turns % 4, torch.arange(len(images), device=images.device)]


def permute_pixels(images: Tensor, permutations: Tensor) -> Tensor:
    """Apply P_g to each image, (P_g x)[j] = x[permutation[j]] (THEORY.md, section 1).

    Parameters
    ----------
    images
        Tensor (N, C, H, W); its H W pixels are numbered row by row.
    permutations
        Integer tensor (H W,), the same for all images, or (N, H W); or of all C H W values.

    Raises
    ------
    ValueError
        If the permutations are not of H W pixels or C H W values.
    """
    whole = permutations.shape[-1] == images[0].numel()
    flat = images.flatten(1)[:, None] if whole else images.flatten(2)
    if permutations.shape not in {flat.shape[2:], (len(images), flat.shape[2])}:
        raise InputError(
            f"permutations must have shape ({flat.shape[2]},) or {(len(images), flat.shape[2])}, "
            f"got {tuple(permutations.shape)}"
        )
    if permutations.ndim == 1:
        return flat[:, :, permutations].view(images.shape)
    return torch.gather(flat, 2, permutations[:, None].expand_as(flat)).view(images.shape)


def random_permutations(
    images: Tensor, permutations: Tensor, probabilities: Tensor, *, generator: torch.Generator
) -> Tensor:
    """Apply to each image its own permutation (G, H W), drawn with ``probabilities`` (G,)."""
    weights = probabilities.to(device=generator.device, dtype=torch.float64)
    drawn = torch.multinomial(weights, len(images), replacement=True, generator=generator)
    return permute_pixels(images, permutations[drawn.to(permutations.device)])
