"""The nearest-pixel transforms equal PIL's bit by bit."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from empirical.transforms.nearest import affine_nearest, crop_flip_rotate


def as_image(tensor: Tensor) -> Image.Image:
    return Image.fromarray(tensor.permute(1, 2, 0).numpy())


def as_tensor(image: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(image)).permute(2, 0, 1)


def sample(
    count: int, height: int, width: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    images = torch.randint(
        0, 256, (count, 3, height, width), dtype=torch.uint8, generator=generator
    )
    degrees = torch.rand(count, generator=generator, dtype=torch.float64) * 720 - 360
    degrees[:25] = torch.arange(25, dtype=torch.float64) * 15
    return images, degrees


@pytest.mark.parametrize("size", [(32, 32), (28, 28), (17, 17), (12, 31), (31, 12)])
def test_rotation_is_pils(size: tuple[int, int], generator: torch.Generator) -> None:
    images, degrees = sample(150, *size, generator)
    found = affine_nearest(images, degrees, torch.zeros(150, 2))
    for image, angle, turned in zip(images, degrees.tolist(), found, strict=True):
        assert torch.equal(as_tensor(as_image(image).rotate(angle)), turned), angle


def test_rotation_with_translation_is_pils(generator: torch.Generator) -> None:
    images, degrees = sample(150, 32, 32, generator)
    pixels = torch.randint(-6, 7, (150, 2), generator=generator)
    found = affine_nearest(images, degrees, pixels)
    for n in range(150):
        expected = as_image(images[n]).rotate(
            float(degrees[n]), translate=tuple(pixels[n].tolist())
        )
        assert torch.equal(as_tensor(expected), found[n])


def test_one_gather_equals_pils_crop_then_flip_then_rotation(generator: torch.Generator) -> None:
    images, degrees = sample(150, 32, 32, generator)
    offsets = torch.randint(0, 9, (150, 2), generator=generator)
    flipped = torch.rand(150, generator=generator) < 0.5
    found = crop_flip_rotate(images, offsets, flipped, degrees, padding=4)
    for n in range(150):
        padded = Image.new("RGB", (40, 40))
        padded.paste(as_image(images[n]), (4, 4))
        top, left = offsets[n].tolist()
        image = padded.crop((left, top, left + 32, top + 32))
        if flipped[n]:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        assert torch.equal(as_tensor(image.rotate(float(degrees[n]))), found[n])


def test_floats_are_moved_like_bytes(generator: torch.Generator) -> None:
    images, degrees = sample(30, 28, 28, generator)
    nowhere = torch.zeros(30, 2)
    moved = affine_nearest(images.double(), degrees, nowhere)
    assert torch.equal(moved, affine_nearest(images, degrees, nowhere).double())


def test_crops_stay_in_the_padded_image() -> None:
    images, still = torch.zeros(1, 1, 4, 4), torch.zeros(1)
    for offset in (-1, 5):
        with pytest.raises(ValueError, match=rf"offsets must be in 0\.\.4, .* got {offset}"):
            crop_flip_rotate(images, torch.full((1, 2), offset), still > 0, still, padding=2)
    with pytest.raises(ValueError, match="padding must be >= 0, got -1"):
        crop_flip_rotate(images, torch.zeros(1, 2), still > 0, still, padding=-1)
