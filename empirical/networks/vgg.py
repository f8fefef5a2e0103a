"""VGG16 with batch norm, for images of about 32 x 32 pixels."""

from torch import nn

from empirical.networks.layers import ConvNorm, Filters
from theory.checks import InputError

__all__ = ["vgg16"]

STAGES = ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3))
"""Channels in multiples of the width, and number of convolutions, of each stage."""


def vgg16(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build the first ``depth`` of VGG16's five stages, each ended by 2x2 pooling.

    The usual CIFAR form: 3x3 convolutions with norm and ReLU, average over the remaining
    positions, one dense layer. ``width`` is 64 in the original.

    Source: K. Simonyan, A. Zisserman, Very deep convolutional networks for large-scale image
    recognition, ICLR 2015.

    Raises
    ------
    ValueError
        If ``depth`` is above 5 or the images are too small for it.
    """
    if depth > len(STAGES):
        raise InputError(f"depth must be <= {len(STAGES)} for vgg16, got {depth}")
    if min(shape[1:]) >> depth < 1:
        raise InputError(
            f"images must be at least {1 << depth} pixels wide for depth {depth}, "
            f"got {shape[1]} x {shape[2]}"
        )
    channels = shape[0]
    layers: list[nn.Module] = []
    for multiple, convolutions in STAGES[:depth]:
        outputs = width * multiple
        for _ in range(convolutions):
            layers += [ConvNorm(Filters(channels, outputs), outputs), nn.ReLU()]
            channels = outputs
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)
    )
