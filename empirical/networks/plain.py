"""Compact networks for small images: convolutions, and dense layers alone."""

from torch import nn

from empirical.networks.layers import ConvNorm, Filters
from theory.checks import InputError

__all__ = ["dense", "std_cnn"]


def std_cnn(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build ``depth`` stages (3x3 convolution, norm, ReLU, 2x2 pooling), then two dense layers.

    The channels are ``width``, doubled from stage to stage. The first dense layer, a convolution
    as wide as the grid with norm and ReLU as in ``p4_cnn``, sees positions, so the network can use
    signals that sit at one place of the image.

    Raises
    ------
    ValueError
        If the images are too small for ``depth`` poolings.
    """
    channels, height, breadth = shape
    if min(height, breadth) >> depth < 1:
        raise InputError(
            f"images must be at least {1 << depth} pixels wide for depth {depth}, "
            f"got {height} x {breadth}"
        )
    layers: list[nn.Module] = []
    for stage in range(depth):
        outputs = width << stage
        layers += [ConvNorm(Filters(channels, outputs), outputs), nn.ReLU(), nn.MaxPool2d(2)]
        channels = outputs
    hidden = 4 * width
    whole = Filters(channels, hidden, (height >> depth, breadth >> depth))
    return nn.Sequential(
        *layers,
        ConvNorm(whole, hidden, padding=0),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(hidden, classes),
    )


def dense(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build ``depth`` hidden layers of ``width`` units with norm and ReLU, and a linear layer.

    Each unit of the first sees the whole image, as a template does: where images are few and
    noise is white, the best rules compare with templates.
    """
    channels, height, breadth = shape
    layers: list[nn.Module] = []
    for size in [(height, breadth)] + [(1, 1)] * (depth - 1):
        layers += [ConvNorm(Filters(channels, width, size), width, padding=0), nn.ReLU()]
        channels = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels, classes))
