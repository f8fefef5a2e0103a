"""One run: a network trained on one data set by one recipe, and measured."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from empirical.data.dataset import Dataset
from empirical.data.load import load_dataset
from empirical.evaluation.evaluate import evaluate
from empirical.evaluation.measures import Measures, Outcomes
from empirical.networks.architectures import network
from empirical.training.checkpoints import CheckpointError, open_checkpoint
from empirical.training.loop import Report, train
from empirical.training.recipes import Recipe
from empirical.training.schedules import (
    AdamOneCycle,
    Schedule,
    SgdLinear,
    SgdSteps,
    schedule_from_json,
    schedule_to_json,
)
from empirical.transforms.random import CropFlip
from simulations.execution.identity import code_of
from simulations.files import checked_path, reason
from theory.checks import InputError, function, instance, integer, one_of, text

__all__ = ["Run", "build_network", "evaluate_run", "restore_run", "train_run"]

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_ADDED = {"measures": ("fewer_steps", "quarter_turns"), "recipe": ("pixels", "exact")}
"""What runs had not when the first were recorded; they leave it out of their JSON values."""


@dataclass(frozen=True)
class Run:
    """Everything that determines a trained network and its measurements.

    Parameters
    ----------
    dataset, network : str
        Names, of `empirical.data.load.load_dataset` and of
        `empirical.networks.architectures.NETWORKS`.
    recipe : Recipe
    schedule : AdamOneCycle, SgdSteps or SgdLinear
    measures : Measures
    seed : int
        Of the images drawn, the first weights, the training and the measurements.
    width, depth : int, optional
        Of the network; the architecture's own by default.
    train, held_out, test : int
        Numbers of images; `held_out` of the `train` images are kept apart to choose the best
        epoch. 0 means all (for `held_out`: none).
    crop : int
        Pixels of the random crops in training, which come with random flips; 0: neither.
    patience : int, optional
        Epochs of the last stage without a better held-out loss after which training stops.
    precision : str
        ``float32``, or ``bfloat16`` to train faster; measurements are always in float32.

    Raises
    ------
    ValueError
        If a name is unknown, a number out of its range, or a part of another type.
    """

    dataset: str
    network: str
    recipe: Recipe
    schedule: Schedule = field(default_factory=lambda: AdamOneCycle(epochs=2))
    measures: Measures = field(default_factory=Measures)
    seed: int = 0
    width: int | None = None
    depth: int | None = None
    train: int = 0
    held_out: int = 0
    test: int = 0
    crop: int = 0
    patience: int | None = None
    precision: str = "float32"

    def __post_init__(self) -> None:
        for name in ("seed", "train", "held_out", "test", "crop"):
            integer(name, getattr(self, name), minimum=0)
        if self.patience is not None:
            integer("patience", self.patience, minimum=0)
            if not self.held_out:
                raise InputError(f"patience needs held_out images, got {self.held_out}")
        one_of("precision", self.precision, list(PRECISIONS))
        text("dataset", self.dataset)
        text("network", self.network)
        instance("recipe", self.recipe, Recipe)
        instance("schedule", self.schedule, AdamOneCycle, SgdSteps, SgdLinear)
        instance("measures", self.measures, Measures)
        for name in ("width", "depth"):
            if getattr(self, name) is not None:
                integer(name, getattr(self, name), minimum=1)

    def to_json(self) -> dict[str, Any]:
        """Return the run as JSON values."""
        values: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        values["schedule"] = schedule_to_json(self.schedule)
        # runs that were recorded before there were these remain the same
        for part, names in _ADDED.items():
            for name in names:
                if not values[part][name]:
                    del values[part][name]
        return values

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Run":
        """Read a run from JSON values.

        Raises
        ------
        ValueError
            If a key or a value is not one of a run.
        """
        values = dict(data)
        try:
            values["recipe"] = Recipe.from_json(values["recipe"])
            values["schedule"] = schedule_from_json(values["schedule"])
            values["measures"] = Measures(**values["measures"])
            return cls(**values)
        except (KeyError, TypeError) as error:
            raise InputError(f"run cannot be read: {error}") from None

    @property
    def passes(self) -> float:
        """Passes through the network, forward and back, per training image in all epochs."""
        return self.schedule.epochs * self.recipe.passes

    @property
    def training(self) -> dict[str, Any]:
        """What determines the trained weights, as JSON values: all but the measurements."""
        values = self.to_json()
        del values["measures"], values["test"]
        return values

    @property
    def digest(self) -> str:
        """Short digest of `training`, to name files with."""
        return hashlib.sha256(json.dumps(self.training, sort_keys=True).encode()).hexdigest()[:16]

    def data(self) -> tuple[Dataset, Dataset]:
        """Return the training and the test images."""
        draws, _ = _streams(self.seed)
        return load_dataset(self.dataset, train=self.train, test=self.test, rng=draws)

    def labels(self, dataset: Dataset) -> dict[str, Any]:
        """Return what identifies the run in every row."""
        recipe = self.recipe
        return {
            "dataset": dataset.name,
            "network": self.network,
            "recipe": recipe.label,
            "degrees": recipe.degrees if dataset.setting is None else None,
            **({"pixels": recipe.pixels} if recipe.pixels else {}),
            "epsilon": recipe.epsilon,
            "weight": recipe.weight if recipe.name.startswith("mixture") else None,
            "seed": self.seed,
        }


def train_run(
    run: Run,
    images: Dataset,
    *,
    checkpoint: Path | None = None,
    report: Callable[[Report], None] | None = None,
    keep: bool = False,
) -> nn.Module:
    """Return the trained network of a run, continuing from its checkpoint if there is one.

    Parameters
    ----------
    run : Run
    images : Dataset
        The training images of the run.
    checkpoint : Path, optional
        File in which the state after each epoch is kept.
    report : callable, optional
        Called with the `Report` of every epoch.
    keep : bool
        Whether training goes on from a checkpoint that other code made.

    Raises
    ------
    TrainingDivergedError
        If the loss stops being finite.
    CheckpointError
        If the checkpoint cannot be read or is of another run, or other code had a part in it
        and it is not to be kept.
    """
    instance("run", run, Run)
    instance("images", images, Dataset)
    if checkpoint is not None:
        checkpoint = checked_path("checkpoint", checkpoint)
    if report is not None:
        function("report", report)
    _, seed = _streams(run.seed)
    generator = torch.Generator(images.images.device).manual_seed(seed)
    held_out = None
    if run.held_out:
        images, held_out = images.held_out(run.held_out, generator=generator)
    model = build_network(run, images, generator=generator)
    epochs = train(
        model,
        images,
        run.recipe.curriculum(images),
        run.schedule,
        generator=generator,
        prepare=CropFlip(run.crop) if run.crop else None,
        patience=run.patience,
        precision=PRECISIONS[run.precision],
        held_out=held_out,
        checkpoint=checkpoint,
        configuration=run.training,
        code=code_of(train_run),
        keep=keep,
    )
    for epoch in epochs:
        if report is not None:
            report(epoch)
    return model


def build_network(run: Run, images: Dataset, *, generator: torch.Generator) -> nn.Module:
    """Return the network of a run with its first weights, on the device of the images."""
    return network(
        run.network,
        images.shape,
        images.classes,
        generator=generator,
        width=run.width,
        depth=run.depth,
        statistics=images.statistics,
    ).to(images.images.device)


def restore_run(path: Path) -> tuple[Run, nn.Module]:
    """Return the run and the trained network of a checkpoint, as far as it was trained.

    Raises
    ------
    CheckpointError
        If the file is not a checkpoint of a run.
    """
    configuration, state = open_checkpoint(path)
    try:
        run = Run.from_json({**configuration, "measures": {}, "test": 0})
    except (TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"checkpoint {path} must be of a run: {reason(error)}") from None
    images, _ = run.data()
    model = build_network(run, images, generator=torch.Generator())
    try:
        model.load_state_dict(state["trained"])
    except (KeyError, TypeError, AttributeError, RuntimeError) as error:
        raise CheckpointError(f"checkpoint {path} must fit its network: {reason(error)}") from None
    return run, model.eval()


def evaluate_run(
    run: Run, model: nn.Module, images: Dataset
) -> tuple[Outcomes, list[dict[str, Any]]]:
    """Return the flags of a model on test images, and their rows of counts.

    Parameters
    ----------
    run : Run
    model : nn.Module
    images : Dataset
        The test images of the run.

    Raises
    ------
    ValueError
        As `empirical.evaluation.evaluate.evaluate`.
    """
    instance("run", run, Run)
    instance("model", model, nn.Module)
    instance("images", images, Dataset)
    flags = evaluate(model, images, run.measures, seed=run.seed)
    return flags, flags.rows(run.labels(images))


def _streams(seed: int) -> tuple[np.random.Generator, int]:
    """Return the generator of the images and the seed of the training."""
    images, training = np.random.SeedSequence(seed).spawn(2)
    state = training.generate_state(1, np.uint64)[0] >> np.uint64(1)
    return np.random.default_rng(images), int(state)
