"""Recipes by name, on real and on Gaussian images."""

import dataclasses

import numpy as np
import pytest
import torch

from empirical.data.dataset import Dataset
from empirical.data.gaussian import gaussian_images
from empirical.networks.architectures import network
from empirical.training.objectives import Adversarial, Mixture, Natural
from empirical.training.recipes import RECIPES, Recipe
from empirical.transforms.random import Chain, Group, QuarterTurns, Rotations, Translations
from theory.setting.catalogue import defaults

REAL = Dataset(torch.zeros(2, 1, 4, 4), torch.tensor([0, 1]), 2)
GAUSSIAN = gaussian_images(defaults()["orientation-texture"], 2, rng=np.random.default_rng(0))


def test_every_recipe_has_a_curriculum() -> None:
    for name in RECIPES:
        recipe = Recipe(name, degrees=60.0, epsilon=0.1, weight=0.3, steps=3)
        assert Recipe.from_json(dataclasses.asdict(recipe)) == recipe
        for data in (REAL, GAUSSIAN):
            assert recipe.curriculum(data).stages


def test_real_images_rotate_and_gaussian_ones_use_their_group() -> None:
    recipe = Recipe("mixture", degrees=60.0, epsilon=0.1, weight=0.3)
    objective = recipe.curriculum(REAL).stages[0].objective
    assert isinstance(objective, Mixture)
    assert (objective.weight, objective.spatial) == (0.3, Rotations(60.0))
    objective = recipe.curriculum(GAUSSIAN).stages[0].objective
    assert isinstance(objective, Mixture)
    assert isinstance(objective.spatial, Group)


def test_translations_are_drawn_wherever_rotations_are() -> None:
    augmented = Recipe("augmented", pixels=3.0).curriculum(REAL).stages[0].objective
    assert augmented == Natural(Translations(3.0))
    both = Recipe("augmented", degrees=60.0, pixels=3.0).curriculum(REAL).stages[0].objective
    assert both == Natural(Chain((Rotations(60.0), Translations(3.0))))
    stages = Recipe("cusp", pixels=3.0, epsilon=0.1).curriculum(REAL).stages
    assert [stage.objective.spatial.pixels for stage in stages] == [2.0, 2.5, 3.0]
    with pytest.raises(ValueError, match=r"pixels must be 0 on images of a theoretical .* got 3"):
        Recipe("augmented", pixels=3.0).curriculum(GAUSSIAN)


def test_exact_turns_are_drawn_wherever_rotations_are() -> None:
    every = QuarterTurns((0, 1, 2, 3))
    recipe = Recipe("mixture", degrees=180.0, epsilon=0.1, exact=True)
    assert recipe.curriculum(REAL).stages[0].objective.spatial == every
    cusp = dataclasses.replace(recipe, name="cusp").curriculum(REAL).stages
    near = QuarterTurns((0, 1, 3))
    assert [stage.objective.spatial for stage in cusp] == [near, near, every]
    oblong = Dataset(torch.zeros(2, 1, 4, 6), torch.tensor([0, 1]), 2, name="oblong")
    for images, told in ((oblong, "1 x 4 x 6 of oblong"), (GAUSSIAN, "of orientation-texture")):
        with pytest.raises(ValueError, match=rf"exact turns must be of square .* got .*{told}"):
            recipe.curriculum(images)


