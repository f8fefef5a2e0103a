"""Crop, flip, rotation and translation to the nearest pixel as one integer gather.

PIL computes the source of each pixel in 16.16 fixed point; so does this module, on whole
batches, hence the results are equal bit by bit (tests/empirical/transforms/test_nearest.py compares
with PIL). Composing the source indices first and reading the pixels once replaces three passes.
"""

import math

import torch
from torch import Tensor

from theory.checks import InputError

__all__ = ["affine_nearest", "crop_flip_rotate"]

_ONE = 1 << 16


def affine_nearest(images: Tensor, degrees: Tensor, pixels: Tensor) -> Tensor:
    """Rotate by ``degrees`` (N,), then translate by ``pixels`` (N, 2), as PIL does with NEAREST.

    Equal to ``Image.rotate(degrees, translate=(dx, dy))`` bit by bit; any dtype.
    """
    still = torch.zeros(len(images), 2, dtype=torch.int32, device=images.device)
    return _gather(images, *_sources(degrees, pixels, *images.shape[-2:]), still, still[:, 0] > 0)


def crop_flip_rotate(
    images: Tensor, offsets: Tensor, flipped: Tensor, degrees: Tensor, *, padding: int
) -> Tensor:
    """Crop from an image padded with zeros, mirror, and rotate, in this order and in one gather.

    Parameters
    ----------
    images
        Tensor (N, C, H, W) of any dtype.
    offsets
        Integer tensor (N, 2): row and column, in 0..2 padding, of the crop in the padded image.
    flipped
        Boolean tensor (N,): which images are mirrored left and right.
    degrees
        Tensor (N,) of angles, counter-clockwise.
    padding
        Number of zero pixels added on every side before cropping.

    Raises
    ------
    ValueError
        If an offset is outside 0..2 padding.
    """
    if padding < 0:
        raise InputError(f"padding must be >= 0, got {padding}")
    if int(offsets.min()) < 0 or int(offsets.max()) > 2 * padding:
        raise InputError(
            f"offsets must be in 0..{2 * padding}, twice the padding, "
            f"got {int(offsets.min())}..{int(offsets.max())}"
        )
    rows, columns = _sources(degrees, torch.zeros_like(offsets), *images.shape[-2:])
    return _gather(images, rows, columns, (offsets - padding).to(torch.int32), flipped)


def _gather(
    images: Tensor, rows: Tensor, columns: Tensor, shifts: Tensor, flipped: Tensor
) -> Tensor:
    """Read each pixel at (row, column), mirrored where ``flipped``, then shifted (down, right).

    0 where the source is outside the image before or after the shift: both conditions together
    are one interval per image and axis. Every pass over all pixels counts, hence the form.
    """
    height, width = images.shape[-2:]
    down, right = shifts.unbind(1)
    # a mirrored column c reads width - 1 - c + right
    sign = torch.where(flipped, -1, 1).to(torch.int32)
    start = torch.where(flipped, width - 1 + right, right)
    aside = sign * right
    valid = _within(rows, (-down).clamp_min(0), (height - 1 - down).clamp_max(height - 1))
    valid &= _within(columns, (-aside).clamp_min(0), (width - 1 - aside).clamp_max(width - 1))
    index = torch.addcmul(_wide(start + down * width), columns, _wide(sign))
    index = index.add_(rows, alpha=width).clamp_(0, height * width - 1)
    flat = images.flatten(2)
    places = index.flatten(1).to(torch.int64)[:, None].expand(-1, flat.shape[1], -1)
    return torch.gather(flat, 2, places).view(images.shape).mul_(valid[:, None])


def _sources(degrees: Tensor, pixels: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return rows and columns (N, H, W) that a rotation reads, in PIL's fixed-point arithmetic."""
    radians = torch.remainder(degrees.to(torch.float64), 360.0) * (-math.pi / 180)
    cosine = torch.round(torch.cos(radians), decimals=15)
    sine = torch.round(torch.sin(radians), decimals=15)
    x0, y0 = width / 2, height / 2
    x, y = -x0 - pixels[:, 0], -y0 - pixels[:, 1]
    constant_x = cosine * x + sine * y + x0
    constant_y = -sine * x + cosine * y + y0
    down = torch.arange(height, device=degrees.device, dtype=torch.int32).view(1, -1, 1)
    right = torch.arange(width, device=degrees.device, dtype=torch.int32).view(1, 1, -1)

    def along(first: Tensor, a: Tensor, b: Tensor) -> Tensor:
        line = _fixed(first + a * 0.5 + b * 0.5) + _fixed(a) * right
        return (line + _fixed(b) * down).bitwise_right_shift_(16)

    return along(constant_y, -sine, cosine), along(constant_x, cosine, sine)


def _fixed(value: Tensor) -> Tensor:
    return _wide(torch.floor(value * _ONE + 0.5).to(torch.int32))


def _wide(value: Tensor) -> Tensor:
    return value.view(-1, 1, 1)


def _within(places: Tensor, lowest: Tensor, highest: Tensor) -> Tensor:
    return torch.clamp(places, _wide(lowest), _wide(highest)) == places
