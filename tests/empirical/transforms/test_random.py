"""Random spatial transformations as values."""

import numpy as np
import pytest
import torch

from empirical.transforms.random import (
    Chain,
    CropFlip,
    Group,
    QuarterTurns,
    Rotations,
    Translations,
)
from theory.setting.transformations import quarter_turns


def pixels(count: int, generator: torch.Generator, side: int = 6) -> torch.Tensor:
    return torch.rand(count, 2, side, side, generator=generator)


def test_group_draws_the_setting_s_turns(generator: torch.Generator) -> None:
    images = pixels(400, generator)
    turns = quarter_turns(6, probabilities=[0.1, 0.2, 0.3, 0.4])
    moved = Group(turns)(images, generator=generator)
    every = torch.stack([torch.rot90(images, k, (-2, -1)) for k in range(4)])
    which = (every == moved).flatten(2).all(2)
    assert which.any(0).all()
    counts = which.sum(1).double() / len(images)
    assert torch.allclose(counts, torch.tensor([0.1, 0.2, 0.3, 0.4]).double(), atol=0.13)
    assert not torch.allclose(counts, torch.full((4,), 0.25).double(), atol=0.05)


@pytest.mark.parametrize("turns", [(0, 1, 2, 3), (1, 2, 3), (2,)])
def test_quarter_turns_are_drawn_alike_and_are_exact(
    turns: tuple[int, ...], generator: torch.Generator
) -> None:
    images = pixels(900, generator)
    moved = QuarterTurns(turns)(images, generator=generator)
    every = torch.stack([torch.rot90(images, k, (-2, -1)) for k in range(4)])
    counts = (every == moved).flatten(2).all(2).sum(1)
    assert counts.sum() == 900
    for k in range(4):
        share = 1 / len(turns) if k in turns else 0.0
        assert abs(counts[k].item() / 900 - share) <= 5 * (share * (1 - share) / 900) ** 0.5
    again = QuarterTurns(turns)(images, generator=generator)
    assert torch.equal(again, moved) is (len(turns) == 1)


def test_nothing_moves_without_a_range(generator: torch.Generator) -> None:
    images = pixels(3, generator)
    for spatial in (Chain(), Rotations(0.0), Translations(0.0)):
        assert spatial(images, generator=generator) is images


def test_chain_applies_first_to_last(generator: torch.Generator) -> None:
    images = pixels(5, generator)
    parts = (Translations(2.0), Rotations(90.0))
    state = generator.get_state()
    chained = Chain(parts)(images, generator=generator)
    generator.set_state(state)
    once = parts[0](images, generator=generator)
    assert torch.equal(chained, parts[1](once, generator=generator))


def test_crops_are_whole_shifts_and_mirrors(generator: torch.Generator) -> None:
    images = pixels(64, generator)
    moved = CropFlip(1)(images, generator=generator)
    padded = torch.nn.functional.pad(torch.stack([images, images.flip(-1)]), [1, 1, 1, 1])
    choices = torch.stack(
        [m[:, :, r : r + 6, c : c + 6] for m in padded for r in range(3) for c in range(3)]
    )
    which = (choices == moved).flatten(2).all(2)
    assert (which.sum(0) == 1).all()
    assert (which.sum(1) > 0).sum() >= 14  # of 18 equally likely choices, 64 draws


def test_channels_move_together(generator: torch.Generator) -> None:
    images = pixels(8, generator)[:, :1].expand(-1, 3, -1, -1)
    for spatial in (Rotations(45.0), Translations(2.0), CropFlip(2), Group(quarter_turns(6))):
        moved = spatial(images, generator=generator)
        assert torch.equal(moved[:, 0], moved[:, 2])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Rotations(181.0), r"degrees must be in \[0, 180\] degrees, got 181"),
        (lambda: Translations(-1.0), r"pixels must be >= 0, got -1"),
        (lambda: CropFlip(-1), r"pixels must be >= 0, got -1"),
        (lambda: QuarterTurns(()), r"turns must be a tuple of numbers, got \(\)"),
        (lambda: QuarterTurns((1, -1)), r"turns must be >= 0, got -1"),
        (
            lambda: QuarterTurns()(torch.zeros(2, 1, 4, 6), generator=torch.Generator()),
            r"images must be square, got \(4, 6\)",
        ),
    ],
)
def test_bad_ranges_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_group_of_another_size_is_refused(generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match="permutations must have shape"):
        Group(quarter_turns(4))(pixels(2, generator), generator=generator)


def test_group_keeps_theory_s_convention(generator: torch.Generator) -> None:
    images = pixels(1, generator)
    turns = quarter_turns(6, turns=(1,))
    moved = Group(turns)(images, generator=generator)
    flat = turns.act(0, images[0, 0].double().numpy().ravel())
    assert np.array_equal(moved[0, 0].double().numpy().ravel(), flat)
