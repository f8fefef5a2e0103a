"""A valid call of every public function, class and method of simulations."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import simulations
from simulations.execution.identity import code_of
from simulations.validation.experiments import check_task
from tests.fuzz.driver import Example
from tests.fuzz.objects import bound, folder, rng, setting

__all__ = ["EXAMPLES"]

_SEED = 7


def _halfspace() -> simulations.Halfspace:
    return simulations.Halfspace(np.array([1.0, 0.5, 0.0]), 0.1)


def _templates() -> simulations.Templates:
    return simulations.Templates(setting().mixture.means, np.zeros(2), np.array([1, 0]))


def _law() -> simulations.ScoreSampler:
    return simulations.spatial_sampler(setting(), _halfspace())


def _half(count: int) -> simulations.Estimate:
    return simulations.Estimate(count // 2, count)


def _record() -> simulations.Record:
    return simulations.Record("fuzz", {"seed": 1}, [{"n": 1}], {"seed": 1})


@cache
def _saved() -> Path:
    return _record().save(folder("simulations") / "record.json")


def _finished(name: str, profile: str, **others: Any) -> simulations.Record:
    """Run an experiment that has no tasks left; `execute` is given all other arguments."""
    return simulations.run(name, profile, _SEED, folder=_validated(), **others)


@cache
def _validated() -> Path:
    """Return a folder in which the records of an experiment are finished."""
    experiment = simulations.EXPERIMENTS["rotating-bump"]
    finished = folder("simulations") / "rotating-bump-smoke"
    for stream, task in enumerate(experiment.tasks):
        check = {"setting": "rotating-bump", "check": task.partition(".")[2], "samples": 20_000}
        config = {"task": task, "parameters": check, "seed": _SEED, "stream": stream}
        record = simulations.Record("rotating-bump", config, [], {"code": code_of(check_task)})
        record.save(finished / f"{task}.json")
    return finished.parent


# What a caller's own function says is not ours to word: int() is such a one.
_CALLED = ("int()",)
_COUNTED: dict[str, Any] = {"successes": 90, "trials": 100}

EXAMPLES: dict[str, Example] = {
    "Estimate": Example(simulations.Estimate, lambda: dict(_COUNTED)),
    "Estimate.interval": Example(
        simulations.Estimate(90, 100).interval, lambda: {"confidence": 0.9}
    ),
    "BoundedMean": Example(
        simulations.BoundedMean,
        lambda: {"mean": 0.1, "variance": 0.01, "count": 100, "bound": 1.0},
    ),
    "BoundedMean.interval": Example(
        simulations.BoundedMean(0.1, 0.01, 100, 1.0).interval, lambda: {"confidence": 0.9}
    ),
    "Halfspace": Example(
        simulations.Halfspace,
        lambda: {"normal": np.array([1.0, 0.5, 0.0]), "offset": 0.1, "positive": 1, "negative": 0},
    ),
    "Halfspace.certificate": Example(
        _halfspace().certificate, lambda: {"epsilon": 0.1, "norm": "linf"}
    ),
    "Halfspace.regions": Example(
        _halfspace().regions, lambda: {"label": 1, "epsilon": 0.1, "norm": "linf"}
    ),
    "Templates": Example(
        simulations.Templates,
        lambda: {
            "normals": np.ones((2, 3)),
            "offsets": np.zeros(2),
            "labels": np.array([0, 1]),
        },
    ),
    "Templates.certificate": Example(
        _templates().certificate, lambda: {"epsilon": 0.1, "norm": "linf"}
    ),
    "LikelihoodRatio": Example(
        simulations.LikelihoodRatio,
        lambda: {
            "normals": np.ones((2, 3)),
            "offsets": np.zeros(2),
            "labels": np.array([0, 1]),
        },
    ),
    "attack": Example(
        simulations.attack,
        lambda: {
            "classifier": _templates(),
            "epsilon": 0.1,
            "norm": "linf",
            "steps": 2,
            "rivals": 1,
        },
    ),
    "logistic_regression": Example(
        simulations.logistic_regression,
        lambda: {
            "setting": setting(),
            "count": 8,
            "weight": 0.5,
            "epsilon": 0.1,
            "rng": rng(),
            "penalty": 1e-4,
        },
        share=0.5,
    ),
    "nearest_mean": Example(simulations.nearest_mean, lambda: {"setting": setting()}),
    "nearest_template": Example(simulations.nearest_template, lambda: {"setting": setting()}),
    "optimal_rule": Example(
        simulations.optimal_rule, lambda: {"setting": setting(), "weight": 0.5}
    ),
    "minimax_rule": Example(
        simulations.minimax_rule, lambda: {"setting": setting(), "bound": bound()}
    ),
    "spatial_sampler": Example(
        simulations.spatial_sampler, lambda: {"setting": setting(), "classifier": _halfspace()}
    ),
    "adversarial_sampler": Example(
        simulations.adversarial_sampler,
        lambda: {"setting": setting(), "classifier": _halfspace()},
    ),
    "ScoreSampler.blocks": Example(_law().blocks, lambda: {"count": 10, "rng": rng()}),
    "InputSampler.blocks": Example(
        simulations.InputSampler(_law().observation).blocks, lambda: {"count": 10, "rng": rng()}
    ),
    "ScoreSampler": Example(simulations.ScoreSampler, lambda: {"observation": _law().observation}),
    "InputSampler": Example(simulations.InputSampler, lambda: {"observation": _law().observation}),
    "accuracy": Example(
        simulations.accuracy,
        lambda: {
            "law": _law(),
            "criterion": _halfspace().correct,
            "count": 10,
            "rng": rng(),
        },
        words=_CALLED,
    ),
    "spatial_accuracy": Example(
        simulations.spatial_accuracy,
        lambda: {
            "setting": setting(),
            "classifier": _halfspace(),
            "count": 10,
            "rng": rng(),
            "road": simulations.InputSampler,
        },
    ),
    "adversarial_accuracy": Example(
        simulations.adversarial_accuracy,
        lambda: {
            "setting": setting(),
            "classifier": _halfspace(),
            "count": 10,
            "rng": rng(),
            "criterion": None,
        },
        words=_CALLED,
    ),
    "images": Example(simulations.images, lambda: {"setting": setting(), "count": 3, "rng": rng()}),
    "transform": Example(
        simulations.transform, lambda: {"setting": setting(), "x": np.ones((2, 3)), "rng": rng()}
    ),
    "streams": Example(simulations.streams, lambda: {"seed": 1, "count": 2}),
    "anytime_interval": Example(
        simulations.anytime_interval,
        lambda: {"estimate": simulations.Estimate(90, 100), "confidence": 0.9},
    ),
    "decide_crossing": Example(
        simulations.decide_crossing,
        lambda: {
            "draw_spatial": _half,
            "draw_adversarial": _half,
            "curve": lambda accuracy: 1.0 - accuracy / 2.0,
            "confidence": 0.9,
            "limit": 10_000,
        },
    ),
    "rare_error": Example(
        simulations.rare_error,
        lambda: {
            "law": _law(),
            "classifier": _halfspace(),
            "count": 10,
            "epsilon": 0.1,
            "norm": "linf",
            "rng": rng(),
        },
    ),
    "quasi_accuracy": Example(
        simulations.quasi_accuracy,
        lambda: {
            "law": _law(),
            "criterion": _halfspace().correct,
            "points": 4,
            "replicates": 2,
            "rng": rng(),
        },
        words=_CALLED,
    ),
    "Record": Example(
        simulations.Record,
        lambda: {
            "experiment": "fuzz",
            "config": {"seed": 1},
            "rows": [{"n": 1}],
            "provenance": {"seed": 1},
            "schema": 1,
        },
    ),
    "Record.save": Example(_record().save, lambda: {"path": folder("simulations") / "saved.json"}),
    "Record.load": Example(simulations.Record.load, lambda: {"path": _saved()}, words=("record",)),
    "provenance": Example(
        simulations.provenance, lambda: {"seed": 1, "seconds": 1.0, "device": "cpu"}
    ),
    "execute": Example(
        simulations.execute,
        lambda: {
            "function": check_task,
            "tasks": {},
            "experiment": "fuzz",
            "folder": folder("simulations"),
            "seed": 1,
            "workers": 1,
            "cluster": None,
            "timeout": 10.0,
            "retries": 1,
            "progress": None,
            "keep": False,
        },
    ),
    "run": Example(
        _finished,
        lambda: {
            "name": "rotating-bump",
            "profile": "smoke",
            "workers": 1,
            "cluster": None,
            "keep": True,
        },
        words=("experiment",),
    ),
}
