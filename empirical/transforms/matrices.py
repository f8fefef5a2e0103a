"""Rotations of images as matrices: the interpolation is linear in the pixels."""

from collections.abc import Sequence

import numpy as np
import torch

from empirical.transforms.interpolated import rotate
from theory.checks import InputError
from theory.setting.transformation_models import RotatedMeans

__all__ = ["rotated_means"]


def rotated_means(shape: tuple[int, int, int], degrees: Sequence[float]) -> RotatedMeans:
    """Rotations of images (C, H, W) before noise is added, by any angles, equally likely.

    Raises
    ------
    ValueError
        If no angle is given, or one is not finite.
    """
    if not len(degrees):
        raise InputError("degrees must name at least one angle, got none")
    channels, height, width = shape
    pixels = height * width
    basis = torch.eye(pixels, dtype=torch.float64).reshape(pixels, 1, height, width)
    one = [rotate(basis, angle).reshape(pixels, pixels).T.numpy() for angle in degrees]
    return RotatedMeans([np.kron(np.eye(channels), matrix) for matrix in one])
