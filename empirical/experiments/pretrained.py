"""Trained networks that come with the package: small state dicts, and an index of what they are."""

import dataclasses
import hashlib
import io
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from empirical.checks import pixel_values
from empirical.experiments.runs import Run, restore_run
from empirical.networks.architectures import network
from empirical.training.checkpoints import load_weights, open_checkpoint
from simulations.files import write_atomically
from simulations.records import Record
from theory.checks import InputError, one_of

__all__ = ["FOLDER", "pretrained", "pretrained_index", "pretrained_run", "save_pretrained"]

FOLDER = Path(__file__).parent.parent / "networks" / "pretrained"
LARGEST = 1_000_000
"""Bytes of a file, above which weights are rounded to 16 bits where no answer depends on it."""
_INDEX = "index.json"
_COMPARED, _MAY_DIFFER = 1000, 2


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


def save_pretrained(checkpoint: Path, record: Path, *, largest: int = LARGEST) -> str:
    """Put the network of a finished run among the trained ones, and return its name.

    Of the rows, clean images, the widest rotations and the largest radius are kept.

    Parameters
    ----------
    checkpoint : Path
        Of a run that is finished.
    record : Path
        Of the task of a sweep that measured it.
    largest : int
        Bytes of a file of 32-bit weights. Above, they are rounded to 16 bits if of the first
        1000 test images at most 2 are answered differently then.

    Raises
    ------
    ValueError
        If the checkpoint is not finished or cannot be read, or the record is of another run.
    """
    run, model = restore_run(checkpoint)
    epochs = open_checkpoint(checkpoint)[1].get("epoch")
    if epochs != run.schedule.epochs:
        raise InputError(
            f"checkpoint {checkpoint} must be of all {run.schedule.epochs} epochs, got {epochs}"
        )
    measured = Record.load(record)
    task, parameters = (measured.config.get(key) for key in ("task", "parameters"))
    if (
        not isinstance(task, str)
        or (asked := Run.from_json(parameters or {})).training != run.training
    ):
        raise InputError(f"record {record} must be of the task that trained {checkpoint}")
    name = f"{run.dataset}/{task.removesuffix(f'-{run.seed}')}"
    _, test = run.data()
    content, precision = _content(model.state_dict()), "float32"
    if len(content) > largest:
        images = pixel_values(test.images[:_COMPARED])
        before = _answers(model, images)
        for weight in model.parameters():
            weight.data = weight.data.half().float()
        if int((_answers(model, images) != before).sum()) <= _MAY_DIFFER:
            weights = {key for key, _ in model.named_parameters()}
            state = model.state_dict()
            content = _content({k: v.half() if k in weights else v for k, v in state.items()})
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
        "rows": _headline(measured.rows),
    }
    others = pretrained_index() if (FOLDER / _INDEX).exists() else {}
    rows = [row for _, row in sorted({**others, name: entry}.items())]
    write_atomically(FOLDER / entry["file"], content)
    Record("pretrained", {}, rows).save(FOLDER / _INDEX)
    return name


def _entry(name: str) -> dict[str, Any]:
    index = pretrained_index()
    return index[one_of("name", name, tuple(index))]


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
    for measure in ("clean", "rotation", "adversarial"):
        found = [row for row in rows if row["measure"] == measure]
        if found:
            row = max(found, key=lambda row: row["level"])
            told.append({key: row[key] for key in ("measure", "level", "successes", "trials")})
    return told
