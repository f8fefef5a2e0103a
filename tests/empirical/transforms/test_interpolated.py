"""Interpolated transforms: directions, exact cases, range and laws of chance."""

import pytest
import torch
from torch import Tensor

from empirical.transforms.interpolated import (
    flip,
    move,
    random_rotations,
    rotate,
    translate,
    uniform,
)
from tests import chance


@pytest.fixture
def images(generator: torch.Generator) -> Tensor:
    return torch.rand(6, 2, 10, 10, dtype=torch.float64, generator=generator)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_quarter_turns_come_out_right(images: Tensor, turns: int) -> None:
    expected = torch.rot90(images, turns, (-2, -1))
    assert torch.allclose(rotate(images, 90.0 * turns), expected, rtol=0, atol=1e-12)


def test_whole_pixels_move_exactly(images: Tensor) -> None:
    pixels = torch.tensor([[2.0, -3.0]]).expand(6, 2)
    moved = translate(images, pixels)
    assert torch.allclose(moved[..., :-3, 2:], images[..., 3:, :-2], rtol=0, atol=1e-12)
    assert moved[..., -3:, :].abs().max() < 1e-12
    assert moved[..., :2].abs().max() < 1e-12


def test_half_a_pixel_is_a_mean(images: Tensor) -> None:
    moved = translate(images, torch.tensor([[0.5, 0.0]]).expand(6, 2))
    mean = (images[..., 1:] + images[..., :-1]) / 2
    assert torch.allclose(moved[..., 1:], mean, rtol=0, atol=1e-12)


@pytest.mark.parametrize("shape", [(9, 9), (12, 7)])
def test_rotation_agrees_with_the_formula(shape: tuple[int, int]) -> None:
    # where the image is the plane a x + b y, bilinear interpolation is exact
    height, width = shape
    rows, columns = torch.meshgrid(
        torch.arange(height, dtype=torch.float64) - (height - 1) / 2,
        torch.arange(width, dtype=torch.float64) - (width - 1) / 2,
        indexing="ij",
    )
    plane = (0.3 * columns + 0.7 * rows)[None, None]
    angle, shift = torch.tensor(20.0, dtype=torch.float64), (0.4, -0.3)
    cosine, sine = torch.cos(torch.deg2rad(angle)), torch.sin(torch.deg2rad(angle))
    x, y = columns - shift[0], rows - shift[1]
    expected = 0.3 * (cosine * x - sine * y) + 0.7 * (sine * x + cosine * y)
    moved = move(plane, angle.view(1), torch.tensor([shift]))
    inner = (slice(None), slice(None), slice(3, -3), slice(2, -2))
    assert torch.allclose(moved[inner], expected[None, None][inner], rtol=0, atol=1e-6)


def test_each_image_has_its_own_angle(images: Tensor) -> None:
    degrees = torch.tensor([0.0, 10, 20, 30, 40, 50])
    together = rotate(images, degrees)
    for n, angle in enumerate(degrees.tolist()):
        assert torch.allclose(together[n], rotate(images[n : n + 1], angle)[0], atol=1e-12)


def test_gradients_flow_to_the_images() -> None:
    images = torch.rand(1, 1, 5, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    angle = torch.tensor([33.0])
    assert torch.autograd.gradcheck(lambda x: rotate(x, angle), images.requires_grad_())


def test_interpolated_rotations_are_not_a_group(images: Tensor) -> None:
    composed = rotate(rotate(images, 30.0), 60.0)
    assert (composed - rotate(images, 90.0)).abs().max() > 0.1


def test_flip_mirrors_the_chosen(images: Tensor) -> None:
    which = torch.tensor([True, False, True, False, False, False])
    mirrored = flip(images, which)
    assert torch.equal(mirrored[0], images[0].flip(-1))
    assert torch.equal(mirrored[1], images[1])


def test_random_rotations(images: Tensor) -> None:
    still = random_rotations(images, 0, generator=torch.Generator().manual_seed(1))
    assert still is images
    first, again, other = (
        random_rotations(images, 45, generator=torch.Generator().manual_seed(s)) for s in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert first.min() >= 0
    assert first.max() <= 1
    with pytest.raises(ValueError, match=r"max_degrees must be in \[0, 180\] degrees, got 200"):
        random_rotations(images, 200, generator=torch.Generator())


def test_angles_are_uniform(generator: torch.Generator) -> None:
    angles = uniform((20_000,), 60.0, torch.device("cpu"), generator=generator)
    inside = int((angles.abs() <= 30).sum())
    assert angles.abs().max() <= 60
    assert chance.proportion_agrees(inside, 20_000, 0.5)
    assert not chance.proportion_agrees(inside, 20_000, 0.53)
    assert chance.proportion_agrees(int((angles > 0).sum()), 20_000, 0.5)


def test_bad_requests_are_refused(images: Tensor) -> None:
    with pytest.raises(ValueError, match=r"degrees must be one number or have shape \(6,\)"):
        rotate(images, torch.zeros(5))
    with pytest.raises(ValueError, match=r"pixels must be one number or have shape \(6, 2\)"):
        translate(images, torch.zeros(6))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), torch.tensor([0.0, torch.nan])])
def test_what_is_no_number_is_refused_by_name(value: Tensor | float) -> None:
    images = torch.zeros(2, 1, 6, 6)
    with pytest.raises(ValueError, match="degrees must be finite, got"):
        rotate(images, value)
    if not isinstance(value, Tensor):
        with pytest.raises(ValueError, match="pixels must be finite, got"):
            translate(images, value)
    with pytest.raises(ValueError, match="degrees must be a number or a tensor, got 'x'"):
        rotate(images, "x")  # type: ignore[arg-type]
