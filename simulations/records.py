"""Records of runs: small JSON files, written atomically and checked on reading.

A record keeps what was asked (`config`), what was counted (`rows`) and where it came from
(`provenance`).  Everything but the provenance is a function of the configuration and the seed
alone, so two runs of one experiment have equal `Record.content`, on any number of workers.
"""

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Self

import numpy as np

from simulations.files import checked_path, write_atomically
from theory.checks import InputError, integer, nonnegative, shown, text

__all__ = ["Record", "RecordError", "check_json", "combined", "provenance", "sources"]

SCHEMA = 1
_PACKAGES = ("spatial-adversarial-tradeoff", "numpy", "scipy", "joblib", "torch")


class RecordError(InputError):
    """A record that cannot be read, is damaged, or holds what JSON cannot."""


@dataclass(frozen=True)
class Record:
    """The outcome of one run of an experiment.

    Parameters
    ----------
    experiment : str
        Name of the experiment.
    config : dict
        Everything that determines the rows, the seed included.
    rows : list of dict
        One measurement each, as counts (`successes` of `trials`) rather than percentages.
    provenance : dict
        Versions, commit, platform, seed and seconds; see `provenance`.
    schema : int
        Version of this format.
    warnings : list of str
        What speaks against the rows, as of a model that hides its gradients; in the file only
        if there are any.

    Raises
    ------
    RecordError
        If a value is not JSON: numbers must be finite, keys text.  NumPy numbers and arrays
        become plain numbers and lists.

    Notes
    -----
    Tested in ``tests/simulations/test_records.py``: a full disk leaves no broken file, every
    truncation and every flipped byte of a saved record is noticed by `load`.
    """

    experiment: str
    config: dict[str, Any]
    rows: list[dict[str, Any]]
    provenance: dict[str, Any] = field(default_factory=dict, compare=False)
    schema: int = SCHEMA
    warnings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.experiment, str) or not self.experiment:
            raise RecordError(f"experiment must be a name, got {shown(self.experiment)}")
        if not isinstance(self.schema, int) or self.schema != SCHEMA:
            raise RecordError(f"schema must be {SCHEMA}, got {shown(self.schema)}")
        kinds: dict[str, Any] = {"config": dict, "rows": list, "provenance": dict, "warnings": list}
        for name, kind in kinds.items():
            value = getattr(self, name)
            if not isinstance(value, kind):
                raise RecordError(f"{name} must be a {kind.__name__}, got {type(value).__name__}")
            object.__setattr__(self, name, json.loads(_encode(name, value)))
        if not all(isinstance(row, dict) for row in self.rows):
            raise RecordError("rows must be dictionaries, one per measurement")
        if not all(type(text) is str for text in self.warnings):
            raise RecordError("warnings must be texts")

    @property
    def content(self) -> str:
        """All but the provenance as canonical JSON: equal for equal configuration and seed."""
        names = ["schema", "experiment", "config", "rows", *(["warnings"] if self.warnings else [])]
        parts = {name: getattr(self, name) for name in names}
        return _encode("record", parts)

    @property
    def digest(self) -> str:
        """SHA-256 of the content and the provenance, as hexadecimal text."""
        return _sha256(self.content + _encode("provenance", self.provenance))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the record, whole or not at all (`simulations.files`).

        Raises
        ------
        OSError
            If the folder cannot be written or the disk is full.
        """
        return write_atomically(path, self._text().encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read a record and check it against its digest.

        Raises
        ------
        RecordError
            If the file is missing, unreadable, truncated, altered, or of another schema.
        """
        path = checked_path("path", path)
        try:
            data = json.loads(path.read_bytes())
        except OSError as error:
            raise RecordError(f"record {path} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise RecordError(f"record {path} is not JSON, truncated perhaps: {error}") from error
        names = {"schema", "experiment", "config", "rows", "provenance", "digest"}
        if not isinstance(data, dict) or set(data) - {"warnings"} != names:
            raise RecordError(f"record {path} must have exactly the keys {sorted(names)}")
        digest = data.pop("digest")
        try:
            record = cls(**data)
        except RecordError as error:
            raise RecordError(f"record {path} cannot be one: {error}") from None
        if record.digest != digest:
            raise RecordError(f"record {path} does not match its digest; run the experiment again")
        return record

    def _text(self) -> str:
        """One line per row, so that version control shows what changed."""
        rows = ",\n".join(_encode("rows", row) for row in self.rows)
        warnings = f'"warnings":{_encode("warnings", self.warnings)},\n' if self.warnings else ""
        return (
            f'{{"schema":{self.schema},\n"experiment":{json.dumps(self.experiment)},\n'
            f'"config":{_encode("config", self.config)},\n"rows":[\n{rows}\n],\n{warnings}'
            f'"provenance":{_encode("provenance", self.provenance)},\n"digest":"{self.digest}"}}\n'
        )


def provenance(*, seed: int, seconds: float, device: str = "cpu") -> dict[str, Any]:
    """Return where a record comes from: versions, commit, platform, seed, device, seconds.

    Parameters
    ----------
    seed : int >= 0
    seconds : float >= 0
        What the work took; kept to a millisecond.
    device : str

    Raises
    ------
    ValueError
        If the seed is no integer >= 0, or the seconds no number >= 0, or the device no string.
    """
    return {
        "seed": integer("seed", seed, minimum=0),
        "seconds": round(nonnegative("seconds", seconds), 3),
        "device": text("device", device),
        **sources(),
    }


def sources() -> dict[str, Any]:
    """Return which software computes: versions, commit, platform."""
    return {
        "versions": dict(_versions()),
        "commit": _commit(),
        "platform": f"{platform.system()}-{platform.machine()}",
    }


def combined(
    experiment: str,
    config: dict[str, Any],
    records: Mapping[str, Record],
    *,
    seed: int,
    seconds: float | None = None,
    rows: list[dict[str, Any]] | None = None,
) -> Record:
    """Return one record of those of tasks, by their names; it says what made which.

    Parameters
    ----------
    experiment : str
    config : dict
        Of the whole.
    records : mapping of str to Record
        By task, in the order of their rows.
    seed : int
        As `provenance`.
    seconds : float, optional
        By default those of all tasks together.
    rows : list of dict, optional
        By default those of the records.
    """
    each = list(records.values())
    if rows is None:
        rows = [row for record in each for row in record.rows]
    if seconds is None:
        seconds = sum(record.provenance["seconds"] for record in each)
    devices = dict.fromkeys(record.provenance.get("device", "unknown") for record in each)
    origin = provenance(seed=seed, seconds=seconds, device=", ".join(devices) or "unknown")
    return Record(experiment, config, rows, origin | {"made_by": _made_by(records)})


def _made_by(records: Mapping[str, Record]) -> list[dict[str, Any]]:
    """Return which code made the rows of which tasks on which device."""
    groups: dict[str, dict[str, Any]] = {}
    for task, record in records.items():
        made = {
            name: record.provenance.get(name, "unknown") for name in ("code", "commit", "device")
        }
        if "trained_by" in record.provenance:
            made["trained_by"] = record.provenance["trained_by"]
        group = groups.setdefault(_encode("code", made), {**made, "tasks": []})
        group["tasks"].append(task)
    return list(groups.values())


@cache
def _versions() -> dict[str, str]:
    """Versions of Python and the packages; reading them takes milliseconds, so once is enough."""
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


@cache
def _commit() -> str:
    """Commit of the source tree, or "unknown" outside a clone."""
    command = ["git", "rev-parse", "--verify", "HEAD"]
    folder = Path(__file__).resolve().parent
    try:
        result = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return result.stdout.strip() if result.returncode == 0 else "unknown"


def check_json(name: str, value: object) -> None:
    """Refuse what JSON cannot hold: numbers must be finite, keys text."""
    _encode(name, value)


def _encode(name: str, value: object) -> str:
    """Canonical JSON: sorted keys, no spaces, shortest digits that read back exactly."""
    try:
        _check_keys(value)
        return json.dumps(
            value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
        )
    except (TypeError, ValueError) as error:
        raise RecordError(f"{name} must hold finite JSON values: {error}") from error


def _check_keys(value: object) -> None:
    """Refuse keys that JSON would silently turn into text."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"keys must be text, got {key!r}")
            _check_keys(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _check_keys(item)


def _plain(value: object) -> object:
    """NumPy numbers and arrays as plain numbers and lists."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"got {type(value).__name__} {value!r}")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
