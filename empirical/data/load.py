"""Training and test images by the name of their source."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from empirical.data.cifar10 import load_cifar10
from empirical.data.dataset import Dataset
from empirical.data.gaussian import gaussian_images
from empirical.data.image_folder import load_image_folder
from empirical.data.mnist import load_mnist
from empirical.data.noisy import is_noisy, noisy_images
from empirical.data.npz import load_images
from theory import catalogue
from theory.checks import InputError
from theory.setting.setting import Setting

__all__ = [
    "DATASETS",
    "is_drawn",
    "is_own",
    "load_dataset",
    "load_stored",
    "load_test",
    "source_names",
]

DATASETS: dict[str, Callable[[str], Dataset]] = {"mnist": load_mnist, "cifar10": load_cifar10}
"""Stored images by name: what returns their part "train" or "test"."""


def source_names() -> list[str]:
    """Return the names that `load_dataset` knows."""
    noisy = ("noisy-digits:CLASSES:SIGMA", "noisy:SOURCE:CLASSES:SIGMA")
    return [*DATASETS, *_image_settings(), *noisy, "FILE.npz", "FOLDER"]


def is_own(name: str) -> bool:
    """Return whether a name is that of a file or folder of the user, not one of ours."""
    if name in DATASETS or is_drawn(name):
        return False
    return name.endswith(".npz") or Path(name).is_dir()


def is_drawn(name: str) -> bool:
    """Return whether test images of a name are drawn, so that every seed has others."""
    return name in _image_settings() or is_noisy(name)


def load_test(name: str, count: int, *, rng: np.random.Generator) -> Dataset:
    """Return test images alone, of the given number, as `load_dataset` does.

    They may also lie in a folder of images by class
    (`empirical.data.image_folder.load_image_folder`).

    Raises
    ------
    ValueError
        If the name is unknown or more images are asked for than there are.
    """
    if is_own(name) or name in DATASETS:
        return load_stored(name, "test").spaced(count)
    # of a mixture of images all are components, of others few are drawn in vain
    return load_dataset(name, train=0 if is_noisy(name) else 2, test=count, rng=rng)[1]


def load_dataset(
    name: str, *, train: int, test: int, rng: np.random.Generator
) -> tuple[Dataset, Dataset]:
    """Return training and test images, of the given numbers (0: all, or 10,000 drawn).

    Of stored images an evenly spaced part is taken, so that a small part is like the whole;
    images of a theoretical setting are drawn.  A name that ends in .npz is a file of the user
    (`empirical.data.npz.load_images`). ``noisy-digits:6,9:1.5`` are sixes and nines under noise
    of that deviation, ``noisy:SOURCE:all:0.5`` all images of another source
    (`empirical.data.noisy.noisy_images`).

    Raises
    ------
    ValueError
        If the name is unknown or more images are asked for than there are.
    """
    if is_noisy(name):
        return noisy_images(
            name, lambda source: load_stored(source, "test"), train=train, test=test, rng=rng
        )
    if name in DATASETS or name.endswith(".npz"):
        return load_stored(name, "train").spaced(train), load_stored(name, "test").spaced(test)
    settings = _image_settings()
    if name not in settings:
        raise InputError(f"dataset must be one of {', '.join(source_names())}, got {name!r}")
    setting = settings[name]
    return (
        gaussian_images(setting, train or 10_000, rng=rng),
        gaussian_images(setting, test or 10_000, rng=rng),
    )


def load_stored(name: str, split: str) -> Dataset:
    """Return one part, "train" or "test", of stored images or of a file of the user.

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if is_own(name):
        place = Path(name)
        return load_image_folder(place) if place.is_dir() else load_images(place, split)
    if name not in DATASETS:
        raise InputError(
            f"dataset must be one of {', '.join(DATASETS)}, FILE.npz, FOLDER, got {name!r}"
        )
    return DATASETS[name](split)


def _image_settings() -> dict[str, Setting]:
    every = catalogue.defaults().items()
    return {name: setting for name, setting in every if setting.image_shape is not None}
