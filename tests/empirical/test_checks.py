"""Checks of batches and units."""

from typing import Any

import pytest
import torch

from empirical.checks import (
    check_budget,
    check_degrees,
    check_images,
    check_labels,
    pixel_values,
)

UNIT = (0.0, 1.0)


def test_a_batch_in_range_passes_unchanged() -> None:
    images = torch.tensor([0.0, 1.0]).view(1, 1, 1, 2)
    assert check_images(images, UNIT) is images
    assert check_images(2.75 * images, None).max() == 2.75
    assert check_images(images[:0], UNIT).shape == (0, 1, 1, 2)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.zeros(3, 4, 4), r"images must have shape \(N, C, H, W\), got \(3, 4, 4\)"),
        (torch.zeros(1, 1, 2, 2, dtype=torch.uint8), "images must be floating point, got torch.ui"),
        (torch.full((1, 1, 2, 2), torch.nan), "images must be finite, got values from nan"),
        (torch.full((1, 1, 2, 2), torch.inf), "images must be finite"),
        (
            torch.full((1, 1, 2, 2), 2.75),
            r"images must lie in \[0, 1\], got max 2.75; divide 0 to 255 by 255, standard",
        ),
        (torch.full((1, 1, 2, 2), -0.5), r"images must lie in \[0, 1\], got min -0.5"),
    ],
)
def test_bad_batches_are_refused(images: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_images(images, UNIT)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (torch.zeros(3, dtype=torch.int64), r"labels must have shape \(2,\), got \(3,\)"),
        (torch.zeros(2), "labels must be int64, got torch.float32"),
        (torch.tensor([0, -1]), "labels must be >= 0, got -1"),
    ],
)
def test_bad_labels_are_refused(labels: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_labels(labels, 2)


@pytest.mark.parametrize("epsilon", [-0.1, float("nan"), float("inf")])
def test_a_radius_is_finite_and_not_negative(epsilon: float) -> None:
    with pytest.raises(ValueError, match=r"epsilon must be (>= 0|finite|a real number), got"):
        check_budget(epsilon, UNIT)


def test_a_radius_in_grey_levels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"epsilon must be below 1.*got 8.*write 8/255"):
        check_budget(8, UNIT)
    assert check_budget(8, None) == 8
    assert check_budget(8 / 255, UNIT) == 8 / 255


def test_ranges_of_angles() -> None:
    assert check_degrees("max_degrees", 180) == 180
    for degrees in (-1.0, 181.0):
        with pytest.raises(ValueError, match=r"max_degrees must be in \[0, 180\] degrees, got"):
            check_degrees("max_degrees", degrees)


def test_bytes_become_numbers_from_0_to_1() -> None:
    stored = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(pixel_values(stored), torch.arange(256) / 255)
    assert stored[255] == 255


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ((float("nan"), 1.0), "bounds must be finite, the lower one first"),
        ((1.0, 0.0), "bounds must be finite, the lower one first"),
        ((0.0,), "bounds must be two numbers or None"),
        (("a", "b"), "bounds must be two numbers or None"),
        ("01", "bounds must be two numbers or None"),
        ((0, 10**400), "bounds must be two numbers or None"),
    ],
)
def test_bounds_are_two_finite_numbers(bounds: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_images(torch.zeros(1, 1, 2, 2), bounds)
    with pytest.raises(ValueError, match=message):
        check_budget(0.1, bounds)
