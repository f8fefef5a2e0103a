"""Small versions of the commands that `make reproduce` runs, in processes that may be killed."""

import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from empirical.evaluation.measures import Measures
from empirical.experiments.catalogue import EXPERIMENTS
from empirical.experiments.plans import Experiment, Plan
from empirical.experiments.runs import Run
from empirical.training.checkpoints import open_checkpoint
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from simulations.records import Record
from simulations.validation import experiments
from tradeoff import main

__all__ = ["COMMANDS", "Command", "leftovers", "outcome"]

# The servers of processes import once what each command would import for itself.
_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload([__name__, "paper_figures.catalogue", "matplotlib.figure"])

COMMANDS = {
    "simulate": ("simulate", "closed-forms", "--profile", "smoke", "--out"),
    "sweep": ("sweep", "mnist_rotation", "--profile", "smoke", "--out"),
    "own images": ("sweep", "orientation_texture", "--profile", "smoke", "--out"),
    "train": ("train", "mnist_rotation/augmented-60", "--profile", "smoke", "--out"),
    "figures": ("figures", "mnist_rotation", "validation", "bounds_table", "--out"),
}
"""What each is called with before the folder of its results."""


def _plan(dataset: str, measures: Measures) -> Callable[[str], Plan]:
    """Return networks of two seconds, most of which is spent between checkpoints."""
    base = Run(
        dataset, "stdcnn", Recipe("natural"), schedule=AdamOneCycle(6, batch_size=32, peak=0.02),
        measures=measures, width=2, train=192, held_out=32, test=24,
    )  # fmt: skip
    runs = {"natural": base, "augmented-60": replace(base, recipe=Recipe("augmented", degrees=60))}
    return lambda _profile: Plan(runs, 2)


def _call(arguments: tuple[str, ...], output: Connection, largest: int | None) -> None:
    """Run a command as a process of its own, with small plans and files of limited size."""
    os.setsid()
    for stream in (1, 2):
        os.dup2(output.fileno(), stream)
    if largest is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    for name, dataset, measures in (
        (
            "mnist_rotation",
            "mnist",
            Measures(rotations=(60.0,), epsilons=(0.1,), steps=2, apgd_steps=0),
        ),
        (
            "orientation_texture",
            "orientation-texture",
            Measures(epsilons=(0.12,), steps=2, apgd_steps=0),
        ),
    ):
        EXPERIMENTS[name] = Experiment(name, "?", _plan(dataset, measures))
    experiments.PROFILES["smoke"] = 2000
    sys.argv = ["tradeoff", *arguments]
    main()


class Command:
    """A command that runs in a session of its own."""

    def __init__(self, name: str, out: Path, *, largest: int | None = None) -> None:
        self._output, output = _SERVER.Pipe(duplex=False)
        arguments = (*COMMANDS[name], str(out))
        self.process = _SERVER.Process(target=_call, args=(arguments, output, largest))
        self.process.start()
        output.close()

    def kill(self, *, workers: bool) -> None:
        """Kill it, together with its workers or leaving them to find out."""
        for pid in _alive(self.process.pid) if workers else [self.process.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid or 0, signal.SIGKILL)
        self.process.join()

    def finish(self) -> tuple[int, str]:
        """Wait for its end and that of its workers; return its exit code and what it printed."""
        printed = b""
        while part := os.read(self._output.fileno(), 4096):
            printed += part
        self.process.join()
        self.rest()
        return self.process.exitcode or 0, printed.decode()

    def rest(self) -> None:
        """Wait for the end of the workers."""
        end = time.monotonic() + 60.0
        while _alive(self.process.pid):
            assert time.monotonic() < end, "workers outlive their run"
            time.sleep(0.02)


def _alive(session: int | None) -> list[int]:
    """Processes of a session that are alive."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            pid = int(entry.name)
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if os.getsid(pid) == session and state != "Z":
                found.append(pid)
        except (OSError, ValueError):
            continue
    return found


def outcome(out: Path) -> dict[str, object]:
    """What a command leaves: the content of each file, without times and places."""
    found: dict[str, object] = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            name = str(path.relative_to(out))
            found[name] = Record.load(path).content if path.suffix == ".json" else path.read_bytes()
            if path.suffix == ".pt":
                found[name] = _weights(path)
    return found


def _weights(path: Path) -> object:
    """All of a checkpoint but the seconds of its epochs."""
    configuration, state = open_checkpoint(path)
    trained = {name: value.tolist() for name, value in state["trained"].items()}
    losses = [(report["loss"], report["held_out_loss"]) for report in state.get("reports", ())]
    return configuration, state["epoch"], state["code"], trained, losses


def leftovers(out: Path) -> list[Path]:
    """Files of writers that were ended."""
    return [path for path in out.rglob("*") if path.name.endswith(".tmp")]
