"""Group-equivariant convolutions and compact networks invariant under p4 and p4m.

Feature maps carry the group beside the position: channel c of element g is map g x C + c of
order x C, and a turn of the image turns every map and permutes the elements. Maps of one element
lie together, so that in channels-last memory the statistics that all elements share are those of
a free view. On even grids a stride of 2 breaks equivariance unless the filters cover every pixel
alike, as 2x2 pooling does and a 4x4 filter with padding 1.

Source: T. Cohen, M. Welling, Group equivariant convolutional networks, ICML 2016.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from empirical.networks.layers import ConvNorm
from empirical.networks.symmetry import P4, P4M, Symmetry
from theory.checks import InputError

__all__ = ["GroupFilters", "GroupPool", "check_square", "p4_cnn", "p4m_cnn"]


class GroupFilters(nn.Module):
    """A bank of filters expanded to all transformed copies by one index_select.

    Parameters
    ----------
    symmetry
        The group.
    inputs, outputs
        Channels before and after, not counting the elements of the group.
    size
        Side of the filters.
    lifting
        Whether the input is an image rather than feature maps that carry the group.
    block
        Of a lifting layer, the side of the squares of pixels that ``nn.PixelUnshuffle(block)``
        made channels of; the filters then are ``block`` times as wide on the image and turn there.
    """

    index: Tensor

    def __init__(
        self,
        symmetry: Symmetry,
        inputs: int,
        outputs: int,
        size: int,
        *,
        lifting: bool = False,
        block: int = 1,
    ) -> None:
        super().__init__()
        self.copies, self.lifting = symmetry.order, lifting
        if lifting:
            index = functional.pixel_unshuffle(symmetry.lifting_index(size * block), block)
        else:
            index = symmetry.regular_index(size)
        self.register_buffer("index", index.flatten(), persistent=False)
        self.elements, self.size = index.shape[1], size
        self.weight = nn.Parameter(torch.empty(outputs, inputs, self.elements * size * size))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self) -> Tensor:
        """Return the bank (order x outputs, elements x inputs, size, size), channels last."""
        outputs, inputs, _ = self.weight.shape
        bank = self.weight.index_select(2, self.index)
        bank = bank.view(outputs, inputs, self.copies, self.elements, self.size, self.size)
        # the channels that PixelUnshuffle makes of one channel lie together
        order = (2, 0, 4, 5, 1, 3) if self.lifting else (2, 0, 4, 5, 3, 1)
        bank = bank.permute(order).reshape(outputs * self.copies, self.size, self.size, -1)
        return bank.permute(0, 3, 1, 2)


class GroupPool(nn.Module):
    """Maximum over the elements of the group: (N, order x C, H, W) to (N, C, H, W)."""

    def __init__(self, symmetry: Symmetry) -> None:
        super().__init__()
        self.order = symmetry.order

    def forward(self, maps: Tensor) -> Tensor:
        """Return the maps without the group."""
        return torch.unflatten(maps, 1, (self.order, -1)).amax(1)


def check_square(shape: tuple[int, int, int], poolings: int) -> None:
    """Check that images are square, with a side that can be halved ``poolings`` times.

    Raises
    ------
    ValueError
        If turns would not map the pooled grid to itself.
    """
    _, height, width = shape
    if height != width or height % (1 << poolings):
        raise InputError(
            f"images must be square with a side that {1 << poolings} divides, "
            f"got {height} x {width}; invariance would not be exact"
        )


def p4_cnn(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build the compact network with p4 convolutions, exactly invariant under quarter turns."""
    return _group_cnn(P4, shape, classes, width, depth)


def p4m_cnn(shape: tuple[int, int, int], classes: int, width: int, depth: int) -> nn.Module:
    """Build the compact network with p4m convolutions, invariant under turns and mirrors."""
    return _group_cnn(P4M, shape, classes, width, depth)


def _group_cnn(
    symmetry: Symmetry, shape: tuple[int, int, int], classes: int, width: int, depth: int
) -> nn.Module:
    """Stages as in ``std_cnn``; the first dense layer is a group convolution as wide as the grid.

    That layer sees positions and still turns with the image; pooling over the group after it
    makes the features invariant.
    """
    check_square(shape, depth)
    channels = shape[0]
    layers: list[nn.Module] = []
    for stage in range(depth):
        outputs = width << stage
        filters = GroupFilters(symmetry, channels, outputs, 3, lifting=stage == 0)
        layers += [ConvNorm(filters, outputs), nn.ReLU(), nn.MaxPool2d(2)]
        channels = outputs
    hidden = 4 * width
    whole = GroupFilters(symmetry, channels, hidden, shape[1] >> depth)
    return nn.Sequential(
        *layers,
        ConvNorm(whole, hidden, padding=0),
        nn.ReLU(),
        GroupPool(symmetry),
        nn.Flatten(),
        nn.Linear(hidden, classes),
    )
