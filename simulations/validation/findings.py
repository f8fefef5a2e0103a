"""Verdicts of checks: what was predicted, what was counted, whether they agree."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from simulations.estimates import Estimate
from theory.frontiers.measurements import MeasuredLimits, measured_limits

__all__ = ["LEVEL", "BoundCheck", "ProportionCheck", "agrees", "exact_limits", "figures"]

LEVEL = 1e-12
"""A right check fails with at most this probability, so 1,000 of them with at most 1e-9."""


def figures(value: float) -> float:
    """Round a computed number to the nine digits that hold on every machine."""
    return float(f"{value:.9g}")


def agrees(estimate: Estimate, expected: float) -> bool:
    """Return whether the exact interval at confidence 1 - `LEVEL` holds the expected value."""
    lower, upper = estimate.interval(1.0 - LEVEL)
    return lower <= expected <= upper


def exact_limits(measured: Sequence[tuple[Estimate, Estimate]]) -> MeasuredLimits:
    """Return limits of spatial and adversarial accuracies, each pair at confidence 1 - `LEVEL`."""
    counts = [(spatial.counts, adversarial.counts) for spatial, adversarial in measured]
    return measured_limits(counts, confidence=1.0 - LEVEL, points=1)


@dataclass(frozen=True)
class ProportionCheck:
    """A proportion that theory predicts, and the counts that test it.

    Attributes
    ----------
    subject : str
        The classifier.
    quantity : str
        "spatial" or "adversarial".
    road : str
        How the samples were drawn.
    expected : float
        Kept to nine digits.
    estimate : Estimate
    """

    subject: str
    quantity: str
    road: str
    expected: float
    estimate: Estimate

    def __post_init__(self) -> None:
        object.__setattr__(self, "expected", figures(self.expected))

    @property
    def passed(self) -> bool:
        """Whether the counts agree with the prediction."""
        return agrees(self.estimate, self.expected)

    def row(self) -> dict[str, Any]:
        """Return the finding as a row of a record."""
        row = asdict(self)
        counts = row.pop("estimate")
        return {**row, **counts, "kind": "match", "passed": self.passed}


@dataclass(frozen=True)
class BoundCheck:
    """A classifier's measured (S, A) against a limit on the spatial accuracy at that A.

    Attributes
    ----------
    subject : str
    side : str
        What the adversarial counts are: "exact", or "certificate", a lower bound on A, or
        "attack", an upper bound.  A point above the curve disproves the bound on the first two
        sides; on the third it shows that the attack is too weak (THEORY.md, section 11).
    spatial, adversarial : Estimate
    limit : float
        Largest spatial accuracy that the bound allows at the lower confidence limit of A, to
        nine digits.
    """

    subject: str
    side: str
    spatial: Estimate
    adversarial: Estimate
    limit: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "limit", figures(self.limit))

    @property
    def passed(self) -> bool:
        """Whether the lower confidence limit of S stays below the limit."""
        (verdict,) = exact_limits([(self.spatial, self.adversarial)]).verdicts([self.limit])
        return not verdict.violated

    def row(self) -> dict[str, Any]:
        """Return the finding as a row of a record."""
        counts = {
            f"{name}_{part}": count
            for name in ("spatial", "adversarial")
            for part, count in asdict(getattr(self, name)).items()
        }
        named = {"subject": self.subject, "side": self.side, "limit": self.limit}
        return {**named, **counts, "kind": "crossing", "passed": self.passed}
