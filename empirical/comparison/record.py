"""The records of all recipes against the theory: one record of everything it says."""

import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from empirical.comparison.comparisons import (
    IDENTITY,
    gap_rows,
    pairs,
    prediction_rows,
    probit_rows,
    reach_rows,
)
from empirical.comparison.proxy import fit_proxy
from empirical.data.load import load_dataset
from simulations.estimates import Estimate
from simulations.records import Record, provenance
from theory import catalogue
from theory.checks import InputError

__all__ = ["connect", "connect_records", "summary"]

DIGITS = ("rotation", 180.0), ("adversarial", 0.1)
"""The spatial and the adversarial accuracy on digits that are compared with the proxy."""

PROXY_IMAGES = 10_000
"""Training images that the proxy is fitted to."""


def connect(records: Path, *, profile: str, seed: int) -> Record:
    """Compare ``recipes_gaussian``, ``recipes_mnist`` and ``mnist_rotation`` with the theory.

    Rows by ``kind``: ``gap``, each network on Gaussian images below the certified frontier;
    ``reach``, Phi^{-1}(S) + Phi^{-1}(A) of each recipe; ``probit``, the slope along the family
    of mixtures and, on digits, along the training range of rotations, there at the least radius
    measured, as these networks were not attacked in training; ``prediction``, the Gaussian proxy
    of the digits against the measurements.

    Raises
    ------
    ValueError
        If a record is missing or lacks a measurement.
    """
    started = time.perf_counter()
    rng = np.random.default_rng(seed)
    names = ("recipes_gaussian", "recipes_mnist", "mnist_rotation")
    gaussian, digits, ranges = (_record(records, name, profile) for name in names)
    setting = catalogue.defaults()["orientation-texture"]
    exact = pairs(gaussian, ("spatial", 0.0), ("adversarial", setting.epsilon))
    real = pairs(digits, *DIGITS)
    attacks = [row["level"] for row in ranges.rows if row.get("measure") == "adversarial"]
    least = min(attacks, default=DIGITS[1][1])
    images, _ = load_dataset("mnist", train=PROXY_IMAGES, test=1, rng=rng)
    proxy = fit_proxy(images, epsilon=DIGITS[1][1], rng=rng)
    rows = [
        *gap_rows(gaussian),
        *reach_rows([*exact, *real]),
        *probit_rows([*exact, *real], recipe="mixture", rng=rng),
        *probit_rows(pairs(ranges, DIGITS[0], ("adversarial", least)), recipe="augmented", rng=rng),
        *prediction_rows(proxy, real),
    ]
    config = {
        "profile": profile,
        "seed": seed,
        "gaussian": {"epsilon": setting.epsilon},
        "digits": _digits(),
        "ranges_epsilon": least,
        "records": {record.experiment: record.digest for record in (gaussian, digits, ranges)},
    }
    origin = provenance(seed=seed, seconds=time.perf_counter() - started)
    return Record("connection", config, rows, origin)


def connect_records(records: Sequence[Record], *, seed: int) -> Record:
    """Compare the networks of any records with the theory, as far as their rows allow.

    Networks on images of a setting, with spatial and adversarial accuracy at any radius, give rows
    ``gap``, ``reach`` and ``probit``; networks on digits, with the two accuracies `DIGITS`, give
    ``reach``, ``probit`` and ``prediction``. Networks with one of both accuracies are left out.

    Raises
    ------
    ValueError
        If no network has both.
    """
    started = time.perf_counter()
    rng = np.random.default_rng(seed)
    # rows of foreign models lack what belongs to recipes
    unknown = dict.fromkeys(IDENTITY)
    measured: list[dict[str, Any]] = [
        {**unknown, **row} for record in records for row in record.rows if "measure" in row
    ]
    rows: list[dict[str, Any]] = []
    for name in catalogue.SETTINGS:
        mine = [row for row in measured if row["dataset"] == name]
        radii = {row["level"] for row in mine if row["measure"] == "adversarial"}
        for epsilon in sorted(radii):
            which = ("spatial", 0.0), ("adversarial", epsilon)
            part = _with_both(mine, *which)
            if part is not None:
                found = pairs(part, *which)
                rows += gap_rows(part, epsilon=epsilon) + reach_rows(found)
                rows += probit_rows(found, recipe="mixture", rng=rng)
    digits = _with_both([row for row in measured if row["dataset"] == "mnist"], *DIGITS)
    if digits is not None:
        found = pairs(digits, *DIGITS)
        images, _ = load_dataset("mnist", train=PROXY_IMAGES, test=1, rng=rng)
        rows += reach_rows(found)
        for recipe in ("mixture", "augmented"):
            rows += probit_rows(found, recipe=recipe, rng=rng)
        rows += prediction_rows(fit_proxy(images, epsilon=DIGITS[1][1], rng=rng), found)
    if not rows:
        settings = ", ".join(catalogue.SETTINGS)
        raise InputError(
            f"record must hold spatial and adversarial accuracies on {settings}, "
            f"or {_told(DIGITS[0])} and {_told(DIGITS[1])} on mnist, got neither"
        )
    config: dict[str, Any] = {"seed": seed, "records": [record.digest for record in records]}
    if digits is not None:
        config["digits"] = _digits()
    origin = provenance(seed=seed, seconds=time.perf_counter() - started)
    return Record("connection", config, rows, origin)


