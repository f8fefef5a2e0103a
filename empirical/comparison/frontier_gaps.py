"""Networks on images of a theoretical setting, against the certified frontier of that setting."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulations.estimates import Estimate, pairs_of_estimates
from theory.bounds.pairwise import pairwise_bound
from theory.checks import instance
from theory.frontiers.measurements import measured_limits
from theory.setting.setting import Setting

__all__ = ["Gap", "frontier_gaps"]


@dataclass(frozen=True)
class Gap:
    """How far a network lies below the frontier of its setting.

    Parameters
    ----------
    spatial, adversarial : Estimate
        Measured accuracies.
    bound : float
        The most spatial accuracy that any classifier of the measured adversarial accuracy can
        have (THEORY.md, Theorem 3).
    possible : bool
        False if the point lies above the frontier by more than chance allows: no classifier is
        there, so the attack was too weak, or the data or the code is wrong (THEORY.md, section
        11).
    """

    spatial: Estimate
    adversarial: Estimate
    bound: float
    possible: bool

    @property
    def gap(self) -> float:
        """Bound minus measured spatial accuracy; below 0 within the errors of the counts."""
        return self.bound - self.spatial.value


def frontier_gaps(
    setting: Setting, measured: Sequence[tuple[Estimate, Estimate]], *, confidence: float = 0.95
) -> list[Gap]:
    """Compare measured (spatial, adversarial) accuracies with the frontier of the setting.

    A point is called impossible as `theory.frontiers.measurements.check_measurements` calls it,
    at the given confidence of all the points together.  The bound in `Gap.bound` is taken at the
    adversarial error (errors + 1/2) / (trials + 1), which is never 0.

    Parameters
    ----------
    setting : Setting
    measured : sequence of pairs of Estimate
        (spatial, adversarial) accuracies, each of one network; at least one.
    confidence : float in (0, 1)

    Raises
    ------
    ValueError
        If nothing was measured, or the confidence is not in (0, 1).
    """
    instance("setting", setting, Setting)
    measured = pairs_of_estimates("measured", measured)
    limits = measured_limits([(s.counts, a.counts) for s, a in measured], confidence=confidence)
    likely = [(a.trials - a.successes + 0.5) / (a.trials + 1) for _, a in measured]
    bounds = pairwise_bound(setting, [*likely, *limits.adversarial_error]).spatial_accuracy
    verdicts = limits.verdicts(bounds[len(measured) :])
    return [
        Gap(spatial, adversarial, float(bound), not verdict.violated)
        for (spatial, adversarial), bound, verdict in zip(measured, bounds, verdicts, strict=False)
    ]
