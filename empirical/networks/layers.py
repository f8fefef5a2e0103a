"""Layers of the networks: standardisation, and convolution with batch norm that can fold."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from theory.checks import InputError

__all__ = ["ConvNorm", "Filters", "Standardize", "frozen"]


class Standardize(nn.Module):
    """First layer of every network, (x - mean) / std per channel, so that attacks act on pixels.

    Parameters
    ----------
    mean, std
        One number per channel, in pixel units; every std > 0.

    Raises
    ------
    ValueError
        If the lengths differ or a std is not positive.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        if len(mean) != len(std):
            raise InputError(f"std must have {len(mean)} channels as mean has, got {len(std)}")
        if min(std) <= 0:
            raise InputError(f"std must be > 0, got {min(std)}")
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Return standardised images."""
        return (images - self.mean) / self.std


class Filters(nn.Module):
    """An ordinary bank of filters, (outputs, inputs, size, size)."""

    copies = 1

    def __init__(self, inputs: int, outputs: int, size: int = 3) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs, size, size))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self) -> Tensor:
        """Return the bank that the convolution uses."""
        return self.weight


class ConvNorm(nn.Module):
    """Convolution with a bank of filters, then batch norm.

    While ``frozen``, the running statistics of the norm are folded into the filters, which are
    expanded once: one convolution with constant weights, equal to evaluation mode up to
    rounding (tests/empirical/networks/test_layers.py).

    Parameters
    ----------
    filters
        Module that returns the bank (outputs x copies, inputs, k, k) when called, and whose
        ``copies`` says how many consecutive channels share one norm (the order of a group).
    outputs
        Number of channels of the norm.
    stride, padding
        Of the convolution.
    """

    def __init__(
        self, filters: nn.Module, outputs: int, *, stride: int = 1, padding: int = 1
    ) -> None:
        super().__init__()
        self.filters = filters
        self.norm = nn.BatchNorm2d(outputs)
        self.copies = int(getattr(filters, "copies", 1))
        self.stride = stride
        self.padding = padding
        self._folded: tuple[Tensor, Tensor] | None = None

    def forward(self, images: Tensor) -> Tensor:
        """Return normalised feature maps (N, outputs x copies, H', W')."""
        if self._folded is not None:
            return functional.conv2d(images, *self._folded, self.stride, self.padding)
        maps = functional.conv2d(images, self.filters(), None, self.stride, self.padding)
        if self.copies == 1:
            return self.norm(maps)  # type: ignore[no-any-return]
        # one statistic for all copies of a channel, or the norm would break the symmetry
        rows = maps.reshape(len(maps), maps.shape[1] // self.copies, -1, maps.shape[-1])
        return self.norm(rows).reshape(maps.shape)  # type: ignore[no-any-return]

    @property
    def folded(self) -> bool:
        """Whether the constant bank is in use."""
        return self._folded is not None

    @torch.no_grad()
    def fold(self) -> None:
        """Compute the constant bank from the current weights and running statistics."""
        mean, variance = self.norm.running_mean, self.norm.running_var
        if mean is None or variance is None:
            raise InputError("norm must track running statistics, got none")
        scale = self.norm.weight * torch.rsqrt(variance + self.norm.eps)
        bias = self.norm.bias - mean * scale
        bank = self.filters() * scale.repeat_interleave(self.copies).view(-1, 1, 1, 1)
        self._folded = bank, bias.repeat_interleave(self.copies)

    def unfold(self) -> None:
        """Go back to the trainable filters and the norm."""
        self._folded = None


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Put a model in evaluation mode with constant, folded weights, and restore it after.

    For attacks: the weights must not change inside the block. Blocks may be nested.
    """
    training = [(module, module.training) for module in model.modules()]
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    folding = [m for m in model.modules() if isinstance(m, ConvNorm) and not m.folded]
    model.eval()
    for weight in trained:
        weight.requires_grad_(False)
    try:
        for layer in folding:
            layer.fold()
        yield
    finally:
        for layer in folding:
            layer.unfold()
        for weight in trained:
            weight.requires_grad_(True)
        for module, mode in training:
            module.training = mode
