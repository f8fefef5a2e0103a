"""Crop, flip, rotation and translation to the nearest pixel as one integer gather.

PIL computes the source of each pixel in 16.16 fixed point; so does this module, on whole
batches, hence the results are equal bit by bit (tests/empirical/test_nearest.py compares with
PIL). Composing the source indices first and reading the pixels once replaces three passes.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Sources", "affine_nearest", "crop_flip_rotate", "gather"]

_ONE = 1 << 16


@dataclass(frozen=True)
class Sources:
    """Where each pixel of each image is read from: integer tensors (N, H, W), any value.

    A pixel whose source lies outside the image is 0.
    """

    rows: Tensor
    columns: Tensor

    def inside(self, height: int, width: int) -> Tensor:
        """Return which sources lie in an image of this size, (N, H, W)."""
        return (
            (self.rows >= 0) & (self.rows < height) & (self.columns >= 0) & (self.columns < width)
        )


def affine_nearest(images: Tensor, degrees: Tensor, pixels: Tensor) -> Tensor:
    """Rotate by ``degrees`` (N,), then translate by ``pixels`` (N, 2), as PIL does with NEAREST.

    Equal to ``Image.rotate(degrees, translate=(dx, dy))`` bit by bit; any dtype.
    """
    return gather(images, _rotation(degrees, pixels, *images.shape[-2:]), None)


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
        raise ValueError(f"padding must be >= 0, got {padding}")
    if int(offsets.min()) < 0 or int(offsets.max()) > 2 * padding:
        raise ValueError(
            f"offsets must be in 0..{2 * padding}, twice the padding, "
            f"got {int(offsets.min())}..{int(offsets.max())}"
        )
    height, width = images.shape[-2:]
    turned = _rotation(degrees, torch.zeros_like(degrees)[:, None].expand(-1, 2), height, width)
    mirrored = torch.where(flipped.view(-1, 1, 1), width - 1 - turned.columns, turned.columns)
    down, right = (offsets - padding).view(-1, 2, 1, 1).unbind(1)
    return gather(
        images, Sources(turned.rows + down, mirrored + right), turned.inside(height, width)
    )


def gather(images: Tensor, sources: Sources, also: Tensor | None) -> Tensor:
    """Read every pixel at its source; 0 outside the image and where ``also`` (N, H, W) is false."""
    height, width = images.shape[-2:]
    valid = sources.inside(height, width)
    if also is not None:
        valid = valid & also
    index = (sources.rows * width + sources.columns).masked_fill_(~valid, 0).flatten(1)[:, None]
    flat = images.flatten(2)
    values = torch.gather(flat, 2, index.expand(-1, flat.shape[1], -1)).view(images.shape)
    return values.mul_(valid[:, None])


def _rotation(degrees: Tensor, pixels: Tensor, height: int, width: int) -> Sources:
    """Return the sources of a rotation about the centre, in PIL's fixed-point arithmetic."""
    radians = torch.remainder(degrees.to(torch.float64), 360.0) * (-math.pi / 180)
    cosine = torch.round(torch.cos(radians), decimals=15)
    sine = torch.round(torch.sin(radians), decimals=15)
    x0, y0 = width / 2, height / 2
    x, y = -x0 - pixels[:, 0], -y0 - pixels[:, 1]
    constant_x = cosine * x + sine * y + x0
    constant_y = -sine * x + cosine * y + y0
    down = torch.arange(height, device=degrees.device).view(1, -1, 1)
    right = torch.arange(width, device=degrees.device).view(1, 1, -1)

    def along(first: Tensor, a: Tensor, b: Tensor) -> Tensor:
        start = _fixed(first + a * 0.5 + b * 0.5)
        return (start + _fixed(a) * right + _fixed(b) * down) >> 16

    return Sources(rows=along(constant_y, -sine, cosine), columns=along(constant_x, cosine, sine))


def _fixed(value: Tensor) -> Tensor:
    return torch.floor(value * _ONE + 0.5).to(torch.int64).view(-1, 1, 1)