def _with_both(
    rows: list[dict[str, Any]], first: tuple[str, float], second: tuple[str, float]
) -> Record | None:
    """Return the rows of the networks that have both measurements, or None if none has."""
    having = [
        {
            tuple(row[name] for name in IDENTITY)
            for row in rows
            if row["measure"] == measure and abs(row["level"] - level) < 1e-9
        }
        for measure, level in (first, second)
    ]
    both = having[0] & having[1]
    kept = [row for row in rows if tuple(row[name] for name in IDENTITY) in both]
    return Record("connection", {}, kept) if kept else None


def _digits() -> dict[str, float]:
    """Return what `DIGITS` are, for readers of the record."""
    (_, degrees), (_, epsilon) = DIGITS
    return {"rotation": degrees, "epsilon": epsilon}


def _told(which: tuple[str, float]) -> str:
    return f"{which[0]} at {which[1]:g}"


def _record(records: Path, name: str, profile: str) -> Record:
    """Load the record of a sweep; if there is none, tell the command that makes it."""
    path = records / f"{name}-{profile}.json"
    if not path.is_file():
        told = name.replace("_", "-")
        raise InputError(
            f"records must hold {path.name}, got {records} without it; "
            f"make it with: tradeoff sweep {told} --profile {profile} --out {records}"
        )
    record = Record.load(path)
    if record.experiment != name:
        raise InputError(f"record {path} must be of experiment {name!r}, got {record.experiment!r}")
    return record


def summary(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield one line per row, for reading."""
    for row in rows:
        kind = row["kind"]
        parts = [str(row[key]) for key in ("dataset", "network", "recipe") if key in row]
        if row.get("weight") is not None:
            parts.append(f"weight {row['weight']:g}")
        name = f"{kind}: {' '.join(parts)}"
        if kind == "gap":
            verdict = "" if row["possible"] else "  ABOVE THE FRONTIER: the attack failed"
            if row["possible"] and row["pgd_possible"] is False:
                alone = row["pgd_successes"] / row["adversarial_trials"]
                verdict = f"  (by gradients alone A would be {alone:.3f}: impossible)"
            yield (
                f"{name} seed {row['seed']}: S {_estimate(row, 'spatial')} of at most "
                f"{row['bound']:.3f}, A {_estimate(row, 'adversarial')}{verdict}"
            )
        elif kind == "reach":
            yield f"{name}: {row['mean']:.2f}" + (
                f" +- {row['std']:.2f} over {row['seeds']} seeds"
                if row["seeds"] > 1
                else ", one seed"
            )
        elif kind == "probit":
            yield (
                f"{name} {row['family']}: slope {row['slope']:.2f} "
                f"[{row['lower']:.2f}, {row['upper']:.2f}] over {row['models']} models"
            )
        else:
            # seeds share their images: pooled counts have no interval
            yield (
                f"{name}: S {_estimate(row, 'spatial').value:.3f} predicted "
                f"{row['predicted_spatial']:.3f}, A {_estimate(row, 'adversarial').value:.3f} "
                f"predicted {row['predicted_adversarial']:.3f}"
            )


def _estimate(row: dict[str, Any], which: str) -> Estimate:
    return Estimate(row[f"{which}_successes"], row[f"{which}_trials"])
