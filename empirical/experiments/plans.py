"""Families of runs, as values: what an experiment trains and measures in a profile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from empirical.experiments.runs import Run

__all__ = ["PROFILES", "Experiment", "Plan"]

PROFILES = ("smoke", "quick", "full", "paper")


@dataclass(frozen=True)
class Plan:
    """Runs to be made, each with every one of `seeds` seeds.

    Parameters
    ----------
    runs : dict
        Runs by name.
    seeds : int
    later : frozenset of str
        Runs that are made after all seeds of the others: a sweep that is stopped early has then
        answered its main question.
    checked : int
        Images on which AutoAttack checks the other attacks, in the runs of the first seed.
    """

    runs: Mapping[str, Run]
    seeds: int
    later: frozenset[str] = frozenset()
    checked: int = 0

    def tasks(self, first_seed: int, seeds: int | None = None) -> dict[str, Run]:
        """Return the runs by name, seed after seed, counted from `first_seed`."""
        count = self.seeds if seeds is None else seeds
        return {
            f"{name}-{seed}": self._seeded(run, seed, first=seed == first_seed)
            for late in (False, True)
            for seed in range(first_seed, first_seed + count)
            for name, run in self.runs.items()
            if (name in self.later) is late
        }

    def _seeded(self, run: Run, seed: int, *, first: bool) -> Run:
        if first and self.checked:
            run = replace(run, measures=replace(run.measures, checked=self.checked))
        return replace(run, seed=seed)


@dataclass(frozen=True)
class Experiment:
    """A question, and the plan that answers it in each profile."""

    name: str
    question: str
    plan: Callable[[str], Plan]
