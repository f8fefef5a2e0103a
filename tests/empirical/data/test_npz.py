"""A user's own images."""

from pathlib import Path

import numpy as np
import pytest
import torch

from empirical.data.npz import load_images

LABELS = {"y_train": np.array([0, 2, 1, 2]), "y_test": np.array([1, 0], dtype=np.uint8)}


def save(folder: Path, **arrays: np.ndarray) -> Path:
    file = folder / "own.npz"
    np.savez(file, **{"x_test": np.zeros((2, 5, 6), np.uint8)} | LABELS | arrays)
    return file


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((4, 5, 6), (4, 1, 5, 6)),
        ((4, 5, 6, 3), (4, 3, 5, 6)),
        ((4, 3, 5, 6), (4, 3, 5, 6)),
        ((4, 5, 6, 1), (4, 1, 5, 6)),
    ],
)
@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_layouts(
    tmp_path: Path, shape: tuple[int, ...], expected: tuple[int, ...], kind: type
) -> None:
    images = (np.random.default_rng(1).random(shape) * (255 if kind is np.uint8 else 1)).astype(
        kind
    )
    dataset = load_images(save(tmp_path, x_train=images), "train")
    assert dataset.images.shape == expected
    assert dataset.images.dtype == (torch.uint8 if kind is np.uint8 else torch.float32)
    assert (dataset.classes, dataset.name) == (3, "own")
    corner = images[1, 4, 5] if len(shape) == 3 else images[1].reshape(-1)[-1]
    assert float(dataset.images[1, -1, 4, 5]) == pytest.approx(float(np.ravel(corner)[-1]))


@pytest.mark.parametrize("kind", [">f4", "<f8", ">f8", np.longdouble, np.float16])
def test_floats_of_any_machine_are_read(tmp_path: Path, kind: str | type) -> None:
    images = np.linspace(0, 1, 60).reshape(2, 5, 6).astype(kind)
    found = load_images(save(tmp_path, x_test=images), "test").images
    assert torch.equal(found[:, 0], torch.from_numpy(images.astype(np.float32)))


def test_both_splits_have_the_same_classes(tmp_path: Path) -> None:
    file = save(tmp_path, x_train=np.zeros((4, 5, 6), np.uint8))
    assert load_images(file, "test").classes == 3


def test_test_images_alone_suffice(tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", x_test=np.zeros((2, 5, 6), np.uint8), y_test=np.array([0, 4]))
    assert load_images(tmp_path / "own.npz", "test").classes == 5
    with pytest.raises(ValueError, match=r"own\.npz must hold the arrays \['x_train', 'y_train'\]"):
        load_images(tmp_path / "own.npz", "train")
    np.savez(tmp_path / "one.npz", x_test=np.zeros((2, 5, 6), np.uint8), y_test=np.array([0, 0]))
    assert load_images(tmp_path / "one.npz", "test").classes == 2


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x_train": np.zeros((4, 5))}, r"images must have shape \(N, H, W\), .*got \(4, 5\)"),
        ({"x_train": np.zeros((4, 5, 6, 7))}, r"images must have shape .*got \(4, 5, 6, 7\)"),
        ({"x_train": np.zeros((4, 5, 6), int)}, r"images must be uint8 or floats .*got int64"),
        ({"x_train": np.full((4, 5, 6), 7.5)}, r"images must lie in \[0, 1\], got max 7.5"),
        ({"x_train": np.zeros((3, 5, 6))}, r"labels must have shape \(3,\), got \(4,\)"),
        ({"x_train": np.zeros((4, 5, 6)), "y_train": np.ones(4)}, "y_train of .* integer labels"),
        ({}, r"own\.npz must hold the arrays \['x_train'"),
    ],
)
def test_bad_files_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_images(save(tmp_path, **arrays), "train")


def test_an_unknown_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="split must be one of train, test, got 'all'"):
        load_images(tmp_path / "own.npz", "all")


def test_of_small_images_the_square_ones_are_meant(tmp_path: Path) -> None:
    for shape in ((2, 4, 4, 3), (2, 3, 4, 4)):
        file = save(tmp_path, x_test=np.zeros(shape, np.uint8))
        assert load_images(file, "test").shape == (3, 4, 4)
    for shape in ((2, 3, 9, 3), (2, 4, 4, 4)):
        file = save(tmp_path, x_test=np.zeros(shape, np.uint8))
        with pytest.raises(ValueError, match="must have sides that tell which are the channels"):
            load_images(file, "test")
