"""The answers of the commands as data, and the three ways to print them."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from simulations.estimates import Estimate
from theory.bounds.constraints import setting_residuals
from theory.bounds.pairwise import pairwise_bound
from theory.bounds.two_class import (
    cyclic_code_bound,
    free_probability,
    invariance_bound,
    two_class_bound,
)
from theory.checks import one_of

if TYPE_CHECKING:
    from theory.checks import FloatArray
    from theory.frontiers.frontier import Frontier
    from theory.setting.setting import Setting

__all__ = [
    "FORMATS",
    "bound_report",
    "counts_table",
    "frontier_report",
    "render",
    "setting_summary",
]

FORMATS = ("text", "json", "csv")
_RECIPE_PARAMETERS = ("degrees", "epsilon", "weight")


def setting_summary(setting: "Setting", parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the facts that identify a setting, and what it was built from."""
    return {
        "name": setting.name,
        "dimension": setting.mixture.dimension,
        "components": setting.mixture.components,
        "classes": len(setting.mixture.classes),
        "transformations": len(setting.probabilities),
        **_noise(setting),
        "weights": _shown(setting.mixture.weights),
        "epsilon": setting.epsilon,
        "norm": setting.norm,
        **{
            name: value if isinstance(value, (int, float)) else str(value)
            for name, value in parameters.items()
            if name not in {"epsilon", "norm"}
        },
    }


def _noise(setting: "Setting") -> dict[str, Any]:
    """Return the noise by its deviation, or its covariance by size and digest."""
    mixture = setting.mixture
    if mixture.covariance is None:
        return {"sigma": mixture.sigma}
    digest = hashlib.sha256(np.ascontiguousarray(mixture.covariance).tobytes()).hexdigest()
    trace = float(np.trace(mixture.covariance))
    return {"covariance_trace": trace, "covariance_sha256": digest[:16]}


def _shown(weights: "FloatArray") -> list[float] | str:
    """Return weights, or that they are all equal."""
    return "equal" if (weights == weights[0]).all() else [float(weight) for weight in weights]


def bound_report(
    setting: "Setting", levels: "FloatArray", parameters: dict[str, Any]
) -> dict[str, Any]:
    """Bound, closed form and residuals of a setting that was built from the parameters."""
    rows: list[dict[str, Any]] = []
    found = pairwise_bound(setting, levels)
    closed = _closed_form(setting, levels, parameters)
    invariance = invariance_bound(found.spatial_error, levels)
    for k, level in enumerate(levels):
        row: dict[str, Any] = {
            "adversarial_error": float(level),
            "attainable": bool(found.attainable[k]),
            "spatial_error_at_least": float(found.spatial_error[k]),
            "spatial_error_status": "certified",
            "spatial_accuracy_at_most": float(found.spatial_accuracy[k]),
            "invariance_at_most": float(invariance[k]),
            "invariance_status": "certified",
        }
        if closed is not None:
            row["closed_form"] = closed[0]
            row["closed_form_spatial_error_at_least"] = float(closed[1][k])
            row["closed_form_status"] = "exact"
        rows.append(row)
    return {
        "setting": setting_summary(setting, parameters)
        | {"adversarial_error_at_least": found.floor},
        "residuals": _residual_rows(setting),
        "bounds": rows,
    }


