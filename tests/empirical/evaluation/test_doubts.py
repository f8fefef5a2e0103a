"""Attacks that gradients mislead are noticed, and those that work are not."""

import re
import sys
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import cross_entropy, pgd_perturb
from empirical.data.dataset import Dataset
from empirical.evaluation.doubts import doubts
from empirical.evaluation.evaluate import evaluate
from empirical.evaluation.measures import Measures, Outcomes
from empirical.experiments.runs import Run, train_run
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from tests.empirical.models import Corner, affine

MEASURES = Measures(epsilons=(0.05, 0.1), apgd_steps=10)


@pytest.fixture
def digits(generator: torch.Generator) -> Dataset:
    """Images that one affine model classifies without an error."""
    images = torch.rand(40, 1, 6, 6, generator=generator)
    labels = affine(36, 3, 1, dtype=torch.float32)(images).argmax(1)
    return Dataset(images, labels, 3)


class Masked(nn.Module):
    """An affine map behind a function of the images."""

    def __init__(self, function: object) -> None:
        super().__init__()
        self.inside = affine(36, 3, 1, dtype=torch.float32)
        self.function = function

    def forward(self, images: Tensor) -> Tensor:
        return self.inside(self.function(images))  # type: ignore[no-any-return,operator]


def found(model: nn.Module, images: Dataset, measures: Measures = MEASURES) -> str:
    outcomes = evaluate(model, images, measures, seed=0)
    lines = doubts(model, images, measures, outcomes, seed=0, queries=300)
    assert all("\n" not in line for line in lines)
    return "\n".join(lines)


