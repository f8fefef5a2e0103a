"""The answers of the commands as data."""

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.bounds.constraints import setting_residuals
from theory.bounds.cyclic_codes import certified_cyclic_code_bound
from theory.bounds.pairwise import pairwise_bound
from theory.bounds.two_class import certified_two_class_bound, invariance_bound
from theory.setting.transformations import Transformations

if TYPE_CHECKING:
    from theory.checks import FloatArray
    from theory.frontiers.frontier import Frontier
    from theory.setting.progress import Progress
    from theory.setting.setting import Setting

__all__ = ["bound_report", "frontier_report", "setting_digest", "setting_summary"]


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
        "setting_sha256": setting_digest(setting),
    }


def setting_digest(setting: "Setting") -> str:
    """Return the SHA-256 of every number of a setting: means, noise, transformations, attack."""
    mixture, model = setting.mixture, setting.transformation_model
    matrices = model.permutations if isinstance(model, Transformations) else model.matrices
    spread = mixture.sigma if mixture.covariance is None else mixture.covariance
    digest = hashlib.sha256(setting.norm.encode())
    for part in (
        mixture.means, mixture.labels, mixture.weights, spread, matrices, setting.probabilities,
        setting.epsilon,
    ):  # fmt: skip
        array = np.ascontiguousarray(part)
        digest.update(f"{array.dtype.str}{array.shape}".encode() + array.tobytes())
    return digest.hexdigest()


def _noise(setting: "Setting") -> dict[str, Any]:
    """Return the noise by its deviation, or its covariance by size and digest."""
    mixture = setting.mixture
    if mixture.covariance is None:
        return {"sigma": mixture.sigma}
    digest = hashlib.sha256(np.ascontiguousarray(mixture.covariance).tobytes()).hexdigest()
    trace = float(np.trace(mixture.covariance))
    return {"covariance_trace": trace, "covariance_sha256": digest}


def _shown(weights: "FloatArray") -> list[float] | str:
    """Return weights, or that they are all equal."""
    return "equal" if (weights == weights[0]).all() else [float(weight) for weight in weights]


def bound_report(
    setting: "Setting",
    levels: "FloatArray",
    parameters: dict[str, Any],
    *,
    progress: "Progress | None" = None,
) -> dict[str, Any]:
    """Sharpest bound, its source, and residuals of a setting that was built from the parameters."""
    rows: list[dict[str, Any]] = []
    found = pairwise_bound(setting, levels, progress=progress)
    source, closed = _closed_form(setting, levels, parameters)
    sharper = (closed >= found.spatial_error) & (closed > 0.0)
    found = replace(found, spatial_error=np.where(sharper, closed, found.spatial_error))
    invariance = invariance_bound(found.spatial_error, levels)
    for k, level in enumerate(levels):
        row: dict[str, Any] = {
            "adversarial_error": float(level),
            "attainable": bool(found.attainable[k]),
            "spatial_error_at_least": float(found.spatial_error[k]),
            "spatial_error_status": "certified",
            "spatial_error_source": source if sharper[k] else "Theorem 3",
            "spatial_accuracy_at_most": float(found.spatial_accuracy[k]),
            "spatial_accuracy_status": "certified",
            "invariance_at_most": float(invariance[k]),
            "invariance_status": "certified",
        }
        rows.append(row)
    return {
        "setting": setting_summary(setting, parameters)
        | {"adversarial_error_at_least": found.floor, "adversarial_error_status": "certified"},
        "residuals": _residual_rows(setting),
        "bounds": rows,
    }


def frontier_report(frontier: "Frontier", parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the curves and the gaps of a frontier as rows, as `render` tells them."""
    status = frontier.to_dict()["status"]
    frame = frontier.columns()
    curve = [
        {
            "adversarial_accuracy": float(accuracy),
            "pairwise_at_most": float(pairwise),
            "pairwise_status": status["pairwise"],
            "joint_at_most": float(joint),
            "joint_status": status["joint"],
            "reached_at_least": None if np.isnan(inner) else float(inner),
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
        {"spatial_weight": bound.weight, "gap": float(gap), "gap_status": status["gap"]}
        for bound, gap in zip(frontier.joint_bounds, frontier.gap, strict=True)
    ]
    facts = {
        **setting_summary(frontier.setting, parameters),
        "adversarial_accuracy_at_most": frontier.adversarial_ceiling,
        "adversarial_accuracy_status": "certified",
        "spatial_accuracy_at_most": frontier.spatial_ceiling,
        "spatial_accuracy_status": "certified",
    }
    return {"setting": facts, "frontier": curve, "gaps": gaps}


def _closed_form(
    setting: "Setting", levels: "FloatArray", parameters: dict[str, Any]
) -> "tuple[str, FloatArray]":
    """Source and values, on the sound side, of the closed form that a setting has."""
    # a code as it was built: neither made symmetric, nor a file of that name
    if setting.name == "cyclic-code" and "generator" in parameters:
        found = certified_cyclic_code_bound(setting, levels, generator=parameters["generator"])
        return "(9.4)", found
    if setting.mixture.components == 2:
        return "Theorem 2", certified_two_class_bound(setting, levels)
    return "", np.zeros(levels.shape)


def _residual_rows(setting: "Setting") -> list[dict[str, Any]]:
    """Smallest residual of a pair of different labels, per transformation."""
    means = setting.mixture.means
    moved = [
        (f"transformation {g} against an attack", rotated, setting.epsilon)
        for g, rotated in enumerate(setting.transformed_means)
    ]
    return [
        _residual_row(setting, *one)
        for one in (*moved, ("attacks on both classes", means, 2.0 * setting.epsilon))
    ]


def _residual_row(
    setting: "Setting", kind: str, points: "FloatArray", epsilon: float
) -> dict[str, Any]:
    """Range of the residuals between points, one of each component, and means of other labels."""
    labels, means = setting.mixture.labels, setting.mixture.means
    smallest, largest = np.inf, 0.0
    for point, label in zip(points, labels, strict=True):  # all pairs at once may fill the memory
        values = setting_residuals(setting, point, means[labels != label], epsilon)
        smallest, largest = min(smallest, values.min()), max(largest, values.max())
    return {
        "kind": kind,
        "smallest": float(smallest),
        "largest": float(largest),
        "status": "attained",
    }