class Counted(torch.nn.Module):
    """A linear classifier that counts the images whose gradients pass through it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.linspace(-1.0, 1.0, 32).reshape(16, 2))
        self.images = 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits = images.flatten(1) @ self.weight
        if logits.requires_grad:
            logits.register_hook(self._count)
        return logits

    def _count(self, gradient: torch.Tensor) -> None:
        self.images += len(gradient)


@pytest.mark.parametrize("epsilon", [0.0, 0.1])
@pytest.mark.parametrize("name", RECIPES)
def test_passes_are_those_that_training_makes(name: str, epsilon: float) -> None:
    recipe = Recipe(name, degrees=60.0, epsilon=epsilon, weight=0.25, steps=3)
    generator = torch.Generator().manual_seed(0)
    images, labels = torch.rand(8, 1, 4, 4, generator=generator), torch.arange(8) % 2
    stages = recipe.curriculum(REAL).stages
    made, begin = 0.0, 0.0
    for stage in stages:
        model = Counted()
        loss = stage.objective(model, images, labels, bounds=(0.0, 1.0), generator=generator)
        loss.backward()
        made += (stage.until - begin) / stages[-1].until * model.images / len(images)
        begin = stage.until
    assert made == pytest.approx(recipe.passes)


@pytest.mark.parametrize("name", ["mixture", "mixture_trades"])
def test_a_mixture_that_attacks_nothing_is_augmentation(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    model = network("cnn5", (1, 28, 28), 2, generator=generator)
    images, labels = torch.rand(4, 1, 28, 28, generator=generator), torch.arange(4) % 2
    losses = [
        recipe.curriculum(REAL)
        .stages[0]
        .objective(
            model, images, labels, bounds=(0.0, 1.0), generator=torch.Generator().manual_seed(1)
        )
        for recipe in (
            Recipe(name, degrees=60.0, epsilon=0.1, weight=1.0, steps=2),
            Recipe("augmented", degrees=60.0),
        )
    ]
    assert losses[0].item() == pytest.approx(losses[1].item())


def test_the_order_of_fine_tuning_is_in_the_name() -> None:
    kinds = {
        name: [type(stage.objective) for stage in Recipe(name, epsilon=0.1).curriculum(REAL).stages]
        for name in ("adversarial_then_augmented", "augmented_then_adversarial")
    }
    assert kinds["adversarial_then_augmented"] == [Adversarial, Natural]
    assert kinds["augmented_then_adversarial"] == [Natural, Adversarial]


def test_cusp_widens_the_group() -> None:
    stages = Recipe("cusp", degrees=180.0, epsilon=0.1).curriculum(GAUSSIAN).stages
    sizes = []
    for stage in stages:
        assert isinstance(stage.objective, Adversarial)
        assert isinstance(stage.objective.spatial, Group)
        sizes.append(stage.objective.spatial.transformations.size)
    assert sizes == [3, 3, 4]


@pytest.mark.parametrize(("degrees", "ranges"), [(180.0, [120, 150, 180]), (60.0, [40, 50, 60])])
def test_cusp_grows_to_the_recipes_own_range(degrees: float, ranges: list[float]) -> None:
    """At 180 degrees the ranges of the paper, exactly."""
    stages = Recipe("cusp", degrees=degrees, epsilon=0.1).curriculum(REAL).stages
    assert [stage.objective.spatial.degrees for stage in stages] == ranges


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Recipe("magic"), r"recipe must be one of .*, got 'magic'"),
        (lambda: Recipe("natural", degrees=-1.0), r"degrees must be >= 0, got -1"),
        (lambda: Recipe("natural", pixels=-1.0), r"pixels must be >= 0, got -1"),
        (lambda: Recipe("adversarial", epsilon=-0.1), r"epsilon must be >= 0, got -0.1"),
        (lambda: Recipe("mixture", weight=2.0), r"weight must lie in \[0, 1\], got 2"),
        (lambda: Recipe("trades", beta=0.0), r"beta must be finite and > 0, got 0"),
        (lambda: Recipe("trades", steps=0), r"steps must be >= 1, got 0"),
        (
            lambda: Recipe("augmented", degrees=90.0, exact=True),
            r"exact turns must have degrees 180 and no pixels, got degrees 90 and pixels 0",
        ),
        (
            lambda: Recipe("augmented", degrees=180.0, pixels=2.0, exact=True),
            r"exact turns must have .* got degrees 180 and pixels 2",
        ),
        (lambda: Recipe("augmented", degrees=180.0, exact=1), r"exact must be True or False"),
        (lambda: Recipe.from_json({"name": "natural", "lr": 1}), r"recipe cannot be read"),
    ],
)
def test_bad_values_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
