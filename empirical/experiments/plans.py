"""Families of runs, as values: what an experiment trains and measures in a profile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from empirical.experiments.runs import Run

__all__ = ["PROFILES", "Experiment", "Plan"]

PROFILES = ("smoke", "quick", "paper")


@dataclass(frozen=True)
class Plan:
    """Runs to be made, each with every one of `seeds` seeds."""

    runs: Mapping[str, Run]
    seeds: int

    def tasks(self, first_seed: int, seeds: int | None = None) -> dict[str, Run]:
        """Return the runs by name, the seeds counted from `first_seed`, seed after seed."""
        count = self.seeds if seeds is None else seeds
        return {
            f"{name}-{seed}": replace(run, seed=seed)
            for seed in range(first_seed, first_seed + count)
            for name, run in self.runs.items()
        }


@dataclass(frozen=True)
class Experiment:
    """A question, and the plan that answers it in each profile."""

    name: str
    question: str
    plan: Callable[[str], Plan]
