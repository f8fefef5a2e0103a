"""Recipes by name: the small vocabulary in which sweeps, records and commands speak."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from empirical.data.dataset import Dataset
from empirical.training.curriculum import (
    Curriculum,
    adversarial,
    augmented,
    composed,
    cusp,
    cusp_trades,
    mixture,
    natural,
    sequential,
    trades,
)
from empirical.training.schedules import Attack
from empirical.transforms.random import (
    Chain,
    Group,
    QuarterTurns,
    Rotations,
    Spatial,
    Translations,
)
from theory.checks import (
    InputError,
    boolean,
    instance,
    integer,
    nonnegative,
    one_of,
    positive,
    probability,
)
from theory.setting.transformations import Transformations

__all__ = ["RECIPES", "Recipe"]

# Of the widest range, in the three stages of CuSP: 120, 150 and 180 degrees in the paper.
CUSP_RANGES = (2 / 3, 5 / 6, 1.0)


@dataclass(frozen=True)
class Recipe:
    """A training recipe and its parameters, as they appear in records.

    Parameters
    ----------
    name : str
        One of `RECIPES`.
    degrees : float
        Range of the random rotations in training; on images of a theoretical setting, whose
        transformation is the setting's own group, any range > 0 means that group.
    epsilon : float
        Radius of the attack in training, in units of the images.
    weight : float
        lambda of `mixture` and `mixture_trades`; elsewhere unused.
    beta : float
        Weight of the divergence where the attacked images are trained by TRADES; elsewhere unused.
    steps : int
        Gradient steps of the attack in training.
    reach : float
        How far they walk in total, in multiples of `epsilon`; see `Attack`.
    warmup : float
        Share of every stage of the curriculum during which the radius grows from 0.
    pixels : float
        Range of the random translations in training, wherever there are rotations; with
        `degrees` > 0 too, images are turned and then moved.  Images of a theoretical setting
        have none but its own group.
    exact : bool
        Whether rotations are exact quarter turns of square images: all four, in the first stages
        of CuSP all but the half turn.  `degrees` is then 180.

    Raises
    ------
    ValueError
        If the name is unknown or a parameter is out of range.
    """

    name: str
    degrees: float = 0.0
    epsilon: float = 0.0
    weight: float = 0.5
    beta: float = 6.0
    steps: int = 10
    reach: float = 2.5
    warmup: float = 0.0
    pixels: float = 0.0
    exact: bool = False

    def __post_init__(self) -> None:
        one_of("recipe", self.name, sorted(RECIPES))
        nonnegative("degrees", self.degrees)
        nonnegative("epsilon", self.epsilon)
        probability("weight", self.weight)
        positive("beta", self.beta)
        integer("steps", self.steps, minimum=1)
        positive("reach", self.reach)
        probability("warmup", self.warmup)
        nonnegative("pixels", self.pixels)
        if boolean("exact", self.exact) and (self.degrees != 180 or self.pixels):
            raise InputError(
                "exact turns must have degrees 180 and no pixels, got degrees "
                f"{self.degrees:g} and pixels {self.pixels:g}"
            )

    @property
    def attack(self) -> Attack:
        """The attack used in training."""
        return Attack(self.epsilon, steps=self.steps, reach=self.reach)

    @property
    def passes(self) -> float:
        """Passes through the network, forward and back, for an image of an epoch, in the mean.

        One for its step of training and one for each step of its attack; under TRADES the image
        as it is costs one more.
        """
        steps = self.steps if self.epsilon else 0
        return 1.0 + _attacked(self) * (steps + ("trades" in self.name))

    @property
    def label(self) -> str:
        """Name in rows of records; trained on exact turns it is another recipe."""
        return f"{self.name}_exact" if self.exact else self.name

    def curriculum(self, dataset: Dataset) -> Curriculum:
        """Return what is trained when, with the spatial transformation that the data call for.

        Raises
        ------
        ValueError
            If translations, or exact turns, are asked for on images of a theoretical setting,
            or exact turns of images that are not square.
        """
        instance("dataset", dataset, Dataset)
        if dataset.setting is not None and self.pixels > 0:
            raise InputError(
                f"pixels must be 0 on images of a theoretical setting, got {self.pixels:g}"
            )
        if self.exact and (dataset.setting is not None or dataset.shape[1] != dataset.shape[2]):
            raise InputError(
                "exact turns must be of square images of no setting, got "
                f"{' x '.join(map(str, dataset.shape))} of {dataset.name}"
            )
        return RECIPES[self.name](self, dataset).warmed(self.warmup)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Recipe":
        """Read a recipe from JSON values.

        Raises
        ------
        ValueError
            If a parameter is unknown.
        """
        try:
            return cls(**data)
        except TypeError as error:
            raise InputError(f"recipe cannot be read: {error}") from None


def _attacked(recipe: Recipe) -> float:
    """Return the share of the images that is attacked in training."""
    if recipe.name in {"natural", "augmented"}:
        return 0.0
    if recipe.name.startswith("mixture"):
        return 1.0 - recipe.weight
    return 0.5 if "_then_" in recipe.name else 1.0


def _spatial(recipe: Recipe, dataset: Dataset) -> Spatial:
    if dataset.setting is not None and recipe.degrees > 0:
        return Group(dataset.setting.transformations)
    return _moving(recipe)


def _moving(recipe: Recipe, share: float = 1.0) -> Spatial:
    """Return the transformation of real images, over a share of its ranges."""
    if recipe.exact:
        return QuarterTurns((0, 1, 2, 3) if share == 1 else (0, 1, 3))
    turned, moved = Rotations(recipe.degrees * share), Translations(recipe.pixels * share)
    if not recipe.pixels:
        return turned
    return Chain((turned, moved)) if recipe.degrees else moved


def _ranges(recipe: Recipe, dataset: Dataset) -> tuple[Spatial, ...]:
    """Return the three ranges of CuSP; of four quarter turns the first two reach 90 degrees."""
    if dataset.setting is None:
        return tuple(_moving(recipe, share) for share in CUSP_RANGES)
    every = dataset.setting.transformations
    if every.size != 4:
        return (Group(every),) * 3
    near = np.array([0, 1, 3])
    weights = every.probabilities[near] / every.probabilities[near].sum()
    some = Group(Transformations(every.permutations[near], weights))
    return (some, some, Group(every))


RECIPES: dict[str, Callable[[Recipe, Dataset], Curriculum]] = {
    "natural": lambda _recipe, _data: natural(),
    "augmented": lambda recipe, data: augmented(_spatial(recipe, data)),
    "adversarial": lambda recipe, _data: adversarial(recipe.attack),
    "trades": lambda recipe, _data: trades(recipe.beta, recipe.attack),
    "mixture": lambda recipe, data: mixture(recipe.weight, _spatial(recipe, data), recipe.attack),
    "mixture_trades": lambda recipe, data: mixture(
        recipe.weight, _spatial(recipe, data), recipe.attack, beta=recipe.beta
    ),
    "composed": lambda recipe, data: composed(_spatial(recipe, data), recipe.attack),
    "adversarial_then_augmented": lambda recipe, data: sequential(
        adversarial(recipe.attack), augmented(_spatial(recipe, data))
    ),
    "augmented_then_adversarial": lambda recipe, data: sequential(
        augmented(_spatial(recipe, data)), adversarial(recipe.attack)
    ),
    "cusp": lambda recipe, data: cusp(recipe.attack, _ranges(recipe, data)),
    "cusp_trades": lambda recipe, data: cusp_trades(
        recipe.beta, recipe.attack, _ranges(recipe, data)
    ),
}
"""Curriculum of each recipe, as a function of its parameters and of the data."""
