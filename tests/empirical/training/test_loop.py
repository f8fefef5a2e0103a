"""Training learns, repeats, resumes after a kill, and stops where it must."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from empirical.data.dataset import Dataset
from empirical.data.mnist import load_mnist
from empirical.networks.architectures import network
from empirical.training.checkpoints import (
    CheckpointError,
    load_weights,
    open_checkpoint,
    save_checkpoint,
)
from empirical.training.curriculum import (
    Curriculum,
    Stage,
    adversarial,
    augmented,
    cusp,
    natural,
)
from empirical.training.loop import FINISHED, Report, TrainingDivergedError, train
from empirical.training.objectives import Natural
from empirical.training.schedules import AdamOneCycle, Attack, Schedule, SgdLinear, SgdSteps
from empirical.transforms.random import Rotations
from tests import ROOT

SCHEDULE = AdamOneCycle(epochs=4, batch_size=32)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    """Small real digits: 160 images, every second pixel."""
    whole = load_mnist("train")
    part = whole.take(torch.arange(160) * 300)
    return Dataset(part.images[:, :, ::2, ::2].contiguous(), part.labels, 10, name="digits")


def fresh(seed: int = 1) -> nn.Module:
    return network(
        "stdcnn", (1, 14, 14), 10, generator=torch.Generator().manual_seed(seed), width=4
    )


def run(model: nn.Module, digits: Dataset, seed: int = 2, **options: object) -> list[Report]:
    generator = torch.Generator().manual_seed(seed)
    return list(
        train(model, digits, augmented(30), SCHEDULE, generator=generator, **options)  # type: ignore[arg-type]
    )


def same(first: nn.Module, second: nn.Module) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


@pytest.mark.parametrize(
    "schedule",
    [
        AdamOneCycle(6, batch_size=16),
        SgdSteps(6, batch_size=16, peak=0.05),
        SgdLinear(6, batch_size=16, peak=0.1, averaging=0.8),
    ],
)
def test_a_network_learns(digits: Dataset, schedule: Schedule) -> None:
    model = fresh()
    generator = torch.Generator().manual_seed(0)
    reports = list(train(model, digits, natural(), schedule, generator=generator))
    accuracy = (model(digits.images / 255).argmax(1) == digits.labels).double().mean()
    assert reports[-1].loss < 0.6 * reports[0].loss
    assert accuracy > 0.5  # chance is 0.1
    assert not model.training
    assert reports[-1].rate == pytest.approx(schedule.rate((5 + 9 / 10) / 6))


def test_a_seed_repeats_and_another_does_not(digits: Dataset) -> None:
    first, second, other = fresh(), fresh(), fresh()
    run(first, digits)
    run(second, digits)
    run(other, digits, seed=3)
    assert same(first, second)
    assert not same(first, other)


@pytest.mark.parametrize("held", [0, 40])
@pytest.mark.parametrize(
    "schedule", [SCHEDULE, SgdLinear(epochs=4, batch_size=32, peak=0.05, averaging=0.9)]
)
def test_an_interrupted_run_goes_on(
    digits: Dataset, tmp_path: Path, schedule: Schedule, held: int
) -> None:
    def epochs(model: nn.Module, seed: int, checkpoint: Path | None) -> Iterator[Report]:
        return train(
            model, digits, augmented(30), schedule,
            generator=torch.Generator().manual_seed(seed),
            held_out=digits.take(slice(0, held)) if held else None, checkpoint=checkpoint,
        )  # fmt: skip

    whole, part, resumed = fresh(), fresh(), fresh(seed=9)
    list(epochs(whole, 2, None))
    interrupted = epochs(part, 2, tmp_path / "run.pt")
    next(interrupted)
    next(interrupted)
    reports = list(epochs(resumed, 5, tmp_path / "run.pt"))
    assert [report.epoch for report in reports] == [2, 3]
    assert same(resumed, whole)
    assert all(
        torch.equal(value, whole.state_dict()[name])
        for name, value in load_weights(tmp_path / "run.pt").items()
    )


def test_the_trained_network_is_the_average_of_the_weights(digits: Dataset) -> None:
    """Recomputed from the weights after every step."""
    seen: list[dict[str, torch.Tensor]] = []
    model = fresh()

    class Watched:
        """Keeps the weights with which each batch is seen."""

        def __call__(self, images: torch.Tensor, *, generator: torch.Generator) -> torch.Tensor:
            del generator
            seen.append({name: value.clone() for name, value in model.state_dict().items()})
            return images

    schedule = SgdLinear(2, batch_size=32, peak=0.05, averaging=0.6)
    epochs = train(
        model, digits, natural(), schedule, generator=torch.Generator().manual_seed(0),
        prepare=Watched(),
    )  # fmt: skip
    last = [
        {name: value.clone() for name, value in model.state_dict().items()}
        for report in epochs
        if report.epoch == 1
    ]
    steps = [*seen[1:], *last]
    assert len(steps) == 10
    for name, found in model.state_dict().items():
        expected = steps[0][name]
        for count, step in enumerate(steps[1:], start=1):
            if expected.is_floating_point():
                share = min(0.6, (1 + count) / (10 + count))
                expected = share * expected + (1 - share) * step[name]
            else:
                expected = step[name]
        assert torch.allclose(found.double(), expected.double(), rtol=1e-5, atol=1e-6), name
    assert not torch.equal(model[1][0].filters.weight, steps[-1]["1.0.filters.weight"])


def test_norms_and_biases_do_not_decay(digits: Dataset) -> None:
    """With a loss that does not depend on them, only filters and dense layers shrink."""
    model = fresh()
    before = {name: value.clone() for name, value in model.named_parameters()}

    class Constant:
        """No gradient at all."""

        def __call__(self, model: nn.Module, *_: object, **__: object) -> torch.Tensor:
            return sum(0.0 * weight.sum() for weight in model.parameters())  # type: ignore[return-value]

        def scaled(self, share: float) -> "Constant":
            del share
            return self

    schedule = SgdLinear(2, peak=0.1, weight_decay=0.1, averaging=0.0)
    curriculum = Curriculum((Stage(1.0, Constant()),))
    list(train(model, digits, curriculum, schedule, generator=torch.Generator().manual_seed(0)))
    for name, value in model.named_parameters():
        assert torch.equal(value, before[name]) is (value.ndim == 1), name


def test_another_configuration_is_not_continued(digits: Dataset, tmp_path: Path) -> None:
    run(fresh(), digits, checkpoint=tmp_path / "run.pt", configuration={"seed": 1})
    with pytest.raises(CheckpointError, match="got another seed"):
        run(fresh(), digits, checkpoint=tmp_path / "run.pt", configuration={"seed": 2})


def test_other_code_goes_on_only_on_purpose_and_is_listed(digits: Dataset, tmp_path: Path) -> None:
    path, old, new = tmp_path / "run.pt", {"sources": "old"}, {"sources": "new"}
    run(fresh(), digits, checkpoint=path, code=old)
    with pytest.raises(CheckpointError, match="got other sources; choose another folder, or"):
        run(fresh(), digits, checkpoint=path, code=new)
    assert run(fresh(), digits, checkpoint=path, code=old) == []
    assert open_checkpoint(path)[1]["code"] == [old]
    _, state = open_checkpoint(path)
    save_checkpoint(path, state | {"epoch": state["epoch"] - 1}, configuration={})
    assert len(run(fresh(), digits, checkpoint=path, code=new, keep=True)) == 1
    assert open_checkpoint(path)[1]["code"] == [old, new]
    with pytest.raises(CheckpointError, match="got other sources"):
        run(fresh(), digits, checkpoint=path, code=new)


def test_the_weights_of_a_finished_network_are_enough(digits: Dataset, tmp_path: Path) -> None:
    path, model = tmp_path / "run.pt", fresh()
    run(model, digits, checkpoint=path)
    state = open_checkpoint(path)[1]
    save_checkpoint(path, {name: state[name] for name in FINISHED}, configuration={})
    again = fresh(7)
    assert run(again, digits, seed=9, checkpoint=path) == []
    assert same(again, model)
    assert not again.training


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"model": {}},
        {"model": 3},
        {"model": {"a": 1}},
        {"trained": {"a": 1}, "epoch": 1, "code": []},
    ],
)
def test_a_state_of_something_else_is_refused(
    digits: Dataset, tmp_path: Path, state: dict[str, object]
) -> None:
    save_checkpoint(tmp_path / "run.pt", state, configuration={})
    with pytest.raises(CheckpointError, match=r"run\.pt must fit this network, got another"):
        run(fresh(), digits, checkpoint=tmp_path / "run.pt")


def test_the_best_epoch_on_held_out_images_is_kept(digits: Dataset) -> None:
    model = fresh()
    rough = SgdSteps(epochs=5, batch_size=32, peak=2.0, milestones=())
    seen: list[dict[str, torch.Tensor]] = []
    losses = []
    for report in train(
        model, digits.take(slice(0, 64)), natural(), rough,
        generator=torch.Generator().manual_seed(0), held_out=digits.take(slice(64, 160)),
    ):  # fmt: skip
        losses.append(report.held_out_loss)
        seen.append({name: value.clone() for name, value in model.state_dict().items()})
    best = min(range(5), key=lambda epoch: losses[epoch] or 0.0)
    assert best < 4  # the last epoch is not the best one, or nothing is tested
    assert all(torch.equal(value, seen[best][name]) for name, value in model.state_dict().items())


def test_patience_ends_a_run_that_does_not_improve(digits: Dataset) -> None:
    rough = SgdSteps(epochs=12, batch_size=32, peak=2.0, milestones=())
    reports = list(
        train(
            fresh(), digits.take(slice(0, 64)), natural(), rough,
            generator=torch.Generator().manual_seed(0), held_out=digits.take(slice(64, 160)),
            patience=1,
        )
    )  # fmt: skip
    losses = [report.held_out_loss or 0.0 for report in reports]
    assert len(reports) < 12
    assert min(losses) < losses[-1]
    assert all(after < min(losses[:n]) for n, after in enumerate(losses[1:-1], start=1))


def test_stages_follow_the_curriculum(digits: Dataset) -> None:
    generator = torch.Generator().manual_seed(0)
    curriculum = cusp(Attack(0.1, steps=1))
    reports = list(train(fresh(), digits, curriculum, SCHEDULE, generator=generator))
    assert [report.stage for report in reports] == [0, 0, 1, 2]


def test_stages_are_resolved_within_an_epoch(digits: Dataset) -> None:
    """In a run of 3 epochs the second stage of three, 1/8 of the run, is trained too."""
    used: list[float] = []

    class Watched(Natural):
        """Notes which stage is trained."""

        def __call__(self, *arguments: Any, **options: Any) -> torch.Tensor:
            assert isinstance(self.spatial, Rotations)
            used.append(self.spatial.degrees)
            return super().__call__(*arguments, **options)

    stages = tuple(
        Stage(until, Watched(Rotations(degrees)))
        for until, degrees in ((75.0, 1.0), (90.0, 2.0), (120.0, 3.0))
    )
    reports = list(
        train(
            fresh(), digits, Curriculum(stages), AdamOneCycle(3, batch_size=20),
            generator=torch.Generator().manual_seed(0), held_out=digits.take(slice(0, 40)),
        )
    )  # fmt: skip
    steps = [degrees for degrees in used if degrees != 3.0]
    assert steps == [1.0] * 15 + [2.0] * 3
    # held-out images are only looked at where epochs are compared
    assert [report.held_out_loss is None for report in reports] == [True, True, False]


def test_divergence_stops_and_keeps_the_last_good_epoch(digits: Dataset, tmp_path: Path) -> None:
    class Breaks(nn.Module):
        """Turns to NaN at the 8th batch in training mode."""

        def __init__(self) -> None:
            super().__init__()
            self.layers, self.batches = fresh(), 0

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            self.batches += self.training
            return self.layers(images) * (float("nan") if self.batches == 8 else 1.0)

    path = tmp_path / "run.pt"
    match = r"loss must be finite, got nan in epoch 1, step 2; .*run.pt keeps epoch 0; lower"
    with pytest.raises(TrainingDivergedError, match=match):
        run(Breaks(), digits, checkpoint=path)
    _, state = open_checkpoint(path)
    assert state["epoch"] == 1
    assert all(value.isfinite().all() for value in state["model"].values())


def test_divergence_at_once_says_so(digits: Dataset) -> None:
    model = fresh()
    with torch.no_grad():
        next(iter(model.parameters())).fill_(float("inf"))
    with pytest.raises(TrainingDivergedError, match="epoch 0, step 0; no checkpoint was asked"):
        run(model, digits)


def noise_training(path: Path, epochs: int) -> None:
    """Adversarial training on noise with a checkpoint, the same in any process."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(4)
    images = torch.rand(96, 1, 14, 14, generator=generator)
    noise = Dataset(images, torch.randint(10, (96,), generator=generator), 10)
    reports = train(
        fresh(),
        noise,
        adversarial(Attack(0.1, steps=2)),
        AdamOneCycle(epochs),
        generator=generator,
        held_out=noise.take(slice(0, 32)),
        checkpoint=path,
    )
    for _report in reports:
        pass


