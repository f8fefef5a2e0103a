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
