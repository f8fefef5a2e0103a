"""Training and test images by the name of their source."""

import numpy as np
import torch

from empirical.data import Dataset
from empirical.data_gaussian import gaussian_images
from empirical.data_mnist import load_mnist
from theory import catalogue
from theory.setting import Setting

__all__ = ["load", "source_names"]


def source_names() -> list[str]:
    """Return the names that `load` knows."""
    return ["mnist", *_image_settings()]


def load(name: str, *, train: int, test: int, rng: np.random.Generator) -> tuple[Dataset, Dataset]:
    """Return training and test images, of the given numbers (0: all, or 10,000 drawn).

    Of stored images an evenly spaced part is taken, so that a small part is like the whole;
    images of a theoretical setting are drawn.

    Raises
    ------
    ValueError
        If the name is unknown or more images are asked for than there are.
    """
    if name == "mnist":
        return _spaced(load_mnist("train"), train), _spaced(load_mnist("test"), test)
    settings = _image_settings()
    if name not in settings:
        raise ValueError(f"dataset must be one of {', '.join(source_names())}, got {name!r}")
    setting = settings[name]
    return (
        gaussian_images(setting, train or 10_000, rng=rng),
        gaussian_images(setting, test or 10_000, rng=rng),
    )


def _image_settings() -> dict[str, Setting]:
    every = catalogue.defaults().items()
    return {name: setting for name, setting in every if setting.image_shape is not None}


def _spaced(dataset: Dataset, count: int) -> Dataset:
    if count > len(dataset):
        raise ValueError(f"count must be <= {len(dataset)} images, got {count}")
    if count in {0, len(dataset)}:
        return dataset
    return dataset.take(torch.arange(count) * len(dataset) // count)
