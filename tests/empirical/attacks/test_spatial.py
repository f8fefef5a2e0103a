"""Worst of k, and joint: order of strength, image by image."""

import pytest
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import pgd
from empirical.attacks.spatial import joint_attack, worst_transformation
from empirical.networks.architectures import network
from empirical.transforms.grid import grid, group
from tests.empirical.models import affine
from theory.setting import transformations

UNIT = (0.0, 1.0)
MOVES = grid(40, 1, angles=5, shifts=3)


@pytest.fixture
def problem(generator: torch.Generator) -> tuple[nn.Module, Tensor, Tensor]:
    images = torch.rand(80, 1, 8, 8, generator=generator)
    model = network("stdcnn", (1, 8, 8), 4, width=4, generator=generator)
    model(images)
    labels = model.eval()(images).argmax(1)
    labels[:8] = (labels[:8] + 1) % 4
    return model, images, labels


def test_worst_of_is_the_minimum_over_the_moves(problem: tuple[nn.Module, Tensor, Tensor]) -> None:
    model, images, labels = problem
    result = worst_transformation(model, images, labels, MOVES, bounds=UNIT)
    each = torch.stack([model(move(images)).argmax(1) == labels for move in MOVES])
    assert torch.equal(result.robust, each.all(0))
    assert 0 < result.robust.sum() < each[0].sum()
    assert torch.equal(model(result.adversarial).argmax(1) != labels, result.fooled)
    assert torch.equal(result.adversarial[result.robust], images[result.robust])


def test_order_of_strength(
    problem: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = problem
    clean = model(images).argmax(1) == labels
    pick = torch.randint(len(MOVES), (len(images),), generator=generator).tolist()
    moved = torch.cat([MOVES[k](images[n : n + 1]) for n, k in enumerate(pick)])
    random = model(moved).argmax(1) == labels
    worst = worst_transformation(model, images, labels, MOVES, bounds=UNIT).robust
    settings = {"epsilon": 0.01, "steps": 5, "bounds": UNIT}
    both = joint_attack(
        model, images, labels, MOVES, generator=torch.Generator().manual_seed(1), **settings
    ).robust
    assert not (worst & ~random).any()
    assert not (worst & ~clean).any()
    assert not (both & ~worst).any()
    alone = pgd(
        model, images[worst], labels[worst], generator=torch.Generator().manual_seed(1), **settings
    ).robust
    assert not (both[worst] & ~alone).any()
    assert 0 < both.sum() < alone.sum() < worst.sum() < clean.sum()


def test_joint_without_budget_is_worst_of(
    problem: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = problem
    both = joint_attack(
        model, images, labels, MOVES, epsilon=0, steps=1, bounds=UNIT, generator=generator
    )
    assert torch.equal(
        both.fooled, worst_transformation(model, images, labels, MOVES, bounds=UNIT).fooled
    )


def test_joint_is_near_one_of_the_moved_images(
    problem: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = problem
    result = joint_attack(
        model, images, labels, MOVES, epsilon=0.02, steps=5, bounds=UNIT, generator=generator
    )
    assert torch.equal(model(result.adversarial).argmax(1) != labels, result.fooled)
    moved = torch.stack([move(images) for move in MOVES])
    distance = (moved - result.adversarial).abs().amax((2, 3, 4)).amin(0)
    assert distance.max() <= 0.02 + 1e-6
    assert result.adversarial.min() >= 0
    assert result.adversarial.max() <= 1


def test_an_invariant_network_survives_its_group(generator: torch.Generator) -> None:
    images = torch.rand(20, 1, 8, 8, dtype=torch.float64, generator=generator)
    model = network("p4cnn", (1, 8, 8), 4, width=2, generator=generator).double().eval()
    labels = model(images).argmax(1)
    turns = group(transformations.quarter_turns(8))
    assert worst_transformation(model, images, labels, turns, bounds=UNIT).robust.all()


def test_bad_requests_are_refused(generator: torch.Generator) -> None:
    model, labels = affine(4, 3, seed=1, dtype=torch.float32), torch.tensor([0, 1])
    images = torch.rand(2, 1, 2, 2, generator=generator)
    with pytest.raises(ValueError, match=r"moves must be 1 to \d+ transformations, got none"):
        worst_transformation(model, images, labels, [], bounds=UNIT)
    with pytest.raises(ValueError, match=r"^moves must be callable, got 1$"):
        worst_transformation(model, images, labels, [1], bounds=UNIT)
    with pytest.raises(ValueError, match=r"^moves must return images of shape \(2, 1, 2, 2\)"):
        worst_transformation(model, images, labels.new_zeros(2), [lambda x: x[:0]], bounds=UNIT)
    with pytest.raises(ValueError, match=r"images must lie in \[0, 1\]"):
        worst_transformation(model, images + 1, labels, MOVES, bounds=UNIT)
    with pytest.raises(ValueError, match="tries must be >= 1, got 0"):
        joint_attack(
            model, images, labels, MOVES, epsilon=0.1, steps=1, bounds=UNIT,
            generator=generator, tries=0,
        )  # fmt: skip
