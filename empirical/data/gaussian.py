"""Images drawn from a theoretical setting, whose certified frontier is known."""

import math

import numpy as np
import torch

from empirical.data.dataset import Dataset
from theory.checks import (
    LARGEST_ARRAY,
    InputError,
    generator,
    instance,
    integer,
    items,
    shown,
)
from theory.setting.setting import Setting

__all__ = ["gaussian_images"]


def gaussian_images(
    setting: Setting,
    count: int,
    *,
    rng: np.random.Generator | int,
    shape: tuple[int, int, int] | None = None,
) -> Dataset:
    """Draw labelled images from the mixture of a two-dimensional setting (THEORY.md, section 1).

    Parameters
    ----------
    setting : Setting
        A setting with an ``image_shape`` (height, width).
    count : int
        Number of images, at least 1.
    rng : numpy.random.Generator or int seed
        Source of the components and of the noise.
    shape : three ints, optional
        Channels, height and width of the images; by default one channel of ``image_shape``.

    Returns
    -------
    Dataset
        float32 images (count, *shape) without bounds; class k is the k-th smallest
        label of the mixture; ``setting`` carries the group and the epsilon of the measures.

    Raises
    ------
    ValueError
        If ``count`` is not in 1..2^29/d, the setting is not two-dimensional, or ``shape`` has
        another number of values.
    """
    instance("setting", setting, Setting)
    most = LARGEST_ARRAY // setting.mixture.dimension
    count, source = integer("count", count, minimum=1, maximum=most), generator("rng", rng)
    if shape is None:
        if setting.image_shape is None:
            raise InputError(
                f"setting must have an image_shape, got none in {setting.name!r}; "
                "give image_shape=(height, width)"
            )
        height, width = setting.image_shape
        shape = 1, height, width
    sides = [integer("shape", side, minimum=1) for side in items("shape", shape, "integers")]
    if len(sides) != 3 or math.prod(sides) != setting.mixture.dimension:
        raise InputError(
            f"shape must be (channels, height, width) of {setting.mixture.dimension} values, "
            f"got {shown(shape)}"
        )
    mixture = setting.mixture
    component = source.choice(mixture.components, size=count, p=mixture.weights)
    noise = source.standard_normal((count, mixture.dimension), dtype=np.float32)
    if mixture.covariance is None:
        noise *= np.float32(mixture.sigma)
    else:
        noise = noise @ np.linalg.cholesky(mixture.covariance).T.astype(np.float32)
    pixels = mixture.means[component].astype(np.float32) + noise
    return Dataset(
        images=torch.from_numpy(pixels.reshape(count, *sides)),
        labels=torch.from_numpy(mixture.class_numbers[component]),
        classes=len(mixture.classes),
        bounds=None,
        name=setting.name,
        setting=setting,
    )
