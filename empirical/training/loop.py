"""Training: one loop for every recipe, resumable after any kill."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from empirical.checks import Bounds
from empirical.data.dataset import Dataset, batch_sizes, batches, ordered_batches
from empirical.networks.layers import attack_mode
from empirical.training.checkpoints import CheckpointError, load_checkpoint, save_checkpoint
from empirical.training.curriculum import Curriculum
from empirical.training.objectives import Objective
from empirical.training.schedules import AdamOneCycle, Schedule, SgdLinear, SgdSteps
from empirical.transforms.random import Chain, Spatial
from simulations.files import checked_path
from simulations.records import check_json
from theory.checks import InputError, function, instance, integer, shown

__all__ = ["FINISHED", "Report", "TrainingDivergedError", "train"]

_PRECISIONS = (torch.float32, torch.bfloat16)
_Tensors = tuple[Tensor, ...] | list[Tensor]
FINISHED = ("trained", "epoch", "code")
"""What is kept of a finished network; a state of these alone is taken for one."""
HELD_OUT_SEED = 20_210_607
"""Draws on held-out images repeat exactly, so that epochs are compared on equal terms."""


class TrainingDivergedError(InputError):
    """The loss stopped being a number."""


@dataclass(frozen=True)
class Report:
    """What one epoch came to: the stage and the rate at its end, mean losses, seconds.

    Attributes
    ----------
    epoch : int
    stage : int
    loss, held_out_loss : float
        Means over the epoch's images and over the held-out ones; None without these.
    rate : float
    seconds : float
    """

    epoch: int
    stage: int
    loss: float
    held_out_loss: float | None
    rate: float
    seconds: float


def train(
    model: nn.Module,
    dataset: Dataset,
    curriculum: Curriculum,
    schedule: Schedule,
    *,
    generator: torch.Generator,
    prepare: Spatial | None = None,
    precision: torch.dtype = torch.float32,
    held_out: Dataset | None = None,
    patience: int | None = None,
    checkpoint: Path | None = None,
    configuration: Mapping[str, Any] | None = None,
    code: Mapping[str, str] | None = None,
    keep: bool = False,
) -> Iterator[Report]:
    """Train the model in place and yield a report after every epoch.

    With `held_out` images, a part of the training set, the objective of the last stage is
    measured on them after every epoch that ends in it; the model ends with the weights of the
    best of these epochs, and training stops early after `patience` of them without improvement.

    Parameters
    ----------
    model : nn.Module
        Moved and trained where the data set is.
    dataset : Dataset
    curriculum : Curriculum
        What is minimised when.
    schedule : AdamOneCycle, SgdSteps or SgdLinear
        Optimiser, learning rate, batch size, number of epochs.
    generator : torch.Generator
        Source of the order of the images, of the transformations and of the attacks' starts.
    prepare : Spatial, optional
        Applied to every training batch before the objective sees it, as `CropFlip`.
    precision : torch.dtype
        ``torch.bfloat16`` runs losses and attacks of training under autocast: faster where the
        processor has it, not the same network.  Weights and measurements stay in float32.
    held_out : Dataset, optional
    patience : int, optional
        Without it every epoch is run.
    checkpoint : Path, optional
        File in which the state after each epoch is kept.  If it exists, training goes on from
        it and ends with the same network as an uninterrupted run, bit for bit (tested with
        kill -9 in ``tests/empirical/training/test_loop.py``).  That of a finished network may
        hold its weights alone.
    configuration : dict, optional
        JSON values that say which run this is; no other run continues from its checkpoint.
    code : dict, optional
        What this code is (`simulations.execution.identity.code_of`).  The checkpoint lists all
        code that had a part in it.
    keep : bool
        Whether training goes on from a checkpoint that other code made.

    Raises
    ------
    ValueError
        If an argument is not what it should be.
    TrainingDivergedError
        If a loss is NaN or infinite; the checkpoint is then that of the last good epoch.
    CheckpointError
        If the checkpoint cannot be read or belongs to another configuration, or other code
        made it.
    """
    instance("model", model, nn.Module)
    instance("dataset", dataset, Dataset)
    instance("curriculum", curriculum, Curriculum)
    instance("schedule", schedule, AdamOneCycle, SgdSteps, SgdLinear)
    instance("generator", generator, torch.Generator)
    checkpoint = _check_options(
        prepare,
        precision,
        held_out=held_out,
        patience=patience,
        checkpoint=checkpoint,
        configuration=configuration,
    )
    optimizer = _optimizer(model, schedule)
    progress = _Progress(model, optimizer, generator, _average(model, schedule))
    if code is not None:
        progress.code = [dict(code)]
    if checkpoint is not None and checkpoint.exists():
        progress.restore(
            load_checkpoint(
                checkpoint, configuration=configuration or {}, code=None if keep else code
            ),
            checkpoint,
        )
    last_stage = len(curriculum.stages) - 1

    def objective_at(fraction: float) -> Callable[..., Tensor]:
        return _within(curriculum.objective(fraction), precision)

    while progress.epoch < schedule.epochs and not progress.exhausted(patience):
        started = time.perf_counter()
        losses = _epoch(progress, dataset, objective_at, schedule, prepare or Chain())
        stage = curriculum.stage((progress.epoch + 1) / schedule.epochs - 1e-9)
        _check_losses(losses, progress.epoch, checkpoint)
        held_out_loss = None
        if held_out is not None and stage == last_stage:
            objective = curriculum.stages[stage].objective
            held_out_loss = _held_out_loss(
                progress.trained, held_out, objective, schedule.batch_size
            )
            progress.compare(held_out_loss)
        report = Report(
            progress.epoch,
            stage,
            float(losses.mean()),
            held_out_loss,
            optimizer.param_groups[0]["lr"],
            time.perf_counter() - started,
        )
        progress.epoch += 1
        progress.reports.append(report)
        if checkpoint is not None:
            save_checkpoint(checkpoint, progress.state(), configuration=configuration or {})
        yield report
    model.load_state_dict(progress.best or progress.trained.state_dict())
    model.eval()


def _check_options(
    prepare: Spatial | None,
    precision: torch.dtype,
    *,
    held_out: Dataset | None,
    patience: int | None,
    checkpoint: Path | None,
    configuration: Mapping[str, Any] | None,
) -> Path | None:
    """Check what may be left out; return the checkpoint's path."""
    if not isinstance(precision, torch.dtype) or precision not in _PRECISIONS:
        raise InputError(f"precision must be one of {_PRECISIONS}, got {shown(precision)}")
    if prepare is not None:
        function("prepare", prepare)
    if held_out is not None:
        instance("held_out", held_out, Dataset)
    if patience is not None:
        integer("patience", patience, minimum=0)
    if configuration is not None:
        check_json("configuration", instance("configuration", configuration, dict))
    return None if checkpoint is None else checked_path("checkpoint", checkpoint)


