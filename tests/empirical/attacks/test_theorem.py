"""The shifts of the theorem find what gradients miss."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import pgd
from empirical.attacks.spatial import worst_transformation
from empirical.attacks.theorem import theorem_attack
from empirical.comparison.frontier_gaps import frontier_gaps
from empirical.data.dataset import Dataset
from empirical.data.gaussian import gaussian_images
from empirical.evaluation.evaluate import evaluate
from empirical.evaluation.measures import Measures
from empirical.transforms.grid import group
from simulations.estimates import Estimate
from theory.setting.catalogue import defaults

SETTING = defaults()["orientation-texture"]


class Masked(nn.Module):
    """Classifies by the texture, invariant under turns, with gradients of the wrong sign."""

    def forward(self, images: Tensor) -> Tensor:
        score = images.flatten(1).mean(1) - float(SETTING.mixture.means.mean())
        score = 2 * score.detach() - score
        return torch.stack([-score, score], 1)


@pytest.fixture(scope="module")
def images() -> Dataset:
    return gaussian_images(SETTING, 1000, rng=np.random.default_rng(0))


def test_a_masked_network_is_found_out(images: Dataset) -> None:
    generator = torch.Generator().manual_seed(0)
    blind = pgd(
        Masked(), images.images, images.labels, epsilon=SETTING.epsilon, steps=20, bounds=None,
        generator=generator,
    )  # fmt: skip
    seen = theorem_attack(Masked(), images.images, images.labels, setting=SETTING)
    assert blind.robust.double().mean() > 0.9
    assert seen.robust.double().mean() < 0.1
    change = (seen.adversarial - images.images).abs().amax()
    assert change <= SETTING.epsilon + 1e-6
    wrong = Masked()(seen.adversarial).argmax(1) != images.labels
    assert torch.equal(wrong, seen.fooled)


def test_moves_come_before_the_shifts(images: Dataset) -> None:
    """Shifts of moved images include those of unmoved ones, and the moves themselves."""
    few = images.take(slice(0, 200))
    moves = group(SETTING.transformations)
    alone = theorem_attack(Masked(), few.images, few.labels, setting=SETTING)
    joint = theorem_attack(Masked(), few.images, few.labels, setting=SETTING, moves=moves)
    assert not (alone.fooled & ~joint.fooled).any()

    class Upright(nn.Module):
        """Right on upright images of either class, whatever their texture; turned, wrong."""

        def forward(self, images: Tensor) -> Tensor:
            means = torch.tensor(np.array(SETTING.mixture.means)).to(images)
            return images.flatten(1) @ (means - means.mean(0)).T

    quiet = SETTING.with_epsilon(1e-6)
    still = theorem_attack(Upright(), few.images, few.labels, setting=quiet)
    turned = theorem_attack(Upright(), few.images, few.labels, setting=quiet, moves=moves)
    assert still.robust.double().mean() > 0.9
    assert turned.robust.double().mean() < 0.1
    worst = worst_transformation(Upright(), few.images, few.labels, moves, bounds=None)
    assert int((turned.fooled ^ worst.fooled).sum()) <= 2


def test_the_joint_accuracy_uses_the_shifts(images: Dataset) -> None:
    few = images.take(slice(0, 60))
    measures = Measures(joint_epsilons=(SETTING.epsilon,), steps=1)
    kept = {
        shifts: int(evaluate(Masked(), few, replace(measures, shifts=shifts), seed=0)
                    .outcomes["joint", SETTING.epsilon].sum())
        for shifts in (False, True)
    }  # fmt: skip
    assert kept[True] < 0.2 * len(few) < kept[False]


def test_the_frontier_exposes_pgd_and_accepts_the_shifts(images: Dataset) -> None:
    """The bound calls the measurement by PGD impossible, and the one with the shifts possible."""
    measures = Measures(epsilons=(SETTING.epsilon,), steps=5, apgd_steps=0, shifts=True)
    rows = evaluate(Masked(), images, measures, seed=0).rows({})
    counts = {row["measure"]: Estimate(row["successes"], row["trials"]) for row in rows}
    pairs = [(counts["spatial"], counts[name]) for name in ("adversarial_pgd", "adversarial")]
    assert [gap.possible for gap in frontier_gaps(SETTING, pairs)] == [False, True]


def test_bad_input_is_refused(images: Dataset) -> None:
    with pytest.raises(ValueError, match="images must have 256 pixels, got 64"):
        theorem_attack(Masked(), torch.zeros(2, 1, 8, 8), torch.tensor([0, 1]), setting=SETTING)
    plain = Dataset(images.images, images.labels, 2, bounds=None, name="plain")
    with pytest.raises(ValueError, match="shifts must be of a theoretical setting, got images of"):
        evaluate(Masked(), plain, Measures(epsilons=(0.1,), steps=1, shifts=True), seed=0)
