"""Lists of transformations that a worst-case spatial attack searches."""

from collections.abc import Callable
from itertools import product

import numpy as np
import torch
from torch import Tensor

from empirical.checks import check_degrees, check_odd
from empirical.transforms.interpolated import move
from empirical.transforms.permutations import permute_pixels
from theory.checks import instance, nonnegative
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
    max_degrees : float
        Largest angle, in [0, 180]; ``angles`` values equally spaced on +-max_degrees.
    max_pixels : float
        Largest translation in x and in y; ``shifts`` values each on +-max_pixels.
    angles, shifts : int
        Odd numbers, at most 10,000 and 100, so that the identity is on the grid; 31 x 5 x 5 is the
        grid of the source.

    Raises
    ------
    ValueError
        If a range is negative or a number is not odd or too large.

    Source: L. Engstrom et al., Exploring the landscape of spatial robustness, ICML 2019.
    """
    turns = _spread(
        check_degrees("max_degrees", max_degrees), check_odd("angles", angles, maximum=10**4)
    )
    lines = _spread(nonnegative("max_pixels", max_pixels), check_odd("shifts", shifts, maximum=100))
    places = sorted(product(turns, lines, lines), key=lambda place: place != (0.0, 0.0, 0.0))
    return [_moving(*place) for place in places]


def group(transformations: Transformations) -> list[Move]:
    """Return the exact permutations of pixels of a theoretical setting."""
    instance("transformations", transformations, Transformations)
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
