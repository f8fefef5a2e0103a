"""MNIST as shipped."""

from pathlib import Path

import numpy as np
import pytest

from empirical.data.mnist import FILE, load_mnist


@pytest.mark.parametrize(
    ("split", "counts"),
    [
        ("train", [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]),
        ("test", [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]),
    ],
)
def test_all_images_are_there(split: str, counts: list[int]) -> None:
    dataset = load_mnist(split)
    assert dataset.images.shape == (sum(counts), 1, 28, 28)
    assert dataset.labels.bincount().tolist() == counts
    assert (dataset.classes, dataset.bounds, dataset.name) == (10, (0.0, 1.0), "mnist")


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValueError, match="split must be one of train, test, got 'validation'"):
        load_mnist("validation")


def test_a_changed_pixel_is_noticed(tmp_path: Path) -> None:
    with np.load(FILE) as stored:
        images, labels = stored["x_test"].copy(), stored["y_test"]
    images[5, 14, 14] ^= 1
    np.savez(tmp_path / "mnist.npz", x_test=images, y_test=labels)
    with pytest.raises(ValueError, match=r"x_test of .* must have SHA-256 6d87418d.*damaged"):
        load_mnist("test", file=tmp_path / "mnist.npz")
