"""Monte Carlo evidence for the theory, on one core or a cluster.

Classifiers are simulated through the few scores that they see of an input, from the exact law
of those scores, or in full dimension as a second road.  Estimates carry intervals that hold at
their level; runs leave records.  Names are imported when first used, so that
``import simulations`` stays cheap.

>>> import numpy as np
>>> from simulations import nearest_template, spatial_accuracy
>>> from theory.setting.catalogue import defaults
>>> setting = defaults()["orientation-texture"]
>>> nearest = nearest_template(setting)
>>> print(spatial_accuracy(setting, nearest, 1_000_000, rng=np.random.default_rng(1)))
0.992 [0.992, 0.992]
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulations.classifiers.attacks import attack
    from simulations.classifiers.halfspace import Classifier, Criterion, Halfspace
    from simulations.classifiers.optimal import (
        minimax_rule,
        nearest_mean,
        nearest_template,
        optimal_rule,
    )
    from simulations.classifiers.logistic import logistic_regression
    from simulations.classifiers.templates import LikelihoodRatio, Templates
    from simulations.estimates import BoundedMean, Estimate
    from simulations.execution.execute import execute
    from simulations.validation.experiments import EXPERIMENTS, run
    from simulations.sampling.scores import FullLaw, StatisticLaw
    from simulations.sampling.quasi_monte_carlo import quasi_accuracy
    from simulations.sampling.importance_sampling import rare_error
    from simulations.records import Record, RecordError, provenance
    from simulations.sampling.accuracy import (
        accuracy,
        adversarial_accuracy,
        adversarial_law,
        images,
        spatial_accuracy,
        spatial_law,
        streams,
        transform,
    )
    from simulations.sampling.confidence_sequences import Verdict, anytime_interval, crossing, until

__all__ = [
    "EXPERIMENTS",
    "BoundedMean",
    "Classifier",
    "Criterion",
    "Estimate",
    "FullLaw",
    "Halfspace",
    "LikelihoodRatio",
    "Record",
    "RecordError",
    "StatisticLaw",
    "Templates",
    "Verdict",
    "accuracy",
    "adversarial_accuracy",
    "adversarial_law",
    "anytime_interval",
    "attack",
    "crossing",
    "execute",
    "images",
    "logistic_regression",
    "minimax_rule",
    "nearest_mean",
    "nearest_template",
    "optimal_rule",
    "provenance",
    "quasi_accuracy",
    "rare_error",
    "run",
    "spatial_accuracy",
    "spatial_law",
    "streams",
    "transform",
    "until",
]

_HOMES = {
    "attacks": ("attack",),
    "classifiers": ("Classifier", "Criterion", "Halfspace"),
    "classifiers_bayes": ("minimax_rule", "nearest_mean", "nearest_template", "optimal_rule"),
    "classifiers_logistic": ("logistic_regression",),
    "classifiers_scored": ("LikelihoodRatio", "Templates"),
    "estimates": ("BoundedMean", "Estimate"),
    "execution": ("execute",),
    "experiments": ("EXPERIMENTS", "run"),
    "laws": ("FullLaw", "StatisticLaw"),
    "quasi": ("quasi_accuracy",),
    "rare": ("rare_error",),
    "records": ("Record", "RecordError", "provenance"),
    "sampling": (
        "accuracy",
        "adversarial_accuracy",
        "adversarial_law",
        "images",
        "spatial_accuracy",
        "spatial_law",
        "streams",
        "transform",
    ),
    "sequential": ("Verdict", "anytime_interval", "crossing", "until"),
}


def __getattr__(name: str) -> object:
    """Import a public name from its module at first use."""
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"simulations.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'simulations' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
