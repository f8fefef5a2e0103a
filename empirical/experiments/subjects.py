"""What an evaluation is about: a checkpoint of this program, or a model of the user."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from empirical.data.dataset import Dataset
from empirical.data.load import is_own, load_test
from empirical.experiments.adapter import Adapter, channel_values, check_model
from empirical.experiments.pretrained import pretrained, pretrained_run
from empirical.experiments.runs import Run, restore_run
from empirical.experiments.user_models import load_model
from theory.checks import InputError

__all__ = ["Subject", "open_subject"]

MOST = 1000
"""Test images that are taken where none of a number is asked for, unless they are the user's."""


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
    test: int | None,
    seed: int,
    device: str = "cpu",
    mean: str | None = None,
    std: str | None = None,
    logits: str | None = None,
    shipped: str | None = None,
) -> Subject:
    """Open a trained network of this program, or a user's model with a data set, and try it.

    Parameters
    ----------
    checkpoint : Path, optional
    model, weights : optional
        As for `empirical.experiments.user_models.load_model`.
    dataset : str, optional
        Name for `empirical.data.load.load_test`.
    test : int, optional
        Number of test images; 0: all. By default all of the user's own, 1000 of others.
    seed : int
        Of images that are drawn.
    device : str
    mean, std : str, optional
        As for `empirical.experiments.adapter.channel_values`, of the user's model.
    logits : str, optional
        Number or key of the logits among the outputs of the user's model.
    shipped : str, optional
        As for `empirical.experiments.pretrained.pretrained`.

    Raises
    ------
    ValueError
        Unless exactly one of checkpoint, model and shipped is given, the model with a data set;
        if the model does not return logits for these images.
    """
    if [checkpoint, model, shipped].count(None) != 2:
        raise InputError("evaluate needs one of a checkpoint, a model of your own and --pretrained")
    if model is None:
        own = {"weights": weights, "data": dataset, "mean": mean, "std": std, "logits": logits}
        given = [f"--{name}" for name, value in own.items() if value is not None]
        if given:
            raise InputError(
                f"{given[0]} goes with a model of your own, as mymodel:build; "
                "a network of this program has its own"
            )
        run, network = _trained(checkpoint, shipped)
        _, images = replace(run, test=_count(test, run.dataset)).data()
        subject = Subject(network, images, run.labels(images))
    else:
        if dataset is None:
            raise InputError("a model of your own needs --data, the test images")
        rng = np.random.default_rng(seed)
        images = load_test(dataset, _count(test, dataset), rng=rng)
        channels = images.shape[0]
        adapted = Adapter(
            load_model(model, weights),
            mean=None if mean is None else channel_values("mean", mean, channels),
            std=None if std is None else channel_values("std", std, channels),
            logits=int(logits) if logits is not None and logits.isdecimal() else logits,
        )
        labels = {"dataset": images.name, "network": model, "recipe": "foreign", "seed": seed}
        subject = Subject(adapted.eval(), images, labels)
    network, images = subject.model.to(device), subject.test.to(device)
    more = dataset is not None and is_own(dataset)  # classes than the images of the user show
    return replace(subject, model=network, test=check_model(network, images, more=more))


def _trained(checkpoint: Path | None, shipped: str | None) -> tuple[Run, nn.Module]:
    if checkpoint is not None:
        return restore_run(checkpoint)
    name = shipped or ""
    return pretrained_run(name), pretrained(name)


def _count(test: int | None, dataset: str) -> int:
    """Return how many test images to take, 0 for all."""
    if test is None:
        return 0 if is_own(dataset) else MOST
    return test
