"""Checks of closed forms and of the outer curve."""

from typing import Any

import numpy as np

from simulations.classifiers.attacks import attack
from simulations.classifiers.families import families, halfspaces
from simulations.classifiers.optimal import minimax_rule
from simulations.estimates import Estimate
from simulations.sampling.accuracy import adversarial_accuracy, spatial_accuracy, streams
from simulations.sampling.scores import InputSampler, ScoreSampler
from simulations.validation.findings import LEVEL, BoundCheck, ProportionCheck, exact_limits
from theory.bounds.joint import joint_bounds
from theory.bounds.pairwise import pairwise_bound
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.setting.setting import Setting

__all__ = ["closed_forms", "no_crossing"]

Rows = list[dict[str, Any]]

# A sample in full dimension costs about this many samples of a single score.
_FULL_COST = 50
_TRAINING = 4000
_WEIGHTS = (0.25, 0.5, 0.75)


def closed_forms(setting: Setting, samples: int, seed: np.random.SeedSequence) -> Rows:
    """Check closed-form S and A of halfspaces (THEORY.md, Theorem 5) against both samplers."""
    (rng,) = streams(seed, 1)
    findings = []
    for name, halfspace in halfspaces(setting).items():
        spatial, adversarial = halfspace_accuracies(setting, halfspace.normal, halfspace.offset)
        # the tags are those of earlier records, whatever the classes are called
        for tag, road, count in (
            ("StatisticLaw", ScoreSampler, samples),
            ("FullLaw", InputSampler, max(samples // _FULL_COST, 100)),
        ):
            for quantity, expected, measure in (
                ("spatial", spatial, spatial_accuracy),
                ("adversarial", adversarial, adversarial_accuracy),
            ):
                estimate = measure(setting, halfspace, count, rng=rng, road=road)
                findings.append(ProportionCheck(name, quantity, tag, expected, estimate))
    return [finding.row() for finding in findings]


def no_crossing(setting: Setting, samples: int, seed: np.random.SeedSequence) -> Rows:
    """Check that no classifier of any family lies above the outer curve.

    The curve is the lower of the pairwise and the joint bounds (THEORY.md, Theorems 3 and 4).

    Only what is proved about A can disprove the bound: exact or certified counts.  Counts
    under attack over-state A, so that a point above the curve shows the attack to be too weak;
    that, too, is a failure, of the attack.
    """
    trainer, bounder, rng = streams(seed, 3)
    size = min(max(samples // 8, 1 << 12), 1 << 17)
    joint = joint_bounds(setting, _WEIGHTS, rng=bounder, samples=size, confidence=1.0 - LEVEL)
    members = families(setting, training=_TRAINING, rng=trainer)
    for bound in joint:
        members[f"minimax, weight {bound.weight:g}"] = minimax_rule(setting, bound)
    measured: list[tuple[str, str, Estimate, Estimate]] = []
    for name, member in members.items():
        count = max(samples // len(member.normals), 1000)
        spatial = spatial_accuracy(setting, member, count, rng=rng)
        proved = adversarial_accuracy(setting, member, count, rng=rng)
        measured.append((name, "exact" if member.exact else "certificate", spatial, proved))
        if not member.exact:
            criterion = attack(member, setting.epsilon, setting.norm)
            tried = adversarial_accuracy(
                setting, member, max(count // 20, 500), rng=rng, criterion=criterion
            )
            measured.append((name, "attack", spatial, tried))
    counted = exact_limits([(spatial, adversarial) for *_, spatial, adversarial in measured])
    limits = pairwise_bound(setting, 1.0 - counted.adversarial, tolerance=1e-5).spatial_accuracy
    for bound in joint:
        limits = np.minimum(limits, bound.spatial_accuracy(counted.adversarial))
    return [
        BoundCheck(name, side, spatial, adversarial, float(limit)).row()
        for (name, side, spatial, adversarial), limit in zip(measured, limits, strict=True)
    ]
