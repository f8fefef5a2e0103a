"""Exact permutations of pixels: they are groups, and the theory's."""

import numpy as np
import pytest
import torch
from torch import Tensor

from empirical.transforms.permutations import (
    permute_pixels,
    quarter_turns,
    random_permutations,
)
from tests import chance
from theory.setting import transformations


@pytest.fixture
def images(generator: torch.Generator) -> Tensor:
    return torch.rand(5, 2, 6, 6, generator=generator)


def test_quarter_turns_are_numpys(images: Tensor) -> None:
    turns = torch.tensor([0, 1, 2, 3, 5])
    turned = quarter_turns(images, turns)
    for n, k in enumerate(turns.tolist()):
        assert (turned[n].numpy() == np.rot90(images[n].numpy(), k, (1, 2))).all()


def test_turns_compose(images: Tensor) -> None:
    first, second = torch.tensor([1, 2, 3, 1, 0]), torch.tensor([3, 3, 1, 1, 2])
    twice = quarter_turns(quarter_turns(images, first), second)
    assert torch.equal(twice, quarter_turns(images, first + second))


def test_permutations_are_the_theorys(images: Tensor) -> None:
    group = transformations.quarter_turns(6)
    rows = torch.from_numpy(group.permutations.copy())
    expected = group.apply(images.double().flatten(2).numpy())
    for g in range(group.size):
        turned = permute_pixels(images, rows[g])
        assert (turned.double().flatten(2).numpy() == expected[g]).all()
        assert torch.equal(turned, quarter_turns(images, torch.full((5,), g)))
    own = torch.tensor([3, 0, 1, 2, 1])
    assert torch.equal(permute_pixels(images, rows[own]), quarter_turns(images, own))


def test_elements_are_drawn_with_their_probabilities(generator: torch.Generator) -> None:
    count, group = 20_000, transformations.quarter_turns(2, probabilities=(0.1, 0.2, 0.3, 0.4))
    images = torch.eye(4)[0].view(1, 1, 2, 2).expand(count, 1, 2, 2)
    moved = random_permutations(
        images,
        torch.from_numpy(group.permutations.copy()),
        torch.from_numpy(group.probabilities.copy()),
        generator=generator,
    )
    for turns, probability in enumerate(group.probabilities.tolist()):
        place = int(np.rot90(np.eye(4)[0].reshape(2, 2), turns).argmax())
        found = int(moved.flatten(1)[:, place].sum())
        assert chance.proportion_agrees(found, count, probability)
        assert not chance.proportion_agrees(found, count, probability + 0.03)


def test_all_values_may_be_permuted_together(images: Tensor) -> None:
    values = images[0].numel()
    rows = torch.arange(values).flip(0)
    for chosen in (rows, rows.expand(len(images), values)):
        found = permute_pixels(images, chosen)
        assert torch.equal(found, images.flatten(1).flip(1).view(images.shape))


def test_bad_requests_are_refused(images: Tensor) -> None:
    with pytest.raises(ValueError, match=r"images must be square, got \(6, 5\)"):
        quarter_turns(images[..., :5], torch.zeros(5, dtype=torch.int64))
    with pytest.raises(ValueError, match=r"permutations must have shape \(36,\) or \(5, 36\)"):
        permute_pixels(images, torch.arange(35))
