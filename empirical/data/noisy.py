"""Images under Gaussian noise: a mixture with one component for each, as the theory wants it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from empirical.checks import pixel_values
from empirical.data.dataset import Dataset
from empirical.data.gaussian import gaussian_images
from theory.checks import InputError, integer, positive
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformation_models import RotatedMeans
from theory.setting.transformations import Transformations, quarter_turns

__all__ = ["image_setting", "image_turns", "is_noisy", "noisy_images", "of_classes"]

_FORM = (
    "noisy:SOURCE or noisy-digits, CLASSES or all, and sigma, such as noisy-digits:6,9:1.5, and "
    "turns, as :0,2"
)
_NAME = re.compile(
    r"(?:noisy-digits|noisy:(?P<source>.+?)):(?P<classes>all|[\d,]+):(?P<sigma>[^:]+)"
    r"(?::(?P<turns>[\d,]+))?"
)


def is_noisy(name: str) -> bool:
    """Return whether a name of a data set is one of noisy images."""
    return name.startswith(("noisy:", "noisy-digits:")) or name in {"noisy", "noisy-digits"}


def of_classes(dataset: Dataset, classes: Sequence[int]) -> Dataset:
    """Return the images of some classes, labelled 0, 1, ... in increasing order of these.

    Raises
    ------
    ValueError
        If fewer than two classes are named, or one has no image.
    """
    wanted = sorted({integer("classes", one, minimum=0) for one in classes})
    if len(wanted) < 2:
        raise InputError(f"classes must name at least two, got {list(classes)}")
    numbers = torch.full((max(dataset.classes, wanted[-1] + 1),), -1)
    numbers[wanted] = torch.arange(len(wanted))
    labels = numbers.to(dataset.labels.device)[dataset.labels]
    for number, name in enumerate(wanted):
        if not bool((labels == number).any()):
            raise InputError(f"classes must have images, got none of class {name}")
    kept = (labels >= 0).nonzero().flatten()
    return replace(dataset, images=dataset.images[kept], labels=labels[kept], classes=len(wanted))


def image_turns(
    shape: tuple[int, int, int], turns: Sequence[int] = (0, 1, 2, 3)
) -> Transformations:
    """Quarter turns of images (C, H, W), all channels alike, as permutations of all pixels.

    Raises
    ------
    ValueError
        If the images are not square, or no turn is given.
    """
    channels, height, width = shape
    if height != width:
        raise InputError(f"images must be square to be turned, got {height} x {width}")
    one = quarter_turns(height, turns).permutations
    offsets = height * width * np.arange(channels)
    return Transformations((offsets[:, None] + one[:, None, :]).reshape(len(one), -1))


def image_setting(
    dataset: Dataset,
    *,
    sigma: float,
    epsilon: float,
    norm: str = "linf",
    transformations: Transformations | RotatedMeans | None = None,
) -> Setting:
    """Every image with Gaussian noise, as a mixture: what the theorem then says is about these.

    A component is an image, in pixel units, flattened; all are equally likely (THEORY.md,
    section 7.1).

    Parameters
    ----------
    dataset
        N images (C, H, W), of at least two classes.
    sigma, epsilon
        Deviation of the noise and radius of the attack, in pixel units; pixels are unbounded.
    norm
        ``linf``, ``l2`` or ``l1``.
    transformations
        The four quarter turns by default.

    Raises
    ------
    ValueError
        As `GaussianMixture`, `Setting` and `image_turns`.
    """
    channels, height, width = dataset.shape
    means = pixel_values(dataset.images).flatten(1).cpu().numpy().astype(np.float64)
    return Setting(
        GaussianMixture(means, dataset.labels.cpu().numpy(), sigma=sigma),
        image_turns(dataset.shape) if transformations is None else transformations,
        epsilon,
        norm,
        name=dataset.name,
        image_shape=(height, width) if channels == 1 else None,
    )


def noisy_images(
    name: str,
    load: Callable[[str], Dataset],
    *,
    train: int,
    test: int,
    rng: np.random.Generator,
) -> tuple[Dataset, Dataset]:
    """Return images to train on, with fresh noise in every batch, and noisy ones to test on.

    Both are of the one distribution that `image_setting` describes for the test images: it is
    no matter of generalisation what a network reaches on it, so its limits hold for both.

    Parameters
    ----------
    name
        ``noisy:cifar10:3,5:0.5``: source, classes or ``all``, and sigma; then, if not all four,
        turns, as ``:0,2``. ``noisy-digits:6,9:1.5`` is ``noisy:mnist:6,9:1.5``.
    load
        Returns the test images of a source.
    train, test
        Number of images, evenly spaced (0: all), and of noisy ones drawn from them (0: 10,000).
    rng
        Source of the noisy ones.

    Raises
    ------
    ValueError
        If the name is written otherwise, a class has no image, or as `of_classes` and
        `image_setting`.
    """
    found = _NAME.fullmatch(name)
    try:
        if found is None:
            raise ValueError
        sigma = positive("sigma", float(found["sigma"]))
        turns = [int(one) for one in (found["turns"] or "0,1,2,3").split(",")]
        classes = [] if found["classes"] == "all" else [int(c) for c in found["classes"].split(",")]
    except ValueError:
        raise InputError(f"dataset must be {_FORM}, got {name!r}") from None
    images = load(found["source"] or "mnist")
    if classes:
        images = of_classes(images, classes)
    images = images.spaced(train)
    counts = torch.bincount(images.labels, minlength=images.classes)
    if not counts.all():
        raise InputError(
            f"images of {name!r} must show every class, got none of class {int(counts.argmin())} "
            f"among {len(images)}"
        )
    setting = image_setting(
        images, sigma=sigma, epsilon=0.0, transformations=image_turns(images.shape, turns)
    )
    drawn = gaussian_images(setting, test or 10_000, shape=images.shape, rng=rng)
    noisy = replace(images, name=name, bounds=None, noise=sigma, setting=setting)
    return noisy, replace(drawn, name=name)
