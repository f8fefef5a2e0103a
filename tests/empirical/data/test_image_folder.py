"""A user's own images in a folder by class."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from empirical.data.image_folder import load_image_folder

RED = np.zeros((5, 4, 3), np.uint8) + np.uint8([200, 0, 0])
GREY = np.arange(20, dtype=np.uint8).reshape(5, 4)


def save(folder: Path, name: str, pixels: np.ndarray, **options: object) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(folder / name, **options)


def test_classes_are_numbered_in_alphabetic_order(tmp_path: Path) -> None:
    for name in ("dog/b.png", "cat/deep/a.bmp", "cat/c.PNG"):
        save(tmp_path, name, RED)
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    (tmp_path / ".hidden").mkdir()
    save(tmp_path, "cat/.ipynb_checkpoints/c-checkpoint.png", RED)
    (tmp_path / "cat" / "._c.png").write_bytes(b"no image")
    found = load_image_folder(tmp_path)
    assert found.labels.tolist() == [0, 0, 1]
    assert (found.classes, found.name, found.shape) == (2, tmp_path.name, (3, 5, 4))
    assert torch.equal(found.images, torch.from_numpy(RED).permute(2, 0, 1).expand(3, 3, 5, 4))


def test_numbers_are_classes(tmp_path: Path) -> None:
    for name in ("10/a.png", "9/a.png"):
        save(tmp_path, name, GREY)
    found = load_image_folder(tmp_path)
    assert found.labels.tolist() == [10, 9]
    assert found.classes == 11
    assert torch.equal(found.images, torch.from_numpy(GREY).expand(2, 1, 5, 4))


def test_grey_images_among_coloured_ones_have_three_channels(tmp_path: Path) -> None:
    save(tmp_path, "a/grey.png", GREY)
    save(tmp_path, "a/red.png", RED)
    found = load_image_folder(tmp_path).images
    assert torch.equal(found[0], torch.from_numpy(GREY).expand(3, 5, 4))
    assert torch.equal(found[1], torch.from_numpy(RED).permute(2, 0, 1))


def test_opaque_images_with_alpha_are_read(tmp_path: Path) -> None:
    save(tmp_path, "a/red.png", np.dstack([RED, np.full((5, 4), 255, np.uint8)]))
    assert torch.equal(
        load_image_folder(tmp_path).images[0], torch.from_numpy(RED).permute(2, 0, 1)
    )


@pytest.mark.parametrize(
    ("name", "pixels", "message"),
    [
        ("b/a.png", RED[:4], r"b/a\.png must have the size of the others, 4x5, got 4x4"),
        (
            "b/a.png",
            GREY.astype(np.uint16),
            r"b/a\.png must be grey or RGB of eight bits, got .*16",
        ),
        ("b/a.png", np.zeros((5, 4, 4), np.uint8), r"must be opaque, got transparent pixels"),
        ("00/a.png", RED, "classes must have different numbers, got 0, 00"),
    ],
)
def test_other_images_are_refused(
    tmp_path: Path, name: str, pixels: np.ndarray, message: str
) -> None:
    save(tmp_path, "0/a.png" if name[0] == "0" else "a/a.png", RED)
    save(tmp_path, name, pixels)
    with pytest.raises(ValueError, match=message):
        load_image_folder(tmp_path)


def test_splits_are_no_classes(tmp_path: Path) -> None:
    for split in ("train", "test"):
        save(tmp_path / split / "cat", "a.png", GREY)
    with pytest.raises(ValueError, match=r"for each class, got test, train; name one of .*/test$"):
        load_image_folder(tmp_path)
    assert len(load_image_folder(tmp_path / "test")) == 1


def test_folders_without_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold a folder of images for each class, got none"):
        load_image_folder(tmp_path)
    (tmp_path / "cat").mkdir()
    with pytest.raises(ValueError, match=r"cat must hold images \(\.bmp, .*\), got none"):
        load_image_folder(tmp_path)
    (tmp_path / "cat" / "a.png").write_bytes(b"no image")
    with pytest.raises(ValueError, match=r"a\.png must be a readable image"):
        load_image_folder(tmp_path)
