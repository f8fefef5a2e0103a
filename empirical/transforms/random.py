"""Random spatial transformations as values, for training and for measuring."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from empirical.checks import check_degrees
from empirical.transforms.interpolated import flip, random_rotations, translate, uniform
from empirical.transforms.permutations import quarter_turns, random_permutations
from theory.checks import InputError, integer, nonnegative, shown
from theory.setting.transformations import Transformations

__all__ = ["Chain", "CropFlip", "Group", "QuarterTurns", "Rotations", "Spatial", "Translations"]


@runtime_checkable
class Spatial(Protocol):
    """A random transformation of images (N, C, H, W), drawn independently for each image."""

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the transformed images, of the same shape."""
        ...


@dataclass(frozen=True)
class Rotations:
    """Rotation by an angle uniform in [-degrees, degrees], bilinear, about the centre.

    Interpolated rotations lose a little of the image and do not form a group; `Group` and
    `QuarterTurns` are exact.

    Raises
    ------
    ValueError
        Unless 0 <= degrees <= 180.
    """

    degrees: float

    def __post_init__(self) -> None:
        check_degrees("degrees", self.degrees)

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the images, each turned by its own angle."""
        if self.degrees == 0:
            return images
        return random_rotations(images, self.degrees, generator=generator)


@dataclass(frozen=True)
class Translations:
    """Translation by (dx, dy), each uniform in [-pixels, pixels], interpolated.

    Raises
    ------
    ValueError
        Unless pixels >= 0.
    """

    pixels: float

    def __post_init__(self) -> None:
        nonnegative("pixels", self.pixels)

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the images, each moved by its own (dx, dy)."""
        if self.pixels == 0:
            return images
        shape = (len(images), 2)
        return translate(images, uniform(shape, self.pixels, images.device, generator=generator))


@dataclass(frozen=True)
class CropFlip:
    """Shift by whole pixels, each of (dx, dy) uniform in -pixels..pixels, and mirror half.

    The usual augmentation of natural images: a random crop of the zero-padded image, and a
    left-right flip with probability 1/2.

    Raises
    ------
    ValueError
        Unless pixels >= 0 is an integer.
    """

    pixels: int

    def __post_init__(self) -> None:
        integer("pixels", self.pixels, minimum=0)

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the images, each cropped and mirrored by its own draw."""
        count, device = len(images), images.device
        side = 2 * self.pixels + 1
        drawn = torch.randint(
            2 * side * side, (count,), generator=generator, device=generator.device
        ).to(device)
        mirrored = flip(images, drawn % 2 == 1)
        height, width = images.shape[-2:]
        rows = torch.arange(height, device=device) + (drawn // 2 % side)[:, None]
        columns = torch.arange(width, device=device) + (drawn // 2 // side)[:, None]
        padded = functional.pad(mirrored, [self.pixels] * 4)
        image = torch.arange(count, device=device)[:, None, None]
        cropped = padded.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]]
        return cropped.permute(0, 3, 1, 2)


@dataclass(frozen=True)
class Group:
    """The random permutation of pixels of a setting of theory (THEORY.md, section 1).

    Images of several channels are permuted alike in each.
    """

    transformations: Transformations

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return P_g x with g drawn from the setting's probabilities for each image.

        Raises
        ------
        ValueError
            If the images have another number of pixels than the permutations.
        """
        permutations = torch.from_numpy(np.array(self.transformations.permutations))
        probabilities = torch.from_numpy(np.array(self.transformations.probabilities))
        return random_permutations(
            images, permutations.to(images.device), probabilities, generator=generator
        )


@dataclass(frozen=True)
class QuarterTurns:
    """One of some numbers of quarter turns of square images, each as likely, exactly.

    Turned images have the same pixels: unlike after `Rotations` nothing is smoothed, and no corner
    empty, by which a classifier could tell that an image was turned at all.

    Raises
    ------
    ValueError
        Unless there are turns, integers >= 0.
    """

    turns: tuple[int, ...] = (0, 1, 2, 3)

    def __post_init__(self) -> None:
        if not isinstance(self.turns, tuple) or not self.turns:
            raise InputError(f"turns must be a tuple of numbers, got {shown(self.turns)}")
        for number in self.turns:
            integer("turns", number, minimum=0)

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the images, each turned counter-clockwise by its own number of quarter turns.

        Raises
        ------
        ValueError
            If the images are not square.
        """
        drawn = torch.randint(
            len(self.turns), (len(images),), generator=generator, device=generator.device
        )
        turns = torch.tensor(self.turns, device=drawn.device)[drawn]
        return quarter_turns(images, turns.to(images.device))


@dataclass(frozen=True)
class Chain:
    """One transformation after another; of no parts, the identity."""

    parts: tuple[Spatial, ...] = ()

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the images after all parts, first to last."""
        for part in self.parts:
            images = part(images, generator=generator)
        return images
