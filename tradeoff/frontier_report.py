"""A frontier in numbers, each with what it is: certified, a confidence limit, or reached."""

from typing import TYPE_CHECKING, Any

from tradeoff.reports import setting_summary

if TYPE_CHECKING:
    from theory.frontiers.frontier import Frontier

__all__ = ["frontier_report"]


def frontier_report(frontier: "Frontier") -> dict[str, Any]:
    """Return the curves and the gaps of a frontier as rows, for ``tradeoff.reports.render``."""
    status = frontier.to_dict()["status"]
    frame = frontier.to_frame()
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
        **setting_summary(frontier.setting),
        "adversarial_accuracy_at_most": frontier.adversarial_ceiling,
        "spatial_accuracy_at_most": frontier.spatial_ceiling,
    }
    return {"setting": facts, "frontier": curve, "gaps": gaps}
