"""What an evaluation is about: a checkpoint of this program, or a model of the user."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from empirical.data.dataset import Dataset
from empirical.data.load import load_dataset
from empirical.experiments.runs import restore_run
from empirical.experiments.user_models import load_model
from theory.checks import InputError

__all__ = ["Subject", "open_subject", "resolve_device"]


@dataclass(frozen=True)
class Subject:
    """A model, the images to measure it on, and what identifies it in rows."""

    model: nn.Module
    test: Dataset
    labels: dict[str, Any]


def open_subject(
    checkpoint: Path | None,
    model: str | None,
    weights: Path | None,
    dataset: str | None,
    *,
    test: int,
    seed: int,
) -> Subject:
    """Open a checkpoint, or a model of the user together with a data set.

    Raises
    ------
    ValueError
        Unless exactly one of checkpoint and model is given, the latter with a data set.
    """
    if (checkpoint is None) == (model is None):
        raise InputError("evaluate needs either a checkpoint or --model, not both")
    if checkpoint is not None:
        if weights is not None or dataset is not None:
            raise InputError("--weights and --dataset go with --model, a checkpoint has its own")
        run, network = restore_run(checkpoint)
        _, images = replace(run, test=test).data()
        return Subject(network, images, run.labels(images))
    if model is None or dataset is None:
        raise InputError("--model needs --dataset, the name of the test images")
    _, images = load_dataset(dataset, train=2, test=test, rng=np.random.default_rng(seed))
    labels = {"dataset": images.name, "network": model, "recipe": "foreign", "seed": seed}
    return Subject(load_model(model, weights), images, labels)


def resolve_device(device: str) -> str:
    """Return cpu or cuda for auto, cpu or cuda.

    Raises
    ------
    ValueError
        If CUDA is asked for where there is none.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device must be cpu, got cuda; no CUDA device was found")
    return device