def _optimizer(model: nn.Module, schedule: Schedule) -> torch.optim.Optimizer:
    if isinstance(schedule, AdamOneCycle):
        return torch.optim.Adam(
            model.parameters(), lr=schedule.peak, weight_decay=schedule.weight_decay, fused=True
        )
    if isinstance(schedule, SgdSteps):
        return torch.optim.SGD(
            model.parameters(),
            lr=schedule.peak,
            momentum=schedule.momentum,
            weight_decay=schedule.weight_decay,
            fused=True,
        )
    weights = list(model.parameters())
    return torch.optim.SGD(
        [
            {"params": [w for w in weights if w.ndim > 1], "weight_decay": schedule.weight_decay},
            {"params": [w for w in weights if w.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=schedule.peak,
        momentum=schedule.momentum,
        nesterov=True,
        fused=True,
    )


def _average(model: nn.Module, schedule: Schedule) -> AveragedModel | None:
    """Return the running average of the weights and of the statistics of the norms."""
    if isinstance(schedule, SgdSteps) or not schedule.averaging:
        return None
    limit = schedule.averaging

    def blend(averages: _Tensors, currents: _Tensors, count: Tensor | int) -> None:
        if not averages[0].is_floating_point():
            torch._foreach_copy_(averages, currents)
            return
        # early averages forget the first weights sooner
        share = min(limit, (1 + int(count)) / (10 + int(count)))
        torch._foreach_lerp_(averages, currents, 1 - share)

    return AveragedModel(model, multi_avg_fn=blend, use_buffers=True)


class _Progress:
    """Everything a run needs to go on: weights, optimiser, generator, epoch, best weights."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        generator: torch.Generator,
        average: AveragedModel | None,
    ) -> None:
        self.model, self.optimizer, self.generator = model, optimizer, generator
        self.average = average
        self.epoch = 0
        self.finished = False
        self.best: dict[str, Any] | None = None
        self.best_loss = math.inf
        self.stale = 0
        self.reports: list[Report] = []
        self.code: list[dict[str, str]] = []

    @property
    def trained(self) -> nn.Module:
        """The model that training ends with: the average, where one is kept."""
        return self.model if self.average is None else self.average.module

    def compare(self, loss: float) -> None:
        """Keep the weights if they are the best so far."""
        if loss < self.best_loss:
            self.best_loss, self.stale = loss, 0
            self.best = copy.deepcopy(self.trained.state_dict())
        else:
            self.stale += 1

    def exhausted(self, patience: int | None) -> bool:
        stopped = patience is not None and self.stale >= max(patience, 1)
        return self.finished or stopped

    def state(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "epoch": self.epoch,
            "average": None if self.average is None else self.average.state_dict(),
            "trained": self.best or self.trained.state_dict(),
            "best": self.best,
            "best_loss": self.best_loss,
            "stale": self.stale,
            "reports": [asdict(report) for report in self.reports],
            "code": self.code,
        }

    def restore(self, state: dict[str, Any], path: Path) -> None:
        """Go on from a state; `path` is where it comes from, for the message."""
        try:
            if state.keys() == set(FINISHED):
                self.trained.load_state_dict(state["trained"])
                self.finished = True
                return
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.generator.set_state(state["generator"])
            if self.average is not None:
                self.average.load_state_dict(state["average"])
            self.epoch, self.stale = int(state["epoch"]), int(state["stale"])
            self.best, self.best_loss = state["best"], float(state["best_loss"])
            self.reports = [Report(**report) for report in state["reports"]]
            before = [dict(made) for made in state.get("code", [{}])]
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError):
            raise CheckpointError(f"checkpoint {path} must fit this network, got another") from None
        self.code = before + [made for made in self.code if made not in before]


def _within(objective: Objective, precision: torch.dtype) -> Callable[..., Tensor]:
    """Return the objective computed under autocast, or as it is."""
    if precision == torch.float32:
        return objective

    def lowered(
        model: nn.Module,
        images: Tensor,
        labels: Tensor,
        *,
        bounds: Bounds,
        generator: torch.Generator,
    ) -> Tensor:
        with torch.autocast(images.device.type, dtype=precision):
            return objective(model, images, labels, bounds=bounds, generator=generator)

    return lowered


def _epoch(
    progress: _Progress,
    dataset: Dataset,
    objective_at: Callable[[float], Callable[..., Tensor]],
    schedule: Schedule,
    prepare: Spatial,
) -> Tensor:
    """One pass over the data; the loss of every step, up to the first that is not finite."""
    model, optimizer, generator = progress.model, progress.optimizer, progress.generator
    model.train()
    steps = len(batch_sizes(len(dataset), schedule.batch_size))
    losses: list[Tensor] = []
    for step, (images, labels) in enumerate(
        batches(dataset, schedule.batch_size, generator=generator)
    ):
        fraction = (progress.epoch + step / steps) / schedule.epochs
        rate = schedule.rate(fraction)
        for group in optimizer.param_groups:
            group["lr"] = rate
        prepared = prepare(images, generator=generator)
        loss = objective_at(fraction)(
            model, prepared, labels, bounds=dataset.bounds, generator=generator
        )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if progress.average is not None:
            progress.average.update_parameters(model)
        losses.append(loss.detach())
        # reading a loss waits for the device; on a GPU only now and then
        if (loss.device.type == "cpu" or step % 50 == 49) and not loss.isfinite():
            break
    return torch.stack(losses).cpu()


def _check_losses(losses: Tensor, epoch: int, checkpoint: Path | None) -> None:
    finite = losses.isfinite()
    if finite.all():
        return
    step = int((~finite).nonzero()[0])
    kept = "no checkpoint was asked for"
    if checkpoint is not None:
        kept = f"{checkpoint} keeps epoch {epoch - 1}" if epoch else "no epoch was finished"
    raise TrainingDivergedError(
        f"loss must be finite, got {losses[step]:g} in epoch {epoch}, step {step}; {kept}; "
        "lower the peak learning rate"
    )


def _held_out_loss(
    model: nn.Module, dataset: Dataset, objective: Objective, batch_size: int
) -> float:
    """Mean of the objective on held-out images, with fixed statistics and fixed draws."""
    generator = torch.Generator(dataset.images.device).manual_seed(HELD_OUT_SEED)
    total = torch.zeros((), dtype=torch.float64)
    with attack_mode(model):
        for images, labels in ordered_batches(dataset, batch_size):
            loss = objective(model, images, labels, bounds=dataset.bounds, generator=generator)
            total += loss.detach().cpu() * len(images)
    return float(total) / len(dataset)
