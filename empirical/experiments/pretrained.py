"""Trained networks that come with the package: small state dicts, and an index of what they are.

``python -m empirical.experiments.pretrained RECORD WEIGHTS ...`` puts them there.
"""

import argparse
import dataclasses
import hashlib
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from empirical.checks import pixel_values
from empirical.data.dataset import Dataset
from empirical.evaluation.evaluate import spatial_flags
from empirical.evaluation.measures import Measures
from empirical.evaluation.precision import full_precision
from empirical.experiments.runs import Run, restore_run
from empirical.networks.architectures import network
from empirical.training.checkpoints import load_weights, open_checkpoint
from empirical.transforms.random import Chain
from simulations.files import write_atomically
from simulations.records import Record
from theory.checks import InputError, one_of

__all__ = [
    "FOLDER",
    "main",
    "pretrained",
    "pretrained_index",
    "pretrained_measures",
    "pretrained_run",
    "save_pretrained",
]

FOLDER = Path(__file__).parent.parent / "networks" / "pretrained"
LARGEST = 1_000_000
"""Bytes of a file, above which weights are rounded to 16 bits where no answer depends on it."""
_INDEX = "index.json"
_COMPARED, _MAY_DIFFER = 1000, 2
_ATTACKED = 1000


def pretrained(name: str) -> nn.Module:
    """Return a trained network that comes with the package, in evaluation mode on the CPU.

    It takes images (N, C, H, W) in [0, 1] and returns one logit per class.

    Parameters
    ----------
    name : str
        DATASET/NETWORK-RECIPE, such as ``mnist/cnn5-mixture-0.5``; others are in the message of
        the error of an unknown name, and printed by ``tradeoff evaluate --pretrained list``.

    Raises
    ------
    ValueError
        If there is no network of that name, or its file is missing or not the one of the index.
    """
    entry = _entry(name)
    file = FOLDER / entry["file"]
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"weights {file} cannot be read: {error.strerror}") from None
    if found != entry["sha256"]:
        raise InputError(
            f"weights {file} must have SHA-256 {entry['sha256']}, got {found}; "
            "the file is damaged: restore it"
        )
    run = pretrained_run(name)
    channels, height, width = entry["shape"]
    model = network(
        run.network,
        (channels, height, width),
        entry["classes"],
        generator=torch.Generator(),
        width=run.width,
        depth=run.depth,
    )
    model.load_state_dict(load_weights(file))
    return model.eval()


def pretrained_index() -> dict[str, dict[str, Any]]:
    """Return what is known of every network, by name.

    ``file`` with its ``sha256``; ``precision`` of the weights; ``shape`` of the images and
    ``classes``; ``run``, all that determined the training, and its ``digest``; ``rows``, counted
    on test images before the weights were rounded, the ``measures`` that they are of, attacks
    included, and the digest of their ``record``.

    Raises
    ------
    RecordError
        If the index cannot be read or is damaged.
    """
    return {row["name"]: row for row in Record.load(FOLDER / _INDEX).rows}


def pretrained_run(name: str) -> Run:
    """Return the run that trained a network, without the measurements.

    Raises
    ------
    ValueError
        If there is no network of that name.
    """
    return Run.from_json({**_entry(name)["run"], "measures": {}, "test": 0})


def pretrained_measures(name: str) -> Measures:
    """Return what measures a network again as its counts were made, by the same attacks.

    Random rotations of the widest range and the largest radius, the latter on at most 1000 images,
    which are among those that were attacked if all test images are given.

    Raises
    ------
    ValueError
        If there is no network of that name.
    """
    entry = _entry(name)
    own = Measures(**entry["measures"])
    levels = {row["measure"]: (row["level"],) for row in entry["rows"]}
    return dataclasses.replace(
        own,
        rotations=levels.get("rotation", ()),
        epsilons=levels.get("adversarial", ()),
        translations=(),
        worst_rotations=(),
        joint_epsilons=(),
        boundary=0.0,
        checked=0,
        attacked=min(own.attacked or _ATTACKED, _ATTACKED),
    )


