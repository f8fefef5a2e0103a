"""Check the checks: bounds and closed forms that are wrong by one percent must be rejected."""

from typing import Any

import numpy as np

from simulations.classifiers.families import halfspaces
from simulations.classifiers.halfspace import Halfspace
from simulations.classifiers.optimal import optimal_rule
from simulations.sampling.accuracy import adversarial_accuracy, spatial_accuracy, streams
from simulations.sampling.confidence_sequences import Side, decide_crossing
from simulations.validation.findings import (
    LEVEL,
    BoundCheck,
    ProportionCheck,
    exact_limits,
    figures,
)
from theory.bounds.pairwise import pairwise_bound
from theory.checks import InputError
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.norms import dual_norm
from theory.residual.attack import attack_residual
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

__all__ = ["power", "tight_pair"]

_ERROR = 0.01
# One percent of an accuracy of one half is 14 standard deviations of this many samples.
_SAMPLES = 2_000_000
# The optimal rules err on a few percent of the inputs and leave a gap to the curve: one percent
# is still found at 7 standard deviations, so that it is missed with a probability below 1e-12.
_RULE_SAMPLES = 150_000
_LIMIT = 50_000_000
_RESIDUAL = 1.5

Rows = list[dict[str, Any]]


def power(setting: Setting, samples: int, seed: np.random.SeedSequence) -> Rows:
    """Plant errors of one percent in every kind of check and see that each is found.

    The number of samples is the one that the task needs; `samples` may only raise it.
    """
    (rng,) = streams(seed, 1)
    count = max(samples, _SAMPLES)
    return [
        *_closed_forms(setting, count, rng),
        _outer_curve(setting, count, rng),
        *_attained_bound(setting, rng),
    ]


def _closed_forms(setting: Setting, count: int, rng: np.random.Generator) -> Rows:
    """Plant accuracies of halfspaces that are one percent too small."""
    rows = []
    for name, member in halfspaces(setting).items():
        closed = halfspace_accuracies(setting, member.normal, member.offset)
        measures = (spatial_accuracy, adversarial_accuracy)
        for quantity, measure, truth in zip(
            ("spatial", "adversarial"), measures, closed, strict=True
        ):
            if figures(truth) >= 0.5:
                estimate = measure(setting, member, count, rng=rng)
                planted = ProportionCheck(
                    name, quantity, "statistic", (1 - _ERROR) * truth, estimate
                )
                rows.append(_planted(planted))
    return rows


def _outer_curve(setting: Setting, count: int, rng: np.random.Generator) -> dict[str, Any]:
    """Plant an outer curve one percent too low at its end, where the optimal rule reaches it."""
    rule = optimal_rule(setting, 1.0)
    draws = max(count // (4 * len(rule.normals)), _RULE_SAMPLES)
    spatial = spatial_accuracy(setting, rule, draws, rng=rng)
    adversarial = adversarial_accuracy(setting, rule, draws, rng=rng)
    floor = exact_limits([(spatial, adversarial)]).adversarial
    (limit,) = pairwise_bound(setting, 1.0 - floor, tolerance=1e-5).spatial_accuracy
    name, side = "likelihood ratio, weight 1", "certificate"
    return _planted(BoundCheck(name, side, spatial, adversarial, (1 - _ERROR) * limit))


def _planted(finding: ProportionCheck | BoundCheck) -> dict[str, Any]:
    """Return the row of a finding that must fail."""
    return {**finding.row(), "planted": True, "passed": not finding.passed}


def tight_pair(setting: Setting) -> tuple[Setting, Halfspace]:
    """Return a setting whose bound a halfspace attains, and that halfspace.

    Two components mu and -mu under one transformation P_g: the hyperplane through the origin
    along the residual vector has e_S = G_r(e_A) exactly (THEORY.md, section 8).  Of all means
    and transformations of the given setting, the pair that balances the two accuracies best is
    taken, and the noise is scaled so that r = `_RESIDUAL`, where both are moderate.

    Raises
    ------
    ValueError
        If the attack covers every difference, so that no residual is left.
    """
    mixture, turns = setting.mixture, setting.transformations
    best = (0.0, 0, 0, mixture.means[0], 1.0)
    for i, mean in enumerate(mixture.means):
        for g in range(turns.size):
            moved = turns.act(g, mean)
            attacked = attack_residual(
                moved + mean, setting.epsilon, covariance=mixture.covariance, norm=setting.norm
            )
            vector = moved + mean - attacked.perturbation
            if mixture.covariance is not None:
                vector = np.linalg.solve(mixture.covariance, vector)
            spatial = float(vector @ moved)
            adversarial = float(vector @ mean - setting.epsilon * dual_norm(vector, setting.norm))
            # pairs that are equal by symmetry differ in their last bits: the first one stays
            if min(spatial, adversarial) > (1.0 + 1e-9) * best[0] * (spatial + adversarial):
                balance = min(spatial, adversarial) / (spatial + adversarial)
                best = (balance, i, g, vector, attacked.value)
    balance, i, g, vector, residual = best
    if not balance:
        raise InputError(f"epsilon must leave a residual, got {setting.epsilon:g}; lower it")
    scale = residual / _RESIDUAL
    means = np.stack([-mixture.means[i], mixture.means[i]])
    pair = GaussianMixture(means, [0, 1], covariance=mixture.covariance).scaled(scale)
    single = Transformations(turns.permutations[[g]])
    return Setting(pair, single, setting.epsilon, setting.norm), Halfspace(vector, 0.0)


def _attained_bound(setting: Setting, rng: np.random.Generator) -> Rows:
    """Decide, for a classifier on its bound, whether it lies above the bound and a planted one."""
    tight, halfspace = tight_pair(setting)
    rows = []
    for planted in (False, True):
        factor = 1.0 - _ERROR if planted else 1.0

        def curve(adversarial: float, factor: float = factor) -> float:
            # G_r of the error is 1 - S; its argument and value are errors of moderate size
            return factor * (1.0 - float(gaussian_tradeoff(1.0 - adversarial, _RESIDUAL)))

        verdict, spatial, adversarial = decide_crossing(
            lambda n: spatial_accuracy(tight, halfspace, n, rng=rng),
            lambda n: adversarial_accuracy(tight, halfspace, n, rng=rng),
            curve,
            1.0 - LEVEL,
            limit=_LIMIT if planted else _SAMPLES,
        )
        expected = Side.above if planted else Side.undecided
        limit = curve(adversarial.value)
        row = BoundCheck("tight pair", "exact", spatial, adversarial, limit).row()
        rows.append({**row, "planted": planted, "passed": verdict is expected})
    return rows
