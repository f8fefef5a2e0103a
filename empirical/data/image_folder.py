"""A user's own images from a folder with a folder of files for each class."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from empirical.data.dataset import Dataset
from simulations.files import checked_path, reason
from theory.checks import InputError, optional_module

__all__ = ["load_image_folder"]

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})

_SPLITS = frozenset({"test", "train", "val", "valid", "validation"})


def load_image_folder(folder: Path) -> Dataset:
    """Return the images ``folder/CLASS/FILE``, (N, C, H, W) uint8, class by class.

    The classes are the subfolders: numbered by their names if these are all numbers from 0 on,
    else in alphabetic order. Files are those with the suffix of an image, at any depth. Images
    must be of one size and of eight bits; they have one channel if all are grey, else three.

    Raises
    ------
    ValueError
        If there are no images, or folders of splits in place of classes; if an image cannot be
        read, is transparent, or is of another size.
    """
    image: Any = optional_module("PIL.Image", "empirical")
    folder = checked_path("folder", folder)
    if not folder.is_dir():
        raise InputError(f"folder must be one of images, got {folder}, which is none")
    names = sorted(
        entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name[0] != "."
    )
    if not names:
        raise InputError(f"{folder} must hold a folder of images for each class, got none")
    if _SPLITS.issuperset(names):
        raise InputError(
            f"{folder} must hold a folder of images for each class, got {', '.join(names)}; "
            f"name one of them: {folder / names[0]}"
        )
    numbers = _numbers(names)
    found: list[Any] = []
    labels: list[int] = []
    for name, number in zip(names, numbers, strict=True):
        files = sorted(
            file
            for file in (folder / name).rglob("*")
            if file.suffix.lower() in SUFFIXES and not _hidden(file.relative_to(folder))
        )
        if not files:
            kinds = ", ".join(sorted(SUFFIXES))
            raise InputError(f"{folder / name} must hold images ({kinds}), got none")
        for file in files:
            found.append(_read(image, file))
            labels.append(number)
            if found[-1].shape[:2] != found[0].shape[:2]:
                sizes = ["x".join(map(str, one.shape[1::-1])) for one in (found[0], found[-1])]
                raise InputError(
                    f"{file} must have the size of the others, {sizes[0]}, got {sizes[1]}"
                )
    if any(one.ndim == 3 for one in found):
        found = [one if one.ndim == 3 else np.stack([one] * 3, axis=2) for one in found]
    pixels = np.stack(found)
    channels = pixels[:, None] if pixels.ndim == 3 else pixels.transpose(0, 3, 1, 2)
    return Dataset(
        images=torch.from_numpy(np.ascontiguousarray(channels)),
        labels=torch.tensor(labels),
        classes=max(2, 1 + max(numbers)),
        name=folder.resolve().name,
    )


def _hidden(file: Path) -> bool:
    """Whether a file is no image of the user's, as those in .ipynb_checkpoints."""
    return any(part.startswith(".") for part in file.parts)


def _numbers(names: list[str]) -> list[int]:
    """Return the classes that the names stand for."""
    if all(name.isascii() and name.isdigit() for name in names):
        numbers = [int(name) for name in names]
        if len(set(numbers)) < len(numbers):
            raise InputError(f"classes must have different numbers, got {', '.join(names)}")
        return numbers
    return list(range(len(names)))


def _read(image: Any, file: Path) -> np.ndarray:
    """Return the pixels of a file, (H, W) if it is grey, else (H, W, 3)."""
    try:
        with image.open(file) as opened:
            mode = opened.mode
            if mode not in {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}:
                raise InputError(f"{file} must be grey or RGB of eight bits, got mode {mode}")
            see_through = "A" in mode or "transparency" in opened.info
            if see_through and np.asarray(opened.convert("RGBA"))[..., 3].min() < 255:
                raise InputError(f"{file} must be opaque, got transparent pixels")
            return np.asarray(opened.convert("L" if mode in {"1", "L", "LA"} else "RGB"))
    except (InputError, MemoryError):
        raise
    except Exception as error:  # damaged images raise anything
        raise InputError(f"{file} must be a readable image: {reason(error)}") from None
