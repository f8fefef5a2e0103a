"""What a run costs on any number of workers, from figures measured on this machine."""

import math
from dataclasses import dataclass

from theory.checks import InputError, integer, nonnegative, positive

__all__ = ["CostModel", "Plan"]


@dataclass(frozen=True)
class Plan:
    """A predicted run: its time, what is paid for, and the share of it that does work.

    Attributes
    ----------
    seconds : float
        From the start of the command to its end.
    worker_hours : float
        Hours for which workers are held, busy or not.
    money : float
        In the currency of the price.
    efficiency : float
        Seconds inside tasks over seconds held, in (0, 1].
    """

    seconds: float
    worker_hours: float
    money: float
    efficiency: float


@dataclass(frozen=True)
class CostModel:
    """The cost of equal tasks that one planner hands to many workers.

    N tasks of D seconds on W workers take::

        start + max(ceil(N / W) * (D + gap), N * planner)

    Each worker works off its share, unless the planner, who sends every task and writes every
    record, is the bottleneck.  ``benchmarks/execution.py`` measures the parameters and
    ``simulations/SCALE.md`` holds the model against runs.

    Parameters
    ----------
    start : float
        Seconds until the workers run.
    gap : float
        Seconds that a worker waits between two tasks.
    planner : float
        Seconds of the planner per task.
    price : float
        Of one hour of one worker.

    Raises
    ------
    ValueError
        If a parameter is negative or not finite.
    """

    start: float
    gap: float
    planner: float
    price: float

    def __post_init__(self) -> None:
        for name in ("start", "gap", "planner", "price"):
            object.__setattr__(self, name, nonnegative(name, getattr(self, name)))

    def plan(self, *, tasks: int, seconds: float, workers: int) -> Plan:
        """Predict a run of `tasks` tasks of `seconds` seconds each.

        Raises
        ------
        ValueError
            If tasks or workers < 1, or seconds <= 0.
        """
        tasks = integer("tasks", tasks, minimum=1)
        workers = integer("workers", workers, minimum=1)
        seconds = positive("seconds", seconds)
        rounds = math.ceil(tasks / workers)
        total = self.start + max(rounds * (seconds + self.gap), tasks * self.planner)
        held = total * workers
        return Plan(total, held / 3600, held / 3600 * self.price, tasks * seconds / held)

    def most_workers(self, *, seconds: float) -> int:
        """Return up to how many workers the planner keeps busy with tasks of `seconds`.

        At least 1.  Beyond it, more workers do not end the run sooner: make tasks longer.
        """
        seconds = positive("seconds", seconds)
        if self.planner == 0.0:
            raise InputError("planner must be > 0 to limit the number of workers, got 0")
        return max(1, math.floor((seconds + self.gap) / self.planner))
