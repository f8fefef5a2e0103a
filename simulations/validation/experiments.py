"""Named experiments, in sizes from seconds to hours, and their combined records."""

import os
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simulations.execution.execute import execute
from simulations.records import Record, combined
from simulations.validation.checks import CHECKS
from theory.checks import integer, one_of
from theory.setting.catalogue import SETTINGS, defaults

__all__ = ["EXPERIMENTS", "PROFILES", "Experiment", "experiment", "run"]

VALIDATION = tuple(name for name in CHECKS if name != "random-settings")
"""The checks of the whole validation; random settings have a record of their own."""
PROFILES = {"smoke": 20_000, "quick": 1_000_000, "paper": 20_000_000}


@dataclass(frozen=True)
class Experiment:
    """Checks on settings, each with a number of samples.

    Attributes
    ----------
    name : str
    checks : tuple of str
        Names of `simulations.validation.checks.CHECKS`.
    settings : tuple of str
        Names of `theory.setting.catalogue.SETTINGS`.
    samples : int >= 1000
        Samples of a single score; costlier classifiers are given fewer.

    Raises
    ------
    ValueError
        If a check or a setting is unknown, or samples < 1000.
    """

    name: str
    checks: tuple[str, ...] = VALIDATION
    settings: tuple[str, ...] = tuple(SETTINGS)
    samples: int = PROFILES["quick"]

    def __post_init__(self) -> None:
        for check in self.checks:
            one_of("check", check, tuple(CHECKS))
        for setting in self.settings:
            one_of("setting", setting, tuple(SETTINGS))
        integer("samples", self.samples, minimum=1000)

    @property
    def tasks(self) -> dict[str, dict[str, Any]]:
        """One task for each setting and check, by the name of its record."""
        return {
            f"{setting}.{check}": {"setting": setting, "check": check, "samples": self.samples}
            for setting in self.settings
            for check in self.checks
        }


# The whole validation, one experiment for each check, one for each setting.
EXPERIMENTS: dict[str, Experiment] = {
    "validation": Experiment("validation"),
    **{name: Experiment(name, checks=(name,)) for name in CHECKS},
    **{name: Experiment(name, settings=(name,)) for name in SETTINGS},
}


def experiment(name: str, profile: str) -> Experiment:
    """Return a named experiment in one of the profiles smoke, quick and paper.

    Raises
    ------
    ValueError
        If the name or the profile is unknown.
    """
    one_of("experiment", name, tuple(EXPERIMENTS))
    one_of("profile", profile, tuple(PROFILES))
    return replace(EXPERIMENTS[name], samples=PROFILES[profile])


def run(
    name: str,
    profile: str,
    seed: int,
    *,
    folder: str | os.PathLike[str] | None = None,
    workers: int = 1,
    cluster: str | None = None,
    keep: bool = False,
) -> Record:
    """Run a named experiment and return its combined record.

    Parameters
    ----------
    name : str
        One of `EXPERIMENTS`.
    profile : {"smoke", "quick", "paper"}
    seed : int >= 0
    folder : path, optional
        Where the record of each task is kept, so that an interrupted run resumes; by default
        a temporary folder.
    workers, cluster, keep
        See `simulations.execution.execute.execute`; the content of the record does not depend on
        them.

    Raises
    ------
    ValueError
        On an unknown name or profile, a bad seed or number of workers, or a folder that
        cannot be written.
    """
    chosen = experiment(name, profile)
    start = time.perf_counter()
    launch = partial(
        execute,
        check_task,
        chosen.tasks,
        experiment=name,
        seed=seed,
        workers=workers,
        cluster=cluster,
        keep=keep,
    )
    if folder is None:
        with tempfile.TemporaryDirectory() as scratch:
            records = launch(folder=scratch)
    else:
        records = launch(folder=Path(folder) / f"{name}-{profile}")
    return combined(
        name,
        {"profile": profile, "seed": seed, **asdict(chosen)},
        dict(zip(chosen.tasks, records, strict=True)),
        seed=seed,
        seconds=time.perf_counter() - start,
    )


def check_task(config: dict[str, Any], seed: np.random.SeedSequence) -> list[dict[str, Any]]:
    """Run one check on one setting; rows name both."""
    setting = defaults()[config["setting"]]
    rows = CHECKS[config["check"]](setting, config["samples"], seed)
    return [{"setting": config["setting"], "check": config["check"], **row} for row in rows]
