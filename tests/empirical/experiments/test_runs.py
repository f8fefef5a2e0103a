"""A run as a value, and what it determines."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from empirical.data.dataset import Dataset
from empirical.evaluation.measures import Measures
from empirical.experiments.runs import Run, evaluate_run, restore_run, train_run
from empirical.training.checkpoints import CheckpointError, save_checkpoint
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle, SgdSteps

RUN = Run(
    "orientation-texture",
    "stdcnn",
    Recipe("mixture", degrees=180.0, epsilon=0.12, steps=2),
    schedule=AdamOneCycle(2, batch_size=32),
    measures=Measures(epsilons=(0.12,), steps=2, apgd_steps=0),
    width=2,
    train=96,
    held_out=16,
    test=40,
)


def weights(run: Run, checkpoint: Path | None = None) -> list[torch.Tensor]:
    model = train_run(run, run.data()[0], checkpoint=checkpoint)
    return list(model.state_dict().values())


@pytest.mark.parametrize("run", [RUN, replace(RUN, schedule=SgdSteps(3), depth=1, crop=2)])
def test_runs_survive_json(run: Run) -> None:
    assert Run.from_json(json.loads(json.dumps(run.to_json()))) == run


def test_runs_recorded_before_there_were_exact_turns_remain_the_same() -> None:
    values = RUN.to_json()
    assert "exact" not in values["recipe"]
    assert "quarter_turns" not in values["measures"]
    other = replace(
        RUN,
        recipe=replace(RUN.recipe, exact=True),
        measures=replace(RUN.measures, quarter_turns=True),
    )
    assert Run.from_json(json.loads(json.dumps(other.to_json()))) == other
    assert other.digest != RUN.digest


def test_rows_tell_exact_turns_from_others() -> None:
    images = Dataset(torch.zeros(2, 1, 4, 4), torch.tensor([0, 1]), 2)
    other = replace(RUN, recipe=replace(RUN.recipe, exact=True))
    told, plain = other.labels(images), RUN.labels(images)
    assert {**told, "recipe": "mixture"} == plain
    assert told["recipe"] == "mixture_exact"


def test_the_digest_is_of_the_training_alone() -> None:
    assert replace(RUN, test=20, measures=Measures()).digest == RUN.digest
    for other in (replace(RUN, seed=1), replace(RUN, width=3), replace(RUN, crop=1)):
        assert other.digest != RUN.digest


def test_a_seed_is_a_network() -> None:
    first, second = weights(RUN), weights(RUN)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
    other = weights(replace(RUN, seed=1))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_a_checkpoint_gives_the_network_back(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    kept = weights(RUN, path)
    run, model = restore_run(path)
    assert run.training == RUN.training
    found = model.state_dict().values()
    assert all(torch.equal(a, b) for a, b in zip(kept, found, strict=True))


def test_a_checkpoint_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.pt"
    for configuration, state, message in (
        ({}, {}, "must be of a run: run cannot be read: 'recipe'"),
        ({"recipe": 1}, {}, "must be of a run"),
        (RUN.training, {}, "must fit its network: 'trained'"),
        (RUN.training, {"trained": 3}, "must fit its network"),
        (RUN.training, {"trained": {"other": torch.zeros(1)}}, "must fit its network: Error"),
    ):
        save_checkpoint(path, state, configuration=configuration)
        with pytest.raises(CheckpointError, match=message) as refused:
            restore_run(path)
        assert "\n" not in str(refused.value)


def test_rows_say_what_was_measured() -> None:
    images, test = RUN.data()
    _, rows = evaluate_run(RUN, train_run(RUN, images), test)
    assert {row["measure"] for row in rows} == {
        "clean", "spatial", "invariance", "pgd", "adversarial",
    }  # fmt: skip
    assert all(row["trials"] == 40 and row["weight"] == 0.5 for row in rows)
    assert rows[0]["degrees"] is None  # the group of the setting, not an angle


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(RUN, patience=-1), r"patience must be >= 0, got -1"),
        (lambda: replace(RUN, patience=1, held_out=0), r"patience needs held_out images, got 0"),
        (lambda: replace(RUN, precision="int4"), r"precision must be one of .*, got 'int4'"),
        (lambda: replace(RUN, train=-1), r"train must be >= 0, got -1"),
        (lambda: Run.from_json({**RUN.to_json(), "speed": 1}), r"run cannot be read"),
        (lambda: Run.from_json({"dataset": "mnist"}), r"run cannot be read: 'recipe'"),
        (lambda: replace(RUN, dataset="nowhere").data(), r"dataset must be one of"),
        (
            lambda: replace(RUN, dataset="mnist", train=60_001).data(),
            r"number of images must be <= 60000",
        ),
    ],
)
def test_bad_values_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_lower_precision_trains_another_network_with_float32_weights() -> None:
    lowered, exact = weights(replace(RUN, precision="bfloat16")), weights(RUN)
    assert all(value.dtype == other.dtype for value, other in zip(lowered, exact, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(lowered, exact, strict=True))
    assert all(value.isfinite().all() for value in lowered)
