"""Compact networks for a few minutes of one core, standard and equivariant under p4.

They begin with ``nn.PixelUnshuffle(2)``, since convolutions of 1 or 3 input channels use a
fraction of what a processor can do, and keep their maps channels last throughout. Standard and
equivariant networks follow one recipe of layers. A p4 network of width w, without counting the
group, has the multiplications of a standard one of width 4 w and about the weights of one of
width 2 w, so it is compared with both.
"""

from torch import Tensor, nn
from torch.nn import functional

from empirical.networks.equivariant import GroupFilters, GroupPool, check_square
from empirical.networks.layers import ConvNorm, Filters
from empirical.networks.symmetry import P4, Symmetry
from theory.checks import InputError

__all__ = ["ResidualLayer", "cnn5", "p4_cnn5", "p4_resnet7", "resnet7"]

BLOCK = 2
"""Side of the squares of pixels whose values become channels."""


class ResidualLayer(nn.Module):
    """A layer beside the identity: x + ReLU(layer(x))."""

    def __init__(self, layer: ConvNorm) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps plus what the layer makes of them."""
        return maps + functional.relu(self.layer(maps), inplace=True)


def cnn5(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build a 3x3 convolution, ``depth`` halvings of two convolutions, and two dense layers.

    At depth 1: ``width``, 2 ``width`` (4x4, stride 2) and 2 ``width`` maps, 4 ``width`` hidden
    units. Every layer but the last has a norm and a ReLU. The hidden layer sees positions.

    Raises
    ------
    ValueError
        If 2^(depth+1) does not divide both sides of the images.
    """
    return _cnn5(None, shape, classes, width, depth)


def p4_cnn5(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build `cnn5` with p4 convolutions, exactly invariant under quarter turns.

    Raises
    ------
    ValueError
        If the images are not square, or 2^(depth+1) does not divide their side.
    """
    return _cnn5(P4, shape, classes, width, depth)


def resnet7(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build ``depth`` stages of a convolution and a residual convolution, a mean, a dense layer.

    The stages have ``width``, 2 ``width``, .. maps; from the second on they begin with a 4x4
    convolution of stride 2.

    Raises
    ------
    ValueError
        If 2^depth does not divide both sides of the images.
    """
    return _resnet7(None, shape, classes, width, depth)


def p4_resnet7(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build `resnet7` with p4 convolutions, exactly invariant under quarter turns.

    Raises
    ------
    ValueError
        If the images are not square, or 2^depth does not divide their side.
    """
    return _resnet7(P4, shape, classes, width, depth)


def _cnn5(
    symmetry: Symmetry | None, shape: tuple[int, int, int], classes: int, width: int, depth: int
) -> nn.Module:
    _check_sides(symmetry, shape, depth + 1)
    layers = _first(symmetry, shape[0], width)
    channels = width
    for _ in range(depth):
        layers += [*_halving(symmetry, channels), *_layer(symmetry, 2 * channels, 2 * channels, 3)]
        channels *= 2
    hidden = 4 * width
    grid = shape[1] >> (depth + 1), shape[2] >> (depth + 1)
    if symmetry is None:
        whole = ConvNorm(Filters(channels, hidden, grid), hidden, padding=0)
    else:
        whole = ConvNorm(GroupFilters(symmetry, channels, hidden, grid[0]), hidden, padding=0)
    return nn.Sequential(
        *layers, whole, nn.ReLU(inplace=True), *_invariant(symmetry), nn.Linear(hidden, classes)
    )


def _resnet7(
    symmetry: Symmetry | None, shape: tuple[int, int, int], classes: int, width: int, depth: int
) -> nn.Module:
    _check_sides(symmetry, shape, depth)
    layers = _first(symmetry, shape[0], width)
    channels = width
    for stage in range(depth):
        if stage:
            layers += _halving(symmetry, channels)
            channels *= 2
        convolution, _ = _layer(symmetry, channels, channels, 3)
        layers.append(ResidualLayer(convolution))  # type: ignore[arg-type]
    return nn.Sequential(
        *layers,
        nn.AdaptiveAvgPool2d(1),
        *_invariant(symmetry),
        nn.Linear(channels, classes),
    )


def _first(symmetry: Symmetry | None, channels: int, width: int) -> list[nn.Module]:
    filters: nn.Module
    if symmetry is None:
        filters = Filters(channels * BLOCK**2, width)
    else:
        filters = GroupFilters(symmetry, channels, width, 3, lifting=True, block=BLOCK)
    return [nn.PixelUnshuffle(BLOCK), ConvNorm(filters, width), nn.ReLU(inplace=True)]


def _halving(symmetry: Symmetry | None, channels: int) -> list[nn.Module]:
    """Halve the grid and double the maps; a 4x4 filter treats all four corners alike."""
    return _layer(symmetry, channels, 2 * channels, 4, stride=2)


def _layer(
    symmetry: Symmetry | None, inputs: int, outputs: int, size: int, *, stride: int = 1
) -> list[nn.Module]:
    filters: nn.Module
    if symmetry is None:
        filters = Filters(inputs, outputs, size)
    else:
        filters = GroupFilters(symmetry, inputs, outputs, size)
    return [ConvNorm(filters, outputs, stride=stride), nn.ReLU(inplace=True)]


def _invariant(symmetry: Symmetry | None) -> list[nn.Module]:
    """Turn maps of one pixel into features, the same for all turns of the image."""
    pool = [] if symmetry is None else [GroupPool(symmetry)]
    return [*pool, nn.Flatten()]


def _check_sides(symmetry: Symmetry | None, shape: tuple[int, int, int], halvings: int) -> None:
    if symmetry is not None:
        check_square(shape, halvings)
    divisor = 1 << halvings
    if shape[1] % divisor or shape[2] % divisor:
        raise InputError(
            f"images must have sides that {divisor} divides, got {shape[1]} x {shape[2]}"
        )
