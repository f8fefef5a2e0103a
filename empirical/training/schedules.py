"""What a training run is made of, as values: schedules, attacks, evaluations.

Every class checks itself, is immutable, and reads back from the JSON it writes, so that a
configuration stored in a record or a checkpoint is the configuration that ran.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from theory.checks import InputError, integer, nonnegative, positive, probability, shown

__all__ = [
    "AdamOneCycle",
    "Attack",
    "Schedule",
    "SgdLinear",
    "SgdSteps",
    "schedule_from_json",
    "schedule_to_json",
]


@dataclass(frozen=True)
class Attack:
    """An l_inf attack by projected gradients, in units of the images.

    Parameters
    ----------
    epsilon : float
        Radius of the ball, in units of the images (8/255, not 8, for images in [0, 1]).
    steps : int
        Gradient steps per restart.
    restarts : int
        Independent random starts; an example counts as robust if it survives all.
    reach : float
        How far the steps can walk in total, in multiples of `epsilon`; the step size is
        ``reach * epsilon / steps``. A single step walks half as far, by default the 1.25 epsilon
        of Wong, Rice and Kolter (ICLR 2020): one of 2.5 epsilon ends at a corner of the ball
        wherever it starts.

    Raises
    ------
    ValueError
        If epsilon is negative or a count is below one.
    """

    epsilon: float
    steps: int = 10
    restarts: int = 1
    reach: float = 2.5

    def __post_init__(self) -> None:
        nonnegative("epsilon", self.epsilon)
        integer("steps", self.steps, minimum=1)
        integer("restarts", self.restarts, minimum=1)
        positive("reach", self.reach)

    @property
    def step_size(self) -> float:
        """Length of one step, in units of the images."""
        return self.reach * self.epsilon / max(self.steps, 2)

    def scaled(self, share: float) -> "Attack":
        """Return the same attack with a share of the radius."""
        return dataclasses.replace(self, epsilon=self.epsilon * share)


@dataclass(frozen=True)
class AdamOneCycle:
    """Adam under a one-cycle learning rate: up for 30 % of the run, then down to nearly zero.

    The rate is a cosine from ``peak / 25`` to ``peak`` and on to ``peak / 25e4``, the default
    cycle of `torch.optim.lr_scheduler.OneCycleLR`, written as a function of the fraction of
    the run so that resuming needs no scheduler state.  ``averaging`` as in `SgdLinear`.

    Parameters
    ----------
    epochs, batch_size : int
    peak : float > 0
    weight_decay : float >= 0
    averaging : float
        As for `SgdLinear`.

    Raises
    ------
    ValueError
        If a number is out of its range.
    """

    epochs: int
    batch_size: int = 128
    peak: float = 0.01
    weight_decay: float = 0.0
    averaging: float = 0.0

    def __post_init__(self) -> None:
        integer("epochs", self.epochs, minimum=1)
        integer("batch_size", self.batch_size, minimum=2)
        positive("peak", self.peak)
        nonnegative("weight_decay", self.weight_decay)
        probability("averaging", self.averaging)

    def rate(self, fraction: float) -> float:
        """Learning rate after a `fraction` of the run, 0 <= fraction <= 1."""
        start, end, warm = self.peak / 25, self.peak / 25e4, 0.3
        if fraction < warm:
            return _cosine(start, self.peak, fraction / warm)
        return _cosine(self.peak, end, (fraction - warm) / (1 - warm))


@dataclass(frozen=True)
class SgdSteps:
    """SGD with momentum whose rate falls by `factor` at given fractions of the run.

    The defaults are the paper's: 0.1, times 0.1 after 75, 90 and 100 of 120 epochs, momentum
    0.9, weight decay 5e-4, batches of 128.

    Parameters
    ----------
    epochs, batch_size : int
    peak : float > 0
        The rate at first.
    momentum, weight_decay : float
    milestones : tuple of float
        Fractions of the run, in increasing order.
    factor : float

    Raises
    ------
    ValueError
        If a number is out of its range, or the milestones do not increase.
    """

    epochs: int
    batch_size: int = 128
    peak: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 5e-4
    milestones: tuple[float, ...] = (75 / 120, 90 / 120, 100 / 120)
    factor: float = 0.1

    def __post_init__(self) -> None:
        integer("epochs", self.epochs, minimum=1)
        integer("batch_size", self.batch_size, minimum=2)
        positive("peak", self.peak)
        nonnegative("momentum", self.momentum)
        nonnegative("weight_decay", self.weight_decay)
        positive("factor", self.factor)
        if not isinstance(self.milestones, (tuple, list)):
            raise InputError(f"milestones must be a tuple, got {shown(self.milestones)}")
        milestones = tuple(nonnegative("milestones", m) for m in self.milestones)
        object.__setattr__(self, "milestones", milestones)
        if list(self.milestones) != sorted(self.milestones):
            raise InputError(f"milestones must increase, got {self.milestones}")

    def rate(self, fraction: float) -> float:
        """Learning rate after a `fraction` of the run, 0 <= fraction <= 1."""
        passed = sum(fraction >= milestone - 1e-12 for milestone in self.milestones)
        return self.peak * self.factor**passed


@dataclass(frozen=True)
class SgdLinear:
    """SGD with Nesterov momentum; the rate rises linearly for a share of the run, then falls to 0.

    Weight decay acts on filters and dense layers, not on norms and biases.

    Parameters
    ----------
    epochs, batch_size : int
    peak : float
        Highest rate.
    rise : float
        Share of the run after which it is reached, in (0, 1).
    momentum, weight_decay : float
    averaging : float
        The trained network is a running average of the weights, and of the statistics of the
        norms, in which the old average keeps this share at every step (less in the first steps);
        0: the last weights.
    """

    epochs: int
    batch_size: int = 128
    peak: float = 0.2
    rise: float = 0.25
    momentum: float = 0.9
    weight_decay: float = 5e-4
    averaging: float = 0.998

    def __post_init__(self) -> None:
        integer("epochs", self.epochs, minimum=1)
        integer("batch_size", self.batch_size, minimum=2)
        positive("peak", self.peak)
        if not 0 < probability("rise", self.rise) < 1:
            raise InputError(f"rise must be in (0, 1), got {self.rise}")
        positive("momentum", self.momentum)
        nonnegative("weight_decay", self.weight_decay)
        probability("averaging", self.averaging)

    def rate(self, fraction: float) -> float:
        """Learning rate after a `fraction` of the run, 0 <= fraction <= 1."""
        return self.peak * min(fraction / self.rise, (1 - fraction) / (1 - self.rise))


Schedule = AdamOneCycle | SgdSteps | SgdLinear
# Tags of records and checkpoints: they stay, whatever the classes are called.
# Tags of records and checkpoints: they stay, whatever the classes are called.
_SCHEDULES: dict[str, type[AdamOneCycle] | type[SgdSteps] | type[SgdLinear]] = {
    "Adam": AdamOneCycle,
    "Momentum": SgdSteps,
    "SgdLinear": SgdLinear,
}


def schedule_to_json(schedule: Schedule) -> dict[str, Any]:
    """Return the schedule as JSON values, its kind included."""
    (kind,) = (kind for kind, known in _SCHEDULES.items() if type(schedule) is known)
    return {"kind": kind, **_plain(dataclasses.asdict(schedule))}


def schedule_from_json(data: Mapping[str, Any]) -> Schedule:
    """Read what `schedule_to_json` wrote.

    Raises
    ------
    ValueError
        If the kind or a parameter is unknown.
    """
    values = dict(data)
    kind = values.pop("kind", None)
    if kind not in _SCHEDULES:
        raise InputError(f"schedule kind must be one of {sorted(_SCHEDULES)}, got {kind!r}")
    try:
        return _SCHEDULES[kind](**values)
    except TypeError as error:
        raise InputError(f"schedule {kind} cannot be read: {error}") from None


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _cosine(start: float, end: float, fraction: float) -> float:
    """Half a cosine wave from `start` to `end`."""
    return end + (start - end) * (1 + math.cos(math.pi * min(fraction, 1.0))) / 2