class Constant(nn.Module):
    """Knows one answer, and has a gradient of zero."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.tensor([1.0, 0.0, -1.0]) + 0.0 * images.sum((1, 2, 3))[:, None]


NOISE = torch.Generator().manual_seed(3)


@pytest.mark.parametrize(
    ("function", "messages"),
    [
        (
            lambda images: torch.round(8 * images) / 8,
            (
                "the gradient vanishes on 40 of 40 images",
                r"Square, which uses no gradient, fools the model on \d+ of the \d+ of 40 images",
            ),
        ),
        (
            lambda images: (1e-6 * images + torch.round(4 * images)) / 4,
            (r"the gradient vanishes on \d+ of 40 images",),
        ),
        (
            lambda images: images + 0.1 * torch.randn(images.shape, generator=NOISE),
            ("outputs are random: they differ from pass to pass on 40 of 40 images",),
        ),
        (
            lambda images: images - images.mean(0),
            ("outputs depend on the other images of the batch, on 8 of 8 images",),
        ),
        # a staircase whose slope leads down where the steps lead up
        (lambda images: torch.round(8 * images) / 8 * 1.5 - 0.5 * images, ("Square, which",)),
    ],
    ids=["rounding", "vanishing", "noise", "batch", "misleading"],
)
def test_masks_are_noticed(function: object, messages: tuple[str, ...], digits: Dataset) -> None:
    said = found(Masked(function), digits)
    for message in messages:
        assert any(re.search(message, line) for line in said.split("\n")), said


def turned(model: nn.Module, images: Dataset, degrees: float, exact: bool = False) -> list[str]:
    measures = Measures(rotations=(degrees,), quarter_turns=exact)
    outcomes = evaluate(model, images, measures, seed=0)
    return [line for line in doubts(model, images, measures, outcomes, seed=0) if "turn" in line]


def marked(count: int) -> Dataset:
    """Bright and dark images with a mark on top."""
    labels = torch.arange(count) % 2
    images = (0.4 + 0.2 * labels)[:, None, None, None].expand(count, 1, 6, 6).clone()
    images[:, :, 0, 2] = 0.0
    return Dataset(images, labels, 2)


def test_a_model_that_knows_turned_images_by_their_traces_is_noticed() -> None:
    images = marked(200)
    (said,) = turned(Corner(), images, 180.0)
    assert re.fullmatch(
        r"of 200 images 0 are right turned by a quarter exactly, and 1\d\d turned by up to 10 "
        r"degrees more: the model knows turned images by what turning leaves in them, .*", said
    )  # fmt: skip
    assert turned(Corner(), images, 0.0, exact=True) == [said]
    assert turned(Corner(), images, 60.0) == []  # a range in which no quarter turn lies
    wide = torch.nn.functional.pad(images.images, (1, 1, 0, 0), value=0.4)
    assert turned(Corner(), Dataset(wide, images.labels, 2), 180.0) == []


class Upright(nn.Module):
    """Knows images by a mark on top, whether turned ones have traces or not."""

    def forward(self, images: Tensor) -> Tensor:
        bright = images[:, 0, 2:4, 2:4].amax((1, 2)) - 0.5
        score = torch.where(images[:, 0, 0, 2] < 0.3, bright, -bright)
        return torch.stack([-score, score], 1)


def test_a_model_of_upright_images_raises_no_doubt() -> None:
    """It is right more often after rotations, of which some are small, than after quarter turns."""
    images = marked(400)
    outcomes = evaluate(
        Upright(), images, Measures(rotations=(180.0,), quarter_turns=True), seed=0
    ).outcomes
    turns = outcomes["quarter_turn", 0.0].float().mean()
    assert outcomes["rotation", 180.0].float().mean() > turns + 0.05
    assert turned(Upright(), images, 180.0) == []


def test_a_model_that_turns_do_not_concern_raises_no_doubt() -> None:
    labels = torch.arange(200) % 2
    images = (0.4 + 0.2 * labels)[:, None, None, None].expand(200, 1, 6, 6).clone()
    model = Masked(lambda images: images.amax((1, 2, 3), keepdim=True).expand(-1, 1, 6, 6) - 0.5)
    weight = torch.tensor([[-1.0], [1.0], [-9.0]]).expand(3, 36)
    model.inside.weight.data.copy_(weight)
    assert turned(model, Dataset(images, labels, 3), 180.0) == []


def test_an_exact_attack_raises_no_doubt(digits: Dataset) -> None:
    assert found(affine(36, 3, 1, dtype=torch.float32), digits) == ""


def test_what_nothing_moves_is_noticed(digits: Dataset) -> None:
    said = found(Constant(), Dataset(digits.images, torch.zeros_like(digits.labels), 3))
    assert "the gradient vanishes on 40 of 40 images" in said
    assert "40 of 40 images withstand PGD at radius 0.99, nearly all of the range" in said


@pytest.mark.parametrize("epsilon", [0.0, 0.01])
def test_a_trained_network_raises_no_doubt(
    epsilon: float, digits: Dataset, generator: torch.Generator
) -> None:
    images = torch.rand(500, 1, 6, 6, generator=generator)
    labels = affine(36, 3, 1, dtype=torch.float32)(images).argmax(1)
    with torch.random.fork_rng():
        torch.random.default_generator.manual_seed(5)
        model = nn.Sequential(nn.Flatten(), nn.Linear(36, 40), nn.ReLU(), nn.Linear(40, 3))
    weights = list(model.parameters())
    for _ in range(300):
        moved = pgd_perturb(
            model, images, labels,
            epsilon=epsilon, steps=2, bounds=digits.bounds, generator=generator,
        )  # fmt: skip
        slopes = torch.autograd.grad(cross_entropy(model(moved), labels) / 500, weights)
        with torch.no_grad():
            for weight, slope in zip(weights, slopes, strict=True):
                weight.sub_(slope, alpha=0.1)
    assert (model(digits.images).argmax(1) == digits.labels).float().mean() > 0.8
    assert found(model, digits) == ""


@pytest.mark.slow
@pytest.mark.parametrize("recipe", [Recipe("natural"), Recipe("adversarial", epsilon=0.1)])
def test_an_ordinary_network_of_digits_raises_no_doubt(recipe: Recipe) -> None:
    run = Run(
        "mnist", "cnn5", recipe, schedule=AdamOneCycle(2, batch_size=50), width=4, train=3000,
        test=40,
    )  # fmt: skip
    images, test = run.data()
    assert found(train_run(run, images), test) == ""


@pytest.mark.parametrize("more", [{"queries": 5}, {"auto_attack": True}])
def test_square_among_the_attacks_does_not_hide_what_gradients_missed(
    more: dict[str, int], digits: Dataset
) -> None:
    measures = replace(MEASURES, **more)  # type: ignore[arg-type]
    model = Masked(lambda images: torch.round(8 * images) / 8)
    assert "of 40 images left by PGD at radius 0.1;" in found(model, digits, measures)


def test_without_an_attack_gradients_do_not_matter(digits: Dataset) -> None:
    assert found(Masked(torch.round), digits, Measures()) == ""


def test_guessing_is_noticed(digits: Dataset) -> None:
    turned = Dataset(digits.images, (digits.labels + 1) % 3, 3)
    model = affine(36, 3, 1, dtype=torch.float32)
    assert "accuracy 0 without an attack is no better than guessing among 3" in found(
        model, turned, Measures()
    )


def test_accuracy_that_grows_with_the_radius_is_noticed(digits: Dataset) -> None:
    model = affine(36, 3, 1, dtype=torch.float32)
    outcomes = Outcomes({("clean", 0.0): torch.ones(40, dtype=torch.bool)})
    for epsilon, count in ((0.1, 30), (0.05, 10)):
        outcomes.outcomes["adversarial", epsilon] = torch.arange(40) < count
    lines = doubts(model, digits, MEASURES, outcomes, seed=0, queries=1)
    assert any(
        line.startswith("20 more of 40 images withstand radius 0.1 than 0.05") for line in lines
    )


def test_a_missing_library_is_said(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyautoattack", None)
    said = found(affine(36, 3, 1, dtype=torch.float32), digits)
    assert said.startswith("no attack without gradients was tried: pyautoattack must be installed")
