"""Rotation, translation and flip of batches of images, interpolated, in degrees and pixels.

Positive degrees turn counter-clockwise, as in ``numpy.rot90`` and PIL; a translation (dx, dy)
moves the content right and down. What comes from outside the image is 0.

Interpolated rotations are NOT a group: turning by 30 and then by 60 degrees is not turning by
90, pixels are blended and corners are lost. The theory's groups, which permute pixels exactly,
are in ``empirical.transforms.permutations``; the nearest-pixel mode of image libraries is in
``empirical.transforms.nearest``.
"""

import torch
from torch import Tensor
from torch.nn import functional

from empirical.checks import check_degrees, check_images, check_tensor
from theory.checks import InputError, instance, shown

# Beyond it single precision no longer knows where a pixel is.
_FARTHEST = 1e9

__all__ = ["flip", "move", "random_rotations", "rotate", "translate", "uniform"]


def rotate(images: Tensor, degrees: Tensor | float) -> Tensor:
    """Turn every image counter-clockwise about its centre by its own angle.

    Parameters
    ----------
    images : (N, C, H, W) float Tensor
    degrees : float or (N,) Tensor
        One angle for all, or one for each.

    Raises
    ------
    ValueError
        If an angle is not finite or the number of angles is not the number of images.
    """
    return move(images, degrees, 0.0)


def translate(images: Tensor, pixels: Tensor | float) -> Tensor:
    """Move every image by its own (dx, dy) pixels; whole numbers of pixels are exact.

    Parameters
    ----------
    images : (N, C, H, W) float Tensor
    pixels : float or (N, 2) Tensor
        Right and down; one number for both coordinates of all images.

    Raises
    ------
    ValueError
        If ``pixels`` is not one finite number or of shape (N, 2).
    """
    return move(images, 0.0, pixels)


def flip(images: Tensor, which: Tensor) -> Tensor:
    """Mirror left and right the images where the boolean tensor ``which`` (N,) is true.

    Parameters
    ----------
    images : (N, C, H, W) float Tensor
    which : (N,) Tensor of booleans

    Raises
    ------
    ValueError
        If the images are not (N, C, H, W) floats, or ``which`` is not of N booleans.
    """
    check_images(images, None, wait=False)
    check_tensor("which", which, wait=images.device.type != "meta")
    if which.shape != (len(images),) or which.dtype != torch.bool:
        raise InputError(
            f"which must be {len(images)} booleans, got {tuple(which.shape)} of {which.dtype}"
        )
    return torch.where(which.view(-1, 1, 1, 1), images.flip(-1), images)


def move(images: Tensor, degrees: Tensor | float, pixels: Tensor | float) -> Tensor:
    """Rotate by ``degrees`` (N,) about the centre, then translate by ``pixels`` (N, 2), at once.

    One interpolation serves both. Device and dtype follow ``images``.

    Raises
    ------
    ValueError
        If the images are not (N, C, H, W) floats, a number is not finite, a translation is by
        more than 1e9 pixels, or a shape does not fit the batch.
    """
    check_images(images, None, wait=False)
    angles = _per_image("degrees", degrees, (len(images),), images.device)
    shifts = _per_image("pixels", pixels, (len(images), 2), images.device)
    if not len(images):
        return images
    height, width = images.shape[-2:]
    radians = torch.deg2rad(angles)
    cosine, sine = torch.cos(radians), torch.sin(radians)
    dx, dy = shifts.unbind(1)
    # grid_sample measures in half widths and half heights, and asks where a pixel comes from
    rows = torch.stack(
        [
            torch.stack([cosine, -sine * height / width, 2 / width * (sine * dy - cosine * dx)], 1),
            torch.stack(
                [sine * width / height, cosine, -2 / height * (sine * dx + cosine * dy)], 1
            ),
        ],
        1,
    )
    grid = functional.affine_grid(rows.to(images.dtype), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", align_corners=False)


def random_rotations(images: Tensor, max_degrees: float, *, generator: torch.Generator) -> Tensor:
    """Turn every image by its own angle, uniform on [-max_degrees, max_degrees].

    Parameters
    ----------
    images : (N, C, H, W) float Tensor
    max_degrees : float in [0, 180]
    generator : torch.Generator
        Source of the angles.

    Raises
    ------
    ValueError
        If ``max_degrees`` is outside [0, 180].
    """
    check_images(images, None, wait=False)
    instance("generator", generator, torch.Generator)
    max_degrees = check_degrees("max_degrees", max_degrees)
    if max_degrees == 0:
        return images
    angles = uniform((len(images),), max_degrees, images.device, generator=generator)
    return rotate(images, angles)


def uniform(
    shape: tuple[int, ...], limit: float, device: torch.device, *, generator: torch.Generator
) -> Tensor:
    """Draw float64 numbers uniform on [-limit, limit] with a generator of any device."""
    drawn = torch.rand(shape, generator=generator, device=generator.device, dtype=torch.float64)
    return drawn.mul_(2 * limit).sub_(limit).to(device)


def _per_image(
    name: str, value: Tensor | float, shape: tuple[int, ...], device: torch.device
) -> Tensor:
    shown_shape = tuple(getattr(value, "shape", ()))
    if shown_shape not in {(), shape}:
        raise InputError(f"{name} must be one number or have shape {shape}, got {shown_shape}")
    if isinstance(value, Tensor):
        check_tensor(name, value, wait=device.type != "meta")
    try:
        given = torch.as_tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InputError(f"{name} must be a number or a tensor, got {shown(value)}") from error
    # elsewhere a look would make the device wait
    if given.device.type == "cpu" and not bool(given.isfinite().all()):
        raise InputError(f"{name} must be finite, got {shown(value)}")
    if given.device.type == "cpu" and given.numel() and float(given.abs().max()) > _FARTHEST:
        raise InputError(f"{name} must be at most {_FARTHEST:g} in size, got {shown(value)}")
    tensor = given.to(device)
    if tensor.ndim and tensor.shape != shape:
        raise InputError(
            f"{name} must be one number or have shape {shape}, got {tuple(tensor.shape)}"
        )
    return tensor.expand(shape)
