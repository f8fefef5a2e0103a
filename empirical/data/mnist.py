"""MNIST, all 70,000 images, read from the file shipped beside this module."""

from pathlib import Path

import numpy as np
import torch

from empirical.data.dataset import Dataset
from empirical.data.digests import read_arrays
from theory.checks import one_of

__all__ = ["load_mnist"]

FILE = Path(__file__).with_name("mnist.npz")

DIGESTS = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}


def load_mnist(split: str, *, file: Path = FILE) -> Dataset:
    """Return the 60,000 training or the 10,000 test images of MNIST, (N, 1, 28, 28) uint8.

    The SHA-256 of both arrays of the split is checked. Source and licence: NOTICE.

    Parameters
    ----------
    split : {"train", "test"}
    file : Path
        Of the images; those of the package by default.

    Raises
    ------
    ValueError
        If ``split`` is neither ``train`` nor ``test``, or the file is missing or damaged.
    """
    one_of("split", split, ("train", "test"))
    names = (f"x_{split}", f"y_{split}")
    arrays = read_arrays(file, {name: DIGESTS[name] for name in names})
    return Dataset(
        images=torch.from_numpy(arrays[names[0]][:, None]),
        labels=torch.from_numpy(arrays[names[1]].astype(np.int64)),
        classes=10,
        name="mnist",
    )
