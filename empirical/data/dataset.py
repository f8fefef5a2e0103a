"""Labelled images, held whole in memory on one device, and the batches drawn from them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from empirical.checks import (
    Bounds,
    check_bounds,
    check_device,
    check_images,
    check_labels,
    check_tensor,
    pixel_values,
)
from theory.checks import InputError, instance, integer, nonnegative, text
from theory.setting.setting import Setting

__all__ = ["Dataset", "batch_sizes", "batches", "ordered_batches"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images of one source.

    Parameters
    ----------
    images : (N, C, H, W) Tensor
        uint8 (read as 0..255 and divided by 255) or floating point.
    labels : (N,) Tensor
        int64 in 0..classes - 1.
    classes : int
        Number of classes, at least 2.
    bounds : pair of floats or None
        Lowest and highest pixel value an attack may use; None where pixels are unbounded.
    name : str
        Name of the source, as written into records.
    setting : Setting, optional
        The theoretical setting that the images were drawn from, where there is one; its
        ``transformations`` are then the exact group of the spatial measure.
    noise : float >= 0
        Standard deviation of the Gaussian noise that every batch of an epoch is given afresh;
        only where pixels are unbounded.

    Raises
    ------
    ValueError
        If shapes, dtypes, the range of pixels or the range of labels are wrong.
    """

    images: Tensor
    labels: Tensor
    classes: int
    bounds: Bounds = (0.0, 1.0)
    name: str = "custom"
    setting: Setting | None = None
    noise: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "bounds", check_bounds(self.bounds))
        check_device(self.images, self.labels)
        if check_tensor("images", self.images).dtype != torch.uint8:
            check_images(self.images, self.bounds)
        elif self.images.ndim != 4:
            raise InputError(f"images must have shape (N, C, H, W), got {tuple(self.images.shape)}")
        if len(self.images) == 0:
            raise InputError("images must hold at least one image, got 0")
        check_labels(self.labels, len(self.images))
        integer("classes", self.classes, minimum=2)
        text("name", self.name)
        if self.setting is not None:
            instance("setting", self.setting, Setting)
        if int(self.labels.max()) >= self.classes:
            raise InputError(
                f"labels must be below {self.classes} classes, got {int(self.labels.max())}"
            )
        if nonnegative("noise", self.noise) > 0.0 and self.bounds is not None:
            raise InputError(f"noise must be 0 where pixels have bounds, got {self.noise:g}")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height and width of one image."""
        channels, height, width = self.images.shape[1:]
        return channels, height, width

    @property
    def statistics(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and standard deviation of each channel, in pixel units, for ``Standardize``."""
        pixels = pixel_values(self.images).transpose(0, 1).flatten(1)
        mean, deviation = pixels.mean(1), pixels.std(1, correction=0)
        deviation = deviation.hypot(torch.tensor(self.noise)).clamp_min(1e-6)
        return tuple(mean.tolist()), tuple(deviation.tolist())

    def to(self, device: torch.device | str) -> Self:
        """Return the same images and labels on another device."""
        return replace(self, images=self.images.to(device), labels=self.labels.to(device))

    def take(self, index: Tensor | slice) -> Self:
        """Return the data set of the images at ``index``."""
        return replace(self, images=self.images[index], labels=self.labels[index])

    def spaced(self, count: int) -> Self:
        """Return ``count`` evenly spaced images, so that a small part is like the whole.

        Raises
        ------
        ValueError
            If there are fewer.
        """
        integer("number of images", count, minimum=0, maximum=len(self))
        if count in {0, len(self)}:
            return self
        return self.take(torch.arange(count) * len(self) // count)

    def held_out(self, count: int, *, generator: torch.Generator) -> tuple[Self, Self]:
        """Split at random into (rest, ``count`` images held out), as for early stopping.

        Parameters
        ----------
        count : int
        generator : torch.Generator
            Source of the choice.

        Raises
        ------
        ValueError
            If ``count`` leaves no image on one of the two sides.
        """
        integer("count", count, minimum=1, maximum=len(self) - 1)
        order = _permutation(len(self), self.images.device, generator)
        return self.take(order[count:].sort().values), self.take(order[:count].sort().values)


def batches(
    dataset: Dataset, size: int, *, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield one epoch of shuffled batches (float images, labels), sized by `batch_sizes`.

    The noise of the data set is drawn from the generator after the order of the images.

    Parameters
    ----------
    dataset : Dataset
    size : int >= 1
    generator : torch.Generator

    Raises
    ------
    ValueError
        If ``size`` is below 1.
    """
    instance("dataset", dataset, Dataset)
    integer("size", size, minimum=1)
    order = _permutation(len(dataset), dataset.images.device, generator)
    for index in torch.split(order, batch_sizes(len(dataset), size)):
        yield _noisy(dataset, index, generator), dataset.labels[index]


def batch_sizes(count: int, size: int) -> list[int]:
    """Return the sizes of the batches of an epoch of training: all `size` but for the last.

    A single image that is left joins the batch before it: one image has no variance, and no batch
    norm can standardise it.

    Examples
    --------
    >>> batch_sizes(10, 4), batch_sizes(9, 4), batch_sizes(1, 4)
    ([4, 4, 2], [4, 5], [1])
    """
    sizes = [min(size, count - start) for start in range(0, count, size)]
    if len(sizes) > 1 and sizes[-1] == 1 < size:
        sizes[-2:] = [size + 1]
    return sizes


def ordered_batches(dataset: Dataset, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield every image once, in the stored order, in batches of ``size``.

    Where the data set has noise, it is the same in every epoch.

    Parameters
    ----------
    dataset : Dataset
    size : int >= 1

    Raises
    ------
    ValueError
        If ``size`` is below 1.
    """
    instance("dataset", dataset, Dataset)
    integer("size", size, minimum=1)
    generator = torch.Generator().manual_seed(0)
    for start in range(0, len(dataset), size):
        part = slice(start, start + size)
        yield _noisy(dataset, part, generator), dataset.labels[part]


def _noisy(dataset: Dataset, index: Tensor | slice, generator: torch.Generator) -> Tensor:
    """Return images as floats, with noise where the data set has any."""
    images = pixel_values(dataset.images[index])
    if dataset.noise == 0.0:
        return images
    drawn = torch.randn(images.shape, generator=generator, device=generator.device)
    return images + dataset.noise * drawn.to(images)


def _permutation(count: int, device: torch.device, generator: torch.Generator) -> Tensor:
    """Draw on the generator's own device, so that a seed means the same order everywhere."""
    instance("generator", generator, torch.Generator)
    return torch.randperm(count, generator=generator, device=generator.device).to(device)
