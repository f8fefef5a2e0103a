"""ResNet18 for images of about 32 x 32 pixels, plain and equivariant under p4m."""

from collections.abc import Callable

from torch import Tensor, nn
from torch.nn import functional

from empirical.networks.equivariant import GroupFilters, GroupPool, check_square
from empirical.networks.layers import ConvNorm, Filters
from empirical.networks.symmetry import P4M, Symmetry
from theory.checks import InputError

__all__ = ["Residual", "p4m_resnet18", "resnet18"]


class Residual(nn.Module):
    """Basic residual block: two convolutions and a shortcut, projected where the shape changes."""

    def __init__(
        self,
        first: ConvNorm,
        second: ConvNorm,
        shortcut: nn.Module | None = None,
        entry: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.first = first
        self.second = second
        self.shortcut = shortcut if shortcut is not None else nn.Identity()
        self.entry = entry if entry is not None else nn.Identity()

    def forward(self, maps: Tensor) -> Tensor:
        """Return ReLU(second(ReLU(first(x))) + shortcut(x)), x the maps after ``entry``."""
        maps = self.entry(maps)
        return functional.relu(self.second(functional.relu(self.first(maps))) + self.shortcut(maps))


def resnet18(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build the first ``depth`` of ResNet18's four stages of two blocks; ``width`` 64 originally.

    The CIFAR form: a 3x3 stem without pooling, strides at the entry of stages 2 to 4.

    Source: K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition,
    CVPR 2016.

    Raises
    ------
    ValueError
        If ``depth`` is above 4.
    """

    def block(inputs: int, outputs: int, entering: bool) -> Residual:
        stride = 2 if entering else 1
        shortcut = None
        if stride > 1 or inputs != outputs:
            shortcut = ConvNorm(Filters(inputs, outputs, 1), outputs, stride=stride, padding=0)
        return Residual(
            ConvNorm(Filters(inputs, outputs), outputs, stride=stride),
            ConvNorm(Filters(outputs, outputs), outputs),
            shortcut,
        )

    stem = ConvNorm(Filters(shape[0], width), width)
    layers, channels = _stages(block, width, depth)
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)]
    return nn.Sequential(stem, nn.ReLU(), *layers, *head)


def p4m_resnet18(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build ResNet18 with p4m convolutions, invariant under quarter turns and mirrors.

    2x2 average pooling replaces the strides, which break equivariance on even grids. With
    ``width`` 23 it has about the parameters of the plain network of width 64.

    Source: T. Cohen, M. Welling, Group equivariant convolutional networks, ICML 2016.

    Raises
    ------
    ValueError
        If ``depth`` is above 4, or the images are not square with a side that 2^(depth-1) divides.
    """
    check_square(shape, depth - 1)

    def layer(inputs: int, outputs: int, size: int, symmetry: Symmetry = P4M) -> ConvNorm:
        filters = GroupFilters(symmetry, inputs, outputs, size)
        return ConvNorm(filters, outputs, padding=size // 2)

    def block(inputs: int, outputs: int, entering: bool) -> Residual:
        return Residual(
            layer(inputs, outputs, 3),
            layer(outputs, outputs, 3),
            layer(inputs, outputs, 1) if inputs != outputs else None,
            nn.AvgPool2d(2) if entering else None,
        )

    lifting = GroupFilters(P4M, shape[0], width, 3, lifting=True)
    layers, channels = _stages(block, width, depth)
    head = [nn.AdaptiveAvgPool2d(1), GroupPool(P4M), nn.Flatten(), nn.Linear(channels, classes)]
    return nn.Sequential(ConvNorm(lifting, width), nn.ReLU(), *layers, *head)


def _stages(
    block: Callable[[int, int, bool], Residual], width: int, depth: int
) -> tuple[list[nn.Module], int]:
    if depth > 4:
        raise InputError(f"depth must be <= 4 for a resnet18, got {depth}")
    layers: list[nn.Module] = []
    channels = width
    for stage in range(depth):
        outputs = width << stage
        layers += [block(channels, outputs, stage > 0), block(outputs, outputs, False)]
        channels = outputs
    return layers, channels
