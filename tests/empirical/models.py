"""Small models whose worst case is known in closed form."""

import torch
from torch import Tensor, nn


class Affine(nn.Module):
    """Logits W x + b of flattened images."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(bias)

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T + self.bias


def affine(pixels: int, classes: int, seed: int, *, dtype: torch.dtype = torch.float64) -> Affine:
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(classes, pixels, generator=generator, dtype=dtype)
    return Affine(weight, torch.zeros(classes, dtype=dtype))


class Corner(nn.Module):
    """Class 1 if the brightest pixel is above a half, where a mark is on top or a corner empty.

    Elsewhere it says the other class: it knows upright images, and turned ones by their corners.
    """

    def forward(self, images: Tensor) -> Tensor:
        brightest = images.amax((1, 2, 3))
        known = (images[:, 0, 0, 2] < 0.1) | (images[:, 0, 0, 0] < 0.9 * brightest)
        score = torch.where(known, brightest - 0.5, 0.5 - brightest)
        return torch.stack([-score, score], 1)


def worst_margins(
    model: Affine,
    images: Tensor,
    labels: Tensor,
    epsilon: float,
    bounds: tuple[float, float] | None,
) -> Tensor:
    """Least lead (N, classes) of the own class over each other class in the ball (0 for itself)."""
    flat = images.flatten(1)
    lowest, highest = flat - epsilon, flat + epsilon
    if bounds is not None:
        lowest, highest = lowest.clamp(min=bounds[0]), highest.clamp(max=bounds[1])
    lead = model.weight.detach()[labels][:, None] - model.weight.detach()
    worst = torch.where(lead > 0, lowest[:, None], highest[:, None])
    offset = model.bias.detach()[labels][:, None] - model.bias.detach()
    return (lead * worst).sum(-1) + offset
