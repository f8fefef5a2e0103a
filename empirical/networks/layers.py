"""Layers of the networks: standardisation, and convolution with batch norm that can fold."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from theory.checks import InputError, finite_array

__all__ = ["ConvNorm", "Filters", "Standardize", "attack_mode"]


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
        mean = finite_array("mean", mean, ndim=1).tolist()
        std = finite_array("std", std, ndim=1).tolist()
        if len(mean) != len(std):
            raise InputError(f"std must have {len(mean)} channels as mean has, got {len(std)}")
        if not std or min(std) <= 0:
            raise InputError(f"std must be > 0, got {min(std, default=None)}")
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Return standardised images."""
        return (images - self.mean) / self.std


class Filters(nn.Module):
    """An ordinary bank of filters, (outputs, inputs, height, width)."""

    copies = 1

    def __init__(self, inputs: int, outputs: int, size: int | tuple[int, int] = 3) -> None:
        super().__init__()
        height, width = (size, size) if isinstance(size, int) else size
        self.weight = nn.Parameter(torch.empty(outputs, inputs, height, width))
        nn.init.kaiming_normal_(self.weight, nonlinearity="relu")

    def forward(self) -> Tensor:
        """Return the bank that the convolution uses."""
        return self.weight


class ConvNorm(nn.Module):
    """Convolution with a bank of filters, then batch norm.

    While ``attack_mode``, the running statistics of the norm are folded into the filters, which are
    expanded once: one convolution with constant weights, equal to evaluation mode up to
    rounding (tests/empirical/networks/test_layers.py).

    Parameters
    ----------
    filters
        Module that returns the bank (copies x outputs, inputs, k, k) when called, and whose
        ``copies`` says how many channels share one norm, ``outputs`` apart (the order of a group).
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
        """Return normalised feature maps (N, copies x outputs, H', W')."""
        if self._folded is not None:
            return self._convolved(images, *self._folded)
        maps = self._convolved(images, self.filters())
        if self.copies == 1:
            return self.norm(maps)  # type: ignore[no-any-return]
        # one statistic for all copies of a channel, or the norm would break the symmetry
        last = maps.permute(0, 2, 3, 1)
        rows = last.reshape(*last.shape[:2], -1, self.norm.num_features).permute(0, 3, 1, 2)
        return self.norm(rows).permute(0, 2, 3, 1).reshape(last.shape).permute(0, 3, 1, 2)  # type: ignore[no-any-return]

    def _convolved(self, maps: Tensor, bank: Tensor, bias: Tensor | None = None) -> Tensor:
        """Convolve; filters as large as the maps are one matrix product, channels last."""
        if self.padding or maps.shape[2:] != bank.shape[2:]:
            return functional.conv2d(maps, bank, bias, self.stride, self.padding)
        flat, rows = (item.permute(0, 2, 3, 1).flatten(1) for item in (maps, bank))
        return functional.linear(flat, rows, bias)[:, :, None, None]

    @property
    def folded(self) -> bool:
        """Whether the constant bank is in use."""
        return self._folded is not None

    @torch.no_grad()
    def fold(self) -> None:
        """Compute the constant bank from the current weights and running statistics.

        Under autocast it is rounded here, once, and not at every use.
        """
        mean, variance = self.norm.running_mean, self.norm.running_var
        if mean is None or variance is None:
            raise InputError("norm must track running statistics, got none")
        scale = self.norm.weight * torch.rsqrt(variance + self.norm.eps)
        bias = self.norm.bias - mean * scale
        bank = self.filters() * scale.repeat(self.copies).view(-1, 1, 1, 1)
        bias = bias.repeat(self.copies)
        device = bank.device.type
        if torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device):
            dtype = torch.get_autocast_dtype(device)
            bank, bias = bank.to(dtype), bias.to(dtype)
        self._folded = bank, bias

    def unfold(self) -> None:
        """Go back to the trainable filters and the norm."""
        self._folded = None


@contextmanager
def attack_mode(model: nn.Module) -> Iterator[None]:
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
