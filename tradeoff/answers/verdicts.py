"""Measurements against the certified curve: counts of a command line, rows of a record."""

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from theory.checks import InputError
from theory.frontiers.measurements import MeasurementVerdict, check_measurements
from theory.setting.catalogue import defaults
from tradeoff.answers.reports import setting_digest

if TYPE_CHECKING:
    from simulations.records import Record

__all__ = ["Counts", "limit_verdicts", "read_counts", "record_verdicts", "verdict_rows"]

Counts = tuple[int, int]
"""Successes and trials."""

_COUNTED = {"measure", "level", "successes", "trials", "mean", "std", "shared"}
_TOLD = ("dataset", "network", "recipe", "degrees", "weight", "seed")


def read_counts(name: str, text: str, trials: int | None = None) -> Counts:
    """Read ``K/N``, or a rate such as 0.94 or 94% of ``trials``.

    A rate stands for the least count that is written so: 0.94 of 10,000 for 9,350. Whatever the
    count was, a point that is impossible with it is impossible.

    Raises
    ------
    ValueError
        If the text is neither, a rate comes without ``trials`` or counts with them, or no count of
        so many trials is written like that.
    """
    written = text.strip()
    counts = re.fullmatch(r"(\d+)\s*/\s*(\d+)", written, flags=re.ASCII)
    if counts:
        if trials is not None:
            raise InputError(f"n must be left out where {name} is counts K/N, got {trials}")
        return int(counts[1]), int(counts[2])
    rate = re.fullmatch(r"(\d*\.?\d+|\d+\.)(%?)", written, flags=re.ASCII)
    if rate is None:
        raise InputError(f"{name} must be counts K/N such as 746/1000 or a rate, got {text!r}")
    if trials is None:
        raise InputError(f"n must be given where {name} is a rate, got {text!r} alone")
    if trials < 1:
        raise InputError(f"n must be >= 1, got {trials}")
    unit = Fraction(1, 100) if rate[2] else Fraction(1)
    digits = Decimal(rate[1])
    value = Fraction(digits) * unit
    half = Fraction(10) ** int(digits.as_tuple().exponent) * unit / 2
    if value > 1:
        raise InputError(f"{name} must be a rate <= 1, got {text!r}; is it {text}%?")
    least = max(0, math.ceil((value - half) * trials))
    if least > min(Fraction(trials), (value + half) * trials):
        raise InputError(f"{name} must be the rate of a count of {trials}, got {text!r}")
    return least, trials


def verdict_rows(
    measured: Iterable[tuple[Mapping[str, Any], Counts, Counts]],
    verdicts: Iterable[MeasurementVerdict],
) -> list[dict[str, Any]]:
    """Return what was measured, its exact limits and the verdict, one row per point."""
    return [
        {
            **identity,
            "spatial": f"{spatial[0]}/{spatial[1]}",
            "adversarial": f"{adversarial[0]}/{adversarial[1]}",
            "S_at_least": verdict.spatial_lower,
            "A_at_least": verdict.adversarial_lower,
            "certified_S_at_most": verdict.limit,
            "certified_A_at_most": verdict.adversarial_limit,
            "verdict": "impossible" if verdict.violated else "possible",
        }
        for (identity, spatial, adversarial), verdict in zip(measured, verdicts, strict=True)
    ]


def record_verdicts(
    rows: Iterable[Mapping[str, Any]],
    *,
    confidence: float = 0.999,
    setting_sha256: str | None = None,
) -> list[dict[str, Any]]:
    """Return the verdicts on every network of a record that was measured on a named setting.

    A network counts where both ``spatial`` and ``adversarial`` were measured on images of a setting
    of the catalogue, once for each radius; ``confidence`` holds for all of them together.

    Parameters
    ----------
    rows
        Of a record of ``sweep`` or ``evaluate``.
    confidence
        In (0, 1).
    setting_sha256
        Digest of the setting that the images were drawn from, where the record has one.

    Raises
    ------
    ValueError
        If no row can be compared, or the setting has other numbers than when it was measured.
    """
    settings = defaults()
    spatial: dict[tuple[Any, ...], tuple[dict[str, Any], Counts]] = {}
    attacked: list[tuple[tuple[Any, ...], float, Counts]] = []
    for row in rows:
        if row.get("dataset") not in settings:
            continue
        identity = {name: row[name] for name in sorted(row) if name not in _COUNTED}
        key, counts = tuple(identity.items()), (int(row["successes"]), int(row["trials"]))
        if row.get("measure") == "spatial":
            told = {name: row[name] for name in _TOLD if row.get(name) is not None}
            spatial[key] = told, counts
        elif row.get("measure") == "adversarial":
            attacked.append((key, float(row["level"]), counts))
    points = [
        ({**spatial[key][0], "epsilon": level}, spatial[key][1], counts)
        for key, level, counts in attacked
        if key in spatial
    ]
    if not points:
        raise InputError(
            "record must hold spatial and adversarial accuracies on images of "
            f"{', '.join(settings)}, got none"
        )
    found: list[dict[str, Any]] = []
    for name, epsilon in dict.fromkeys((one["dataset"], one["epsilon"]) for one, _, _ in points):
        setting = settings[name]
        if setting_sha256 not in {None, setting_digest(setting)}:
            raise InputError(
                f"record must be of the present {name}, got setting_sha256 {setting_sha256}"
            )
        part = [one for one in points if (one[0]["dataset"], one[0]["epsilon"]) == (name, epsilon)]
        verdicts = check_measurements(
            setting.with_epsilon(epsilon),
            [(s, a) for _, s, a in part],
            confidence=confidence,
            points=len(points),
        )
        found += verdict_rows(part, verdicts)
    return found


def limit_verdicts(
    limits: "Record", networks: "Record", *, confidence: float = 0.999
) -> list[dict[str, Any]]:
    """Return the verdicts on every network of a record against the limits of its noisy images.

    As `limits_of_networks` has them; the accuracies hold together at
    ``confidence``, the limits of each noise at their own.
    """
    from paper_figures.from_records.against_theory.network_limits import limits_of_networks

    return [
        {
            **{name: row[name] for name in _TOLD if row.get(name) is not None},
            "epsilon": limits.config["epsilon"],
            "spatial_weight": row["spatial_weight"],
            "measured": row["measured"],
            "measured_at_least": row["at_least"],
            "accuracy_at_most": row["at_most"],
            "verdict": "possible" if row["possible"] else "impossible",
        }
        for row in limits_of_networks(limits, networks, confidence=confidence)
    ]