def save_pretrained(weights: Path, record: Path, *, largest: int = LARGEST) -> str:
    """Put a network that a sweep trained and measured among the trained ones; return its name.

    Of the rows, clean images, the widest rotations, the largest radius and the joint attack are
    kept. The counts are those of these weights: the clean one is made again.

    Parameters
    ----------
    weights : Path
        Checkpoint of a finished run, as a sweep leaves it.
    record : Path
        Of the sweep, or of its task.
    largest : int
        Bytes of a file of 32-bit weights. Above, they are rounded to 16 bits if of the first
        1000 test images at most 2 are answered differently then.

    Raises
    ------
    ValueError
        If the weights are not finished or cannot be read, or the record is of other runs, or its
        clean count is another by more than 2 in 1000 images.
    """
    run, model = _trained(weights)
    measured = Record.load(record)
    task, asked = _task_of(
        run, measured, f"record {record} must be of the task that made {weights}"
    )
    name = f"{run.dataset}/{task.removesuffix(f'-{run.seed}')}"
    _, test = asked.data()
    labels = asked.labels(test)
    rows = _headline([row for row in measured.rows if labels.items() <= row.items()])
    _check_clean(model, test, rows, f"record {record} must count what {weights} answers")
    content, precision = _content(model.state_dict()), "float32"
    if len(content) > largest:
        images = pixel_values(test.images[:_COMPARED])
        before = _answers(model, images)
        for weight in model.parameters():
            weight.data = weight.data.half().float()
        if int((_answers(model, images) != before).sum()) <= _MAY_DIFFER:
            halved = {key for key, _ in model.named_parameters()}
            state = model.state_dict()
            content = _content({k: v.half() if k in halved else v for k, v in state.items()})
            precision = "float16"
    entry: dict[str, Any] = {
        "name": name,
        "file": f"{name.replace('/', '-')}.pt",
        "sha256": hashlib.sha256(content).hexdigest(),
        "precision": precision,
        "shape": list(test.shape),
        "classes": test.classes,
        "run": run.training,
        "digest": run.digest,
        "record": measured.digest,
        "measures": dataclasses.asdict(asked.measures),
        "rows": rows,
    }
    others = pretrained_index() if (FOLDER / _INDEX).exists() else {}
    write_atomically(FOLDER / entry["file"], content)
    _write_index({**others, name: entry})
    return name


def main(arguments: Sequence[str] | None = None) -> None:
    """Put networks of a sweep among the trained ones: the record, then the weights of each.

    With ``--replace`` all others go. Prints the names.

    Raises
    ------
    ValueError
        As `save_pretrained`; the networks before the one at fault are then there.
    """
    parser = argparse.ArgumentParser(prog="python -m empirical.experiments.pretrained")
    parser.add_argument("record", type=Path, help="record of a sweep")
    parser.add_argument("weights", type=Path, nargs="+", help="checkpoints of its networks")
    parser.add_argument("--replace", action="store_true", help="remove all other networks")
    given = parser.parse_args(arguments)
    names = [save_pretrained(weights, given.record) for weights in given.weights]
    if given.replace:
        index = pretrained_index()
        _write_index({name: index[name] for name in names})
        for name in index.keys() - set(names):
            (FOLDER / index[name]["file"]).unlink(missing_ok=True)
    sys.stdout.write("".join(f"{name}\n" for name in names))


def _trained(weights: Path) -> tuple[Run, nn.Module]:
    """Return the run and the network of a finished checkpoint."""
    run, model = restore_run(weights)
    epochs = open_checkpoint(weights)[1].get("epoch")
    if epochs != run.schedule.epochs:
        raise InputError(
            f"checkpoint {weights} must be of all {run.schedule.epochs} epochs, got {epochs}"
        )
    return run, model


def _task_of(run: Run, measured: Record, wanted: str) -> tuple[str, Run]:
    """Return name and run of the task of a record that trained a network."""
    tasks = measured.config.get("tasks")
    if tasks is None:
        tasks = {measured.config.get("task"): measured.config.get("parameters")}
    for task, parameters in tasks.items():
        if isinstance(task, str) and isinstance(parameters, dict):
            asked = Run.from_json(parameters)
            if asked.training == run.training:
                return task, asked
    raise InputError(f"{wanted}, got one of {', '.join(map(str, tasks))}")


@full_precision()
def _check_clean(model: nn.Module, test: Dataset, rows: list[dict[str, Any]], wanted: str) -> None:
    """Check that a network is right on as many clean images as were counted.

    Another processor may answer an image otherwise whose logits are nearly equal.
    """
    correct, _ = spatial_flags(
        model, test, Chain(), batch_size=_COMPARED, generator=torch.Generator()
    )
    right = int(correct.sum())
    counted = [row for row in rows if row["measure"] == "clean"]
    if not counted or counted[0]["trials"] != len(test):
        raise InputError(f"{wanted}, clean images of the whole test set, got {counted}")
    if abs(counted[0]["successes"] - right) * _COMPARED > _MAY_DIFFER * len(test):
        raise InputError(
            f"{wanted}, got {counted[0]['successes']} clean images of {len(test)} for {right}"
        )


def _entry(name: str) -> dict[str, Any]:
    index = pretrained_index()
    return index[one_of("name", name, tuple(index))]


def _write_index(index: dict[str, dict[str, Any]]) -> None:
    Record("pretrained", {}, [row for _, row in sorted(index.items())]).save(FOLDER / _INDEX)


def _content(state: dict[str, Tensor]) -> bytes:
    """Return the bytes of a state dict in the common format."""
    stream = io.BytesIO()
    torch.save({key: value.contiguous() for key, value in state.items()}, stream)
    return stream.getvalue()


@torch.inference_mode()
def _answers(model: nn.Module, images: Tensor) -> Tensor:
    answers: Tensor = model(images).argmax(1)
    return answers


def _headline(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the counts at the largest level of each of the measures that are told."""
    told = []
    for measure in ("clean", "rotation", "adversarial", "joint"):
        found = [row for row in rows if row["measure"] == measure]
        if found:
            row = max(found, key=lambda row: row["level"])
            told.append({key: row[key] for key in ("measure", "level", "successes", "trials")})
    return told


if __name__ == "__main__":
    main()
