"""Lists of transformations that a worst-case spatial attack searches."""

from collections.abc import Callable
from itertools import product

import numpy as np
import torch
from torch import Tensor

from empirical.checks import check_degrees
from empirical.transforms.interpolated import move
from empirical.transforms.permutations import permute_pixels
from theory.checks import InputError
from theory.setting.transformations import Transformations

__all__ = ["Move", "grid", "group"]

Move = Callable[[Tensor], Tensor]
"""Maps a batch (N, C, H, W) to the transformed batch."""


def grid(
    max_degrees: float, max_pixels: float = 0.0, *, angles: int = 31, shifts: int = 5
) -> list[Move]:
    """Return the rotations and translations of a grid, the identity first.

    Parameters
    ----------
    max_degrees
        Largest angle, in [0, 180]; ``angles`` values equally spaced on +-max_degrees.
    max_pixels
        Largest translation in x and in y; ``shifts`` values each on +-max_pixels.
    angles, shifts
        Odd numbers, so that the identity is on the grid; 31 x 5 x 5 is the grid of the source.

    Raises
    ------
    ValueError
        If a range is negative or a number is not odd.

    Source: L. Engstrom et al., Exploring the landscape of spatial robustness, ICML 2019.
    """
    check_degrees("max_degrees", max_degrees)
    if not 0 <= max_pixels < float("inf"):
        raise InputError(f"max_pixels must be finite and >= 0, got {max_pixels}")
    for name, count in (("angles", angles), ("shifts", shifts)):
        if count < 1 or count % 2 == 0:
            raise InputError(f"{name} must be odd and >= 1, got {count}")
    turns = _spread(max_degrees, angles)
    lines = _spread(max_pixels, shifts)
    places = sorted(product(turns, lines, lines), key=lambda place: place != (0.0, 0.0, 0.0))
    return [_moving(*place) for place in places]


def group(transformations: Transformations) -> list[Move]:
    """Return the exact permutations of pixels of a theoretical setting."""
    return [
        _permuting(torch.tensor(np.asarray(row), dtype=torch.int64))
        for row in transformations.permutations
    ]


def _spread(limit: float, count: int) -> list[float]:
    half = count // 2
    return [limit * step / half for step in range(-half, half + 1)] if limit and half else [0.0]


def _moving(degrees: float, right: float, down: float) -> Move:
    def moving(images: Tensor) -> Tensor:
        if not (degrees or right or down):
            return images
        shift = torch.tensor([[right, down]], dtype=torch.float64, device=images.device)
        return move(images, degrees, shift.expand(len(images), 2))

    return moving


def _permuting(row: Tensor) -> Move:
    return lambda images: permute_pixels(images, row.to(images.device))