def frontier_report(frontier: "Frontier", parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the curves and the gaps of a frontier as rows, for ``tradeoff.reports.render``."""
    status = frontier.to_dict()["status"]
    frame = frontier.columns()
    curve = [
        {
            "adversarial_accuracy": float(accuracy),
            "pairwise_at_most": float(pairwise),
            "pairwise_status": status["pairwise"],
            "joint_at_most": float(joint),
            "joint_status": status["joint"],
            "reached_at_least": float(inner),
            "reached_status": "achieved",
        }
        for accuracy, pairwise, joint, inner in zip(
            frame["adversarial_accuracy"],
            frame["pairwise"],
            frame["joint"],
            frame["inner"],
            strict=True,
        )
    ]
    gaps = [
        {"spatial_weight": bound.weight, "gap": float(gap)}
        for bound, gap in zip(frontier.joint_bounds, frontier.gap, strict=True)
    ]
    facts = {
        **setting_summary(frontier.setting, parameters),
        "adversarial_accuracy_at_most": frontier.adversarial_ceiling,
        "spatial_accuracy_at_most": frontier.spatial_ceiling,
    }
    return {"setting": facts, "frontier": curve, "gaps": gaps}


def render(report: dict[str, Any], table: str, form: str) -> str:
    """Return the report as text, JSON, or its named table as CSV."""
    one_of("format", form, FORMATS)
    if form == "json":
        return json.dumps(report, indent=2) + "\n"
    if form == "csv":
        return _csv(report[table])
    lines = [_line(report["setting"])]
    for name, rows in report.items():
        if name != "setting" and rows:
            lines += ["", f"{name}:", *_table(rows)]
    return "\n".join(lines) + "\n"


def _closed_form(
    setting: "Setting", levels: "FloatArray", parameters: dict[str, Any]
) -> "tuple[str, FloatArray] | None":
    if setting.name == "cyclic-code":
        free = free_probability(parameters["generator"], parameters["length"])
        chosen = {key: parameters[key] for key in ("eta", "sigma", "epsilon", "length")}
        return "Theorem 6", cyclic_code_bound(levels, free=free, **chosen)
    if setting.mixture.components == 2:
        return "Theorem 2", two_class_bound(setting, levels)
    return None


def _residual_rows(setting: "Setting") -> list[dict[str, Any]]:
    """Smallest residual of a pair of different labels, per transformation."""
    mixture = setting.mixture
    pairs = np.argwhere(mixture.labels[:, None] != mixture.labels[None, :])
    rows: list[dict[str, Any]] = []
    for g, rotated in enumerate(setting.transformed_means):
        moved, attacked = rotated[pairs[:, 0]], mixture.means[pairs[:, 1]]
        values = setting_residuals(setting, moved, attacked, setting.epsilon)
        rows.append(_residual_row(f"transformation {g} against an attack", values))
    first, second = mixture.means[pairs[:, 0]], mixture.means[pairs[:, 1]]
    values = setting_residuals(setting, first, second, 2.0 * setting.epsilon)
    rows.append(_residual_row("attacks on both classes", values))
    return rows


def _residual_row(kind: str, values: "FloatArray") -> dict[str, Any]:
    return {
        "kind": kind,
        "smallest": float(values.min()),
        "largest": float(values.max()),
        "status": "attained",
    }


def _line(facts: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in facts.items())


def _csv(rows: list[dict[str, Any]]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def _table(rows: list[dict[str, Any]]) -> list[str]:
    """Columns aligned, numbers to six digits."""
    heads = list(rows[0])
    cells = [[_cell(head, row[head]) for head in heads] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    return [
        "  "
        + "  ".join(f"{text:<{width}}" for text, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *cells]
    ]


def _cell(head: str, value: object) -> str:
    """Six digits; a bound is rounded to its sound side."""
    if not isinstance(value, float):
        return str(value)
    if head.endswith(("_at_least", "_at_most")):
        side = ROUND_CEILING if head.endswith("_at_most") else ROUND_FLOOR
        return f"{Context(prec=6, rounding=side).plus(Decimal(value)).normalize():g}"
    return f"{value:.6g}"


def counts_table(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield one aligned line per network, recipe and measure, the seeds pooled for reading.

    The interval of a pooled line is for the images alone, not for the draw of the seed.
    """
    pooled: dict[tuple[str, str, str, str], Estimate] = {}
    for row in rows:
        counts = Estimate(row["successes"], row["trials"])
        parameters = [f"{name}={row[name]:g}" for name in _RECIPE_PARAMETERS if row.get(name)]
        level = f"{row['measure']} {row['level']:.4g}" if row["level"] else row["measure"]
        key = (row["dataset"], row["network"], " ".join([row["recipe"], *parameters]), level)
        pooled[key] = pooled[key] + counts if key in pooled else counts
    widths = [max(map(len, column)) for column in zip(*pooled, strict=True)]
    for names, counts in pooled.items():
        cells = [name.ljust(width) for name, width in zip(names, widths, strict=True)]
        yield "  ".join([*cells, str(counts)])