def killed_training(path: Path, epochs: int, delays: list[float]) -> None:
    """Start a process and kill it some seconds after it wrote a checkpoint; again; then finish."""
    call = f"noise_training(Path({str(path)!r}), {epochs})"
    script = f"from pathlib import Path\nfrom {__name__} import noise_training\n{call}"
    for delay in delays:
        before = path.stat().st_mtime_ns if path.exists() else 0
        command = [sys.executable, "-c", script]
        process = subprocess.Popen(command, cwd=ROOT)
        while process.poll() is None and not (path.exists() and path.stat().st_mtime_ns > before):
            time.sleep(0.002)
        time.sleep(delay)
        process.kill()
        assert process.wait() == -signal.SIGKILL, "the run ended before it was killed"
    noise_training(path, epochs)


def compare_kills(tmp_path: Path, epochs: int, delays: list[float]) -> None:
    noise_training(tmp_path / "whole.pt", epochs)
    killed_training(tmp_path / "killed.pt", epochs, delays)
    (_, whole), (_, killed) = (open_checkpoint(tmp_path / f"{n}.pt") for n in ("whole", "killed"))
    assert whole["epoch"] == killed["epoch"] == epochs
    for kind in ("model", "best"):
        for name, value in whole[kind].items():
            assert torch.equal(value, killed[kind][name]), name


