"""Random spatial transformations as values, for training and for measuring."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from empirical.groups import random_permutations
from empirical.images import check_degrees
from empirical.transforms import random_rotations
from theory.transformations import Transformations

__all__ = ["Chain", "Group", "Rotations", "Spatial"]


class Spatial(Protocol):
    """A random transformation of images (N, C, H, W), drawn independently for each image."""

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the transformed images, of the same shape."""
        ...


@dataclass(frozen=True)
class Rotations:
    """Rotation by an angle uniform in [-degrees, degrees], bilinear, about the centre.

    Interpolated rotations lose a little of the image and do not form a group; `Group` is exact.

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
class Chain:
    """One transformation after another; of no parts, the identity."""

    parts: tuple[Spatial, ...] = ()

    def __call__(self, images: Tensor, *, generator: torch.Generator) -> Tensor:
        """Return the images after all parts, first to last."""
        for part in self.parts:
            images = part(images, generator=generator)
        return images
