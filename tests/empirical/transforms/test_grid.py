"""Grids and groups of transformations."""

import pytest
import torch

from empirical.transforms.grid import grid, group
from empirical.transforms.interpolated import move
from empirical.transforms.permutations import quarter_turns
from theory.setting import transformations


def test_the_grid_is_the_product_with_the_identity_first(generator: torch.Generator) -> None:
    images = torch.rand(2, 1, 8, 8, generator=generator)
    moves = grid(30, 2, angles=3, shifts=3)
    assert len(moves) == 27
    assert moves[0](images) is images
    expected = [
        move(images, degrees, torch.tensor([[x, y]]).expand(2, 2))
        for degrees in (-30.0, 0.0, 30.0)
        for x in (-2.0, 0.0, 2.0)
        for y in (-2.0, 0.0, 2.0)
        if (degrees, x, y) != (0.0, 0.0, 0.0)
    ]
    assert all(torch.equal(found(images), e) for found, e in zip(moves[1:], expected, strict=True))


def test_the_sources_grid_has_775_moves() -> None:
    assert len(grid(30, 3)) == 775
    assert len(grid(180)) == 31
    assert len(grid(0, 0)) == 1


def test_groups_are_exact(generator: torch.Generator) -> None:
    images = torch.rand(3, 2, 4, 4, generator=generator)
    moves = group(transformations.quarter_turns(4))
    for turns, found in enumerate(moves):
        assert torch.equal(found(images), quarter_turns(images, torch.full((3,), turns)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_degrees": 190}, r"max_degrees must be in \[0, 180\] degrees, got 190"),
        ({"max_degrees": 1, "max_pixels": -1}, "max_pixels must be >= 0, got -1"),
        ({"max_degrees": 1, "angles": 4}, "angles must be odd and >= 1, got 4"),
        ({"max_degrees": 1, "shifts": 0}, "shifts must be >= 1, got 0"),
    ],
)
def test_bad_grids_are_refused(arguments: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        grid(**arguments)
