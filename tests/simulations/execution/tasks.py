"""Tasks for the tests of execution: importable by worker processes."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np

from simulations.execution.execute import Delivery

Rows = list[dict[str, Any]]


def draw(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """Numbers whose every bit depends on the stream and, through BLAS, on the threads."""
    time.sleep(config.get("sleep", 0.0))
    rng = np.random.default_rng(sequence)
    matrix = rng.normal(size=(60, 60))
    return [{"i": config["i"], "sum": float((matrix @ matrix.T).sum()), "draw": rng.random()}]


def trace(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """As `draw`, and leave one file per call in a folder."""
    (Path(config["trace"]) / f"{config['i']}-{time.time_ns()}").touch()
    return draw(config, sequence)


def die_until(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """Kill the own process in the first `deaths` calls, counted by files in a folder."""
    folder = Path(config["trace"])
    calls = len(list(folder.glob(f"{config['i']}-*")))
    (folder / f"{config['i']}-{calls}").touch()
    if calls < config["deaths"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return draw(config, sequence)


def fail(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """Raise what a wrong configuration raises."""
    raise ValueError(f"level must be >= 0, got {config['i']}")


def threads(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """Tell how many threads the libraries of this process were given."""
    return [{name: os.environ[name] for name in config["names"]}]


def grow(config: dict[str, Any], sequence: np.random.SeedSequence) -> Rows:
    """Hold on to memory, as training does, past the second between two looks at it."""
    kept.append(np.ones(config["megabytes"] * 2**17))
    time.sleep(1.1)
    return [{"pid": os.getpid()}]


kept: list[Any] = []


def deliver(config: dict[str, Any], _sequence: np.random.SeedSequence) -> Rows:
    """Rows with a file, and what made them."""
    files = {"-words.txt": str(config["i"]).encode()}
    return Delivery([{"i": config["i"]}], files, {"device": "a pencil"})