def test_kill_minus_nine_changes_nothing(tmp_path: Path) -> None:
    compare_kills(tmp_path, 30, [0.01])


@pytest.mark.slow
def test_many_kills_change_nothing(tmp_path: Path) -> None:
    compare_kills(tmp_path, 120, [0.0, 0.011, 0.023, 0.05, 0.08, 0.13])


def test_adversarial_training_learns_robustness(digits: Dataset) -> None:
    """Robust accuracy on the training digits rises above natural training's."""
    from empirical.attacks.pgd import pgd

    robust = []
    for curriculum in (natural(), adversarial(Attack(0.08, steps=3))):
        model = fresh()
        generator = torch.Generator().manual_seed(0)
        list(train(model, digits, curriculum, AdamOneCycle(10, batch_size=16), generator=generator))
        images = digits.images / 255
        result = pgd(
            model, images, digits.labels, epsilon=0.08, steps=10, bounds=(0.0, 1.0),
            generator=generator,
        )  # fmt: skip
        robust.append(result.robust.double().mean().item())
    assert robust[1] > robust[0] + 0.15


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_a_gpu_trains_and_resumes(digits: Dataset, tmp_path: Path, precision: torch.dtype) -> None:
    data, model = digits.to("cuda"), fresh().to("cuda")
    reports = []
    for epochs in (2, 4):
        reports += list(
            train(
                model, data, adversarial(Attack(0.08, steps=2)),
                AdamOneCycle(epochs, batch_size=16),
                generator=torch.Generator("cuda").manual_seed(0), precision=precision,
                checkpoint=tmp_path / "run.pt",
            )
        )  # fmt: skip
    assert [report.epoch for report in reports] == [0, 1, 2, 3]
    assert reports[-1].loss < reports[0].loss
