"""What an evaluation is about."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from empirical.checks import resolve_device
from empirical.experiments.runs import Run, train_run
from empirical.experiments.subjects import open_subject
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle

HERE = "tests.empirical.experiments.test_subjects"


def factory() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.AdaptiveAvgPool1d(10))


def test_a_checkpoint_brings_its_own_test_images(tmp_path: Path) -> None:
    run = Run(
        "orientation-texture", "stdcnn", Recipe("natural"), schedule=AdamOneCycle(1, batch_size=32),
        width=2, train=64, seed=4,
    )  # fmt: skip
    train_run(run, run.data()[0], checkpoint=tmp_path / "run.pt")
    subject = open_subject(tmp_path / "run.pt", None, None, None, test=30, seed=0)
    assert len(subject.test) == 30
    assert subject.labels["seed"] == 4
    # those the run itself would be measured on, drawn after the same training images
    assert torch.equal(subject.test.images, replace(run, test=30).data()[1].images)


def test_a_model_of_the_user_needs_a_data_set() -> None:
    subject = open_subject(None, f"{HERE}:factory", None, "mnist", test=20, seed=0)
    assert subject.labels["recipe"] == "foreign"
    assert len(subject.test) == 20
    with pytest.raises(ValueError, match="a model of your own needs --data"):
        open_subject(None, f"{HERE}:factory", None, None, test=20, seed=0)
    with pytest.raises(
        ValueError, match="needs one of a checkpoint, a model of your own and --pre"
    ):
        open_subject(None, None, None, "mnist", test=20, seed=0)


def test_devices() -> None:
    assert resolve_device("cpu") == "cpu"
    assert resolve_device("auto") in {"cpu", "cuda"}
