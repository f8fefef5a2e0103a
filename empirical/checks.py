"""Checks of batches of images, of the units an attack is stated in, and of devices."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from theory.checks import InputError, instance, integer, nonnegative, real, shown

__all__ = [
    "Bounds",
    "check_bounds",
    "check_budget",
    "check_degrees",
    "check_device",
    "check_images",
    "check_labels",
    "check_moved",
    "check_odd",
    "check_tensor",
    "check_victim",
    "device_name",
    "pixel_values",
    "resolve_device",
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
        if isinstance(bounds, (str, bytes)) or len(bounds) != 2:
            raise TypeError
        low, high = (float(value) for value in bounds)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise InputError(f"bounds must be two numbers or None, got {shown(bounds)}") from error
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f"bounds must be finite, the lower one first, got {shown(bounds)}")
    return low, high


def check_tensor(name: str, value: object, *, wait: bool = True) -> Tensor:
    """Return a dense tensor, with `wait` one that holds values; refuse anything else."""
    tensor = instance(name, value, Tensor)
    if tensor.layout is not torch.strided or (wait and tensor.device.type == "meta"):
        kind = tensor.device if tensor.device.type == "meta" else tensor.layout
        raise InputError(f"{name} must be a dense tensor that holds values, got one of {kind}")
    return tensor


def check_victim(
    model: nn.Module, images: Tensor, labels: Tensor, bounds: Bounds, *, wait: bool = True
) -> None:
    """Check what every attack is given: a model, images, their labels and the range of pixels.

    Raises
    ------
    ValueError
        If the model is no torch module, or as `check_images` and `check_labels`.
    """
    instance("model", model, nn.Module)
    check_device(images, labels)
    check_images(images, bounds, wait=wait)
    check_labels(labels, len(images), wait=wait)


def check_device(images: Tensor, labels: Tensor) -> None:
    """Refuse images and labels that are no tensors of one device."""
    here, there = instance("images", images, Tensor).device, instance("labels", labels, Tensor)
    if there.device != here:
        raise InputError(f"labels must be on the device of images, {here}, got {there.device}")


def check_moved(move: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Return the images that a transformation makes; refuse another shape or type."""
    moved = move(images)
    if (
        not isinstance(moved, Tensor)
        or moved.shape != images.shape
        or moved.dtype != images.dtype
        or moved.device != images.device
    ):
        raise InputError(
            f"moves must return images of shape {tuple(images.shape)} and {images.dtype}, "
            f"got {shown(moved)}"
        )
    return moved


def check_odd(name: str, value: int, *, maximum: int) -> int:
    """Return an odd integer in 1..maximum."""
    count = integer(name, value, minimum=1, maximum=maximum)
    if count % 2 == 0:
        raise InputError(f"{name} must be odd and >= 1, got {count}")
    return count


def check_images(
    images: Tensor, bounds: Bounds, *, name: str = "images", wait: bool = True
) -> Tensor:
    """Return a batch (N, C, H, W) of floats after checking its shape and its range.

    Without `wait` the values are looked at on the CPU only: elsewhere the device would wait.

    Raises
    ------
    ValueError
        If the batch is not a float tensor of four dimensions, is not finite, or leaves ``bounds``.
    """
    bounds = check_bounds(bounds)
    if check_tensor(name, images, wait=wait).ndim != 4:
        raise InputError(f"{name} must have shape (N, C, H, W), got {tuple(images.shape)}")
    if not images.dtype.is_floating_point:
        raise InputError(f"{name} must be floating point, got {images.dtype}; divide uint8 by 255")
    if 0 in images.shape[1:]:
        raise InputError(f"{name} must have pixels, got shape {tuple(images.shape)}")
    if images.numel() == 0 or not (wait or images.device.type == "cpu"):
        return images
    low, high = (float(value) for value in torch.aminmax(images.detach()))
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"{name} must be finite, got values from {low} to {high}")
    if bounds is not None and (low < bounds[0] or high > bounds[1]):
        value = f"max {high:.4g}" if high > bounds[1] else f"min {low:.4g}"
        raise InputError(
            f"{name} must lie in [{bounds[0]:g}, {bounds[1]:g}], got {value}; "
            "divide 0 to 255 by 255, standardise inside the network"
        )
    return images


def check_labels(labels: Tensor, count: int, *, wait: bool = True) -> Tensor:
    """Return labels (N,) of dtype int64, one per image and none negative.

    Raises
    ------
    ValueError
        If the shape, the dtype or the sign is wrong.
    """
    if check_tensor("labels", labels, wait=wait).shape != (count,):
        raise InputError(f"labels must have shape ({count},), got {tuple(labels.shape)}")
    if labels.dtype != torch.int64:
        raise InputError(f"labels must be int64, got {labels.dtype}")
    if count and (wait or labels.device.type == "cpu") and int(labels.min()) < 0:
        raise InputError(f"labels must be >= 0, got {int(labels.min())}")
    return labels


def check_budget(epsilon: float, bounds: Bounds) -> float:
    """Return the radius of an l_inf ball in pixel units, refusing one meant for 0..255.

    Raises
    ------
    ValueError
        If ``epsilon`` is negative, not finite, or as wide as the whole range of pixel values.
    """
    bounds, epsilon = check_bounds(bounds), nonnegative("epsilon", epsilon)
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
    angle = real(name, degrees)
    if not 0 <= angle <= 180:
        raise InputError(f"{name} must be in [0, 180] degrees, got {angle:g}")
    return angle


def pixel_values(images: Tensor) -> Tensor:
    """Return float32 images; stored bytes 0..255 become values in [0, 1]."""
    if images.dtype == torch.uint8:
        return images.to(torch.float32).div_(255)
    return images.to(torch.float32)


def resolve_device(device: str) -> str:
    """Return cpu or cuda for auto, cpu or cuda.

    Raises
    ------
    ValueError
        If CUDA is asked for where there is none.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device must be cpu, got cuda; no CUDA device was found")
    return device


def device_name(device: str) -> str:
    """Return what a record calls a device: cpu, or cuda with the name of the card."""
    return f"cuda ({torch.cuda.get_device_name()})" if device == "cuda" else device
