"""Check importance sampling on errors that plain sampling would never see."""

from typing import Any

import numpy as np
from scipy.optimize import brentq

from simulations.classifiers.families import halfspaces_of
from simulations.classifiers.halfspace import Halfspace
from simulations.sampling.accuracy import spatial_sampler, streams
from simulations.sampling.importance_sampling import rare_error
from simulations.validation.findings import LEVEL, figures
from theory.canonical import on_grid
from theory.checks import InputError
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.setting.setting import Setting

__all__ = ["rare_errors", "with_noise"]

_TARGETS = (1e-3, 1e-6, 1e-12)
_WIDTH = 0.2  # relative width that the interval must reach
_BITS = 28  # of the factor of the noise: fewer than the machines agree on


def rare_errors(
    setting: Setting, samples: int, seed: np.random.SeedSequence
) -> list[dict[str, Any]]:
    """Check spatial errors of 1e-3, 1e-6 and 1e-12 of the best halfspace against closed forms.

    The noise is lowered until the halfspace errs as rarely as wanted.  An interval must hold
    the closed form, must be narrow, and must not hold the closed form changed by its width.
    """
    (rng,) = streams(seed, 1)
    frontier = halfspace_frontier(setting, [1.0])
    ((name, halfspace),) = halfspaces_of(setting, frontier).items()
    rows = []
    for target in _TARGETS:
        quiet = with_noise(setting, _noise(setting, halfspace, target))
        truth = _error(quiet, halfspace)
        law = spatial_sampler(quiet, halfspace)
        found = rare_error(
            law, halfspace, max(samples, 200_000), epsilon=0.0, norm=setting.norm, rng=rng
        )
        lower, upper = found.interval(1.0 - LEVEL)
        value, truth, lower, upper = (figures(x) for x in (found.value, truth, lower, upper))
        rows.append(
            {
                "kind": "interval",
                "subject": name,
                "quantity": "spatial error",
                "road": "importance sampling",
                "expected": truth,
                "value": value,
                "lower": lower,
                "upper": upper,
                "passed": lower <= truth <= upper <= (1.0 + _WIDTH) * lower,
            }
        )
    return rows


def with_noise(setting: Setting, factor: float) -> Setting:
    """Return the setting with the standard deviation of its noise multiplied by a factor."""
    noisy = setting.mixture.scaled(factor)
    return Setting(noisy, setting.transformations, setting.epsilon, setting.norm)


def _error(setting: Setting, halfspace: Halfspace) -> float:
    """Return the spatial error without cancellation: the accuracy of the opposite halfspace."""
    return halfspace_accuracies(setting, -halfspace.normal, -halfspace.offset)[0]


def _noise(setting: Setting, halfspace: Halfspace, target: float) -> float:
    """Return the factor of the noise at which the halfspace has the wanted spatial error.

    Raises
    ------
    ValueError
        If the halfspace is wrong about a transformed mean, so that its error has a floor.
    """

    def excess(log_factor: float) -> float:
        error = _error(with_noise(setting, float(np.exp(log_factor))), halfspace)
        return float(np.log(max(error, 1e-300)) - np.log(target))

    if excess(-5.0) > 0.0:
        raise InputError(
            f"setting must be separable by a halfspace, got {setting.name} with an error of at "
            f"least {target:g} at any noise"
        )
    factor = np.exp(brentq(excess, -5.0, 5.0, xtol=1e-15))
    return float(on_grid(np.array(factor), _BITS))
