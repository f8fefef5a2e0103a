"""Checks of batches of images and of the units an attack is stated in."""

import math

import torch
from torch import Tensor

from theory.checks import InputError

__all__ = [
    "Bounds",
    "check_bounds",
    "check_budget",
    "check_degrees",
    "check_images",
    "check_labels",
    "pixel_values",
]

Bounds = tuple[float, float] | None
"""Lowest and highest pixel value, or None for images that are not bounded (Gaussian ones)."""


def check_bounds(bounds: Bounds) -> Bounds:
    """Return the range of pixel values.

    Raises
    ------
    ValueError
        If it is not None or two finite numbers, the lower one first.
    """
    if bounds is None:
        return None
    try:
        low, high = (float(value) for value in bounds)
    except (TypeError, ValueError) as error:
        raise InputError(f"bounds must be two numbers or None, got {bounds!r}") from error
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"bounds must be finite, the lower one first, got {bounds!r}")
    return bounds


def check_images(images: Tensor, bounds: Bounds, *, name: str = "images") -> Tensor:
    """Return a batch (N, C, H, W) of floats after checking its shape and its range.

    Raises
    ------
    ValueError
        If the batch is not a float tensor of four dimensions, is not finite, or leaves ``bounds``.
    """
    check_bounds(bounds)
    if images.ndim != 4:
        raise InputError(f"{name} must have shape (N, C, H, W), got {tuple(images.shape)}")
    if not images.dtype.is_floating_point:
        raise InputError(f"{name} must be floating point, got {images.dtype}; divide uint8 by 255")
    if images.numel() == 0:
        return images
    low, high = (float(value) for value in torch.aminmax(images.detach()))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"{name} must be finite, got values from {low} to {high}")
    if bounds is not None and (low < bounds[0] or high > bounds[1]):
        value = f"max {high:.4g}" if high > bounds[1] else f"min {low:.4g}"
        raise InputError(
            f"{name} must lie in [{bounds[0]:g}, {bounds[1]:g}], got {value}; "
            "standardise inside the network"
        )
    return images


def check_labels(labels: Tensor, count: int) -> Tensor:
    """Return labels (N,) of dtype int64, one per image and none negative.

    Raises
    ------
    ValueError
        If the shape, the dtype or the sign is wrong.
    """
    if labels.shape != (count,):
        raise InputError(f"labels must have shape ({count},), got {tuple(labels.shape)}")
    if labels.dtype != torch.int64:
        raise InputError(f"labels must be int64, got {labels.dtype}")
    if count and int(labels.min()) < 0:
        raise InputError(f"labels must be >= 0, got {int(labels.min())}")
    return labels


def check_budget(epsilon: float, bounds: Bounds) -> float:
    """Return the radius of an l_inf ball in pixel units, refusing one meant for 0..255.

    Raises
    ------
    ValueError
        If ``epsilon`` is negative, not finite, or as wide as the whole range of pixel values.
    """
    check_bounds(bounds)
    if not math.isfinite(epsilon) or epsilon < 0:
        raise InputError(f"epsilon must be finite and >= 0, got {epsilon}")
    if bounds is not None and epsilon > 0 and epsilon >= bounds[1] - bounds[0]:
        raise InputError(
            f"epsilon must be below {bounds[1] - bounds[0]:g}, the range of pixel values, "
            f"got {epsilon:g}; it is in pixel units: write {epsilon:g}/255"
        )
    return epsilon


def check_degrees(name: str, degrees: float) -> float:
    """Return a range of angles in [0, 180] degrees.

    Raises
    ------
    ValueError
        If the range is outside [0, 180].
    """
    if not 0 <= degrees <= 180:
        raise InputError(f"{name} must be in [0, 180] degrees, got {degrees}")
    return degrees


def pixel_values(images: Tensor) -> Tensor:
    """Return float32 images; stored bytes 0..255 become values in [0, 1]."""
    if images.dtype == torch.uint8:
        return images.to(torch.float32).div_(255)
    return images.to(torch.float32)
