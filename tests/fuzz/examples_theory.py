"""A valid call of every public function, class and method of theory."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

import theory
from tests.fuzz.driver import Example
from tests.fuzz.objects import bound, frontier, multi, rng, setting, templates
from theory import catalogue
from theory.setting.catalogue import robust_feature

__all__ = ["EXAMPLES"]

_SWAP = [[[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0], [0.0, 1.0]]]
_CODE: dict[str, Any] = {"generator": "x+1", "length": 4}
_AMPLITUDES: dict[str, Any] = {"alpha": 1.0, "eta": 0.25, "sigma": 0.5, "epsilon": 0.3}


def _certified(**arguments: Any) -> Any:
    """Ask a frontier, computed when first asked."""
    return frontier()(**arguments)


def _reached(*arguments: Any, **named: Any) -> theory.Frontier:
    """Return a frontier whose inner curve is 0 where no classifier was found, and NaN by rule."""
    found = theory.frontier(*arguments, **named)
    nobody = found.adversarial_accuracy > found.achieved[:, 1].max()
    return replace(found, inner=np.where(nobody, 0.0, found.inner))


@cache
def _derivation() -> theory.Derivation:
    return theory.derive("cyclic-code")


def _inverse(**arguments: Any) -> dict[str, Any]:
    return {
        "spatial_accuracy": 0.99,
        "adversarial_accuracy": 0.8,
        "limit": 10.0,
        "tolerance": 0.01,
        **arguments,
    }


def _gaussian(name: str, argument: str, level: float) -> Example:
    return Example(
        getattr(theory, name),
        lambda: {argument: level, "rho": 1.0, "precise": False, "certified": False},
    )


def _build(eta: float) -> theory.Setting:
    return robust_feature(
        2, alpha=1.0, reliability=0.9, eta=eta, sigma=0.5, epsilon=0.3, positions=2
    )


EXAMPLES: dict[str, Example] = {
    "GaussianMixture": Example(
        theory.GaussianMixture,
        lambda: {
            "means": np.array([[0.0, 1.0], [1.0, 0.0]]),
            "labels": np.array([0, 1]),
            "weights": np.array([0.25, 0.75]),
            "sigma": 1.0,
            "covariance": None,
        },
        share=2,
    ),
    "GaussianMixture (covariance)": Example(
        theory.GaussianMixture,
        lambda: {
            "means": [[0.0, 1.0], [1.0, 0.0]],
            "labels": [0, 1],
            "covariance": np.array([[1.0, 0.5], [0.5, 1.0]]),
        },
        share=2,
    ),
    "GaussianMixture.whiten": Example(multi().mixture.whiten, lambda: {"x": np.ones((3, 2))}),
    "Transformations": Example(
        theory.Transformations,
        lambda: {
            "permutations": np.array([[0, 1, 2], [1, 0, 2]]),
            "probabilities": np.array([0.5, 0.5]),
        },
    ),
    "Transformations.act": Example(
        setting().transformations.act, lambda: {"g": 1, "x": np.ones((2, 3))}
    ),
    "Transformations.apply": Example(
        setting().transformations.apply, lambda: {"x": np.ones((2, 3))}
    ),
    "RotatedMeans": Example(
        theory.RotatedMeans,
        lambda: {"matrices": np.array(_SWAP), "probabilities": np.array([0.5, 0.5])},
    ),
    "RotatedMeans.act": Example(
        theory.RotatedMeans(_SWAP).act, lambda: {"g": 1, "means": np.ones((2, 2))}
    ),
    "RotatedMeans.apply": Example(
        theory.RotatedMeans(_SWAP).apply, lambda: {"means": np.ones((2, 2))}
    ),
    "Setting": Example(
        theory.Setting,
        lambda: {
            "mixture": setting().mixture,
            "transformations": setting().transformations,
            "epsilon": 0.1,
            "norm": "l2",
            "name": "fuzz",
            "image_shape": (3, 1),
        },
        share=2,
    ),
    "Setting.with_epsilon": Example(setting().with_epsilon, lambda: {"epsilon": 0.2}),
    "Frontier.__call__": Example(
        _certified,
        lambda: {"adversarial_error": np.array([0.5, 0.25])},
        share=0.1,
    ),
    "Frontier.max_spatial_accuracy": Example(
        lambda adversarial_accuracy: frontier().max_spatial_accuracy(adversarial_accuracy),
        lambda: {"adversarial_accuracy": 0.5},
        share=0.1,
    ),
    "Frontier.max_adversarial_accuracy": Example(
        lambda spatial_accuracy: frontier().max_adversarial_accuracy(spatial_accuracy),
        lambda: {"spatial_accuracy": 0.5},
        share=0.1,
    ),
    "Frontier.check": Example(
        lambda **arguments: frontier().check(**arguments),
        lambda: {"spatial": (90, 100), "adversarial": (80, 100), "confidence": 0.9},
        share=0.3,
        words=("successes", "trials"),
    ),
    "Frontier.violates": Example(
        lambda **arguments: frontier().violates(**arguments),
        lambda: {"spatial": (90, 100), "adversarial": (80, 100), "confidence": 0.9},
        share=0.3,
        words=("successes", "trials"),
    ),
    "JointBound.spatial_accuracy": Example(
        bound().spatial_accuracy, lambda: {"adversarial_accuracy": np.array([0.5])}
    ),
    "TemplateClassifier": Example(
        theory.TemplateClassifier,
        lambda: {
            "vectors": np.array([[0.0, 1.0], [1.0, 0.0]]),
            "offsets": np.zeros(2),
            "classes": np.array([0, 1]),
        },
    ),
    "TemplateClassifier.scores": Example(templates().scores, lambda: {"x": np.ones((2, 3))}),
    "TemplateClassifier.predict": Example(templates().predict, lambda: {"x": np.ones((2, 3))}),
    "attack_residual": Example(
        theory.attack_residual,
        lambda: {
            "difference": np.array([1.0, 0.5, -0.25]),
            "epsilon": 0.1,
            "sigma": 1.0,
            "covariance": None,
            "norm": "linf",
        },
    ),
    "attack_residual (covariance)": Example(
        theory.attack_residual,
        lambda: {
            "difference": np.array([1.0, 0.5]),
            "epsilon": 0.1,
            "covariance": np.array([[1.0, 0.5], [0.5, 1.0]]),
            "norm": "l2",
        },
        share=0.5,
    ),
    "residuals": Example(
        theory.residuals,
        lambda: {
            "differences": np.array([[1.0, 0.5, -0.25]]),
            "epsilon": 0.1,
            "sigma": None,
            "covariance": np.array([1.0, 2.0, 3.0]),
            "norm": "l1",
        },
    ),
    "composed_mu": Example(
        lambda rho: theory.composed_mu(1.0, rho), lambda: {"rho": np.array([1.0, 2.0])}
    ),
    "conflict_distribution": Example(
        theory.conflict_distribution, lambda: {**_CODE, "probabilities": np.full(4, 0.25)}
    ),
    "cyclic_code_bound": Example(
        theory.cyclic_code_bound,
        lambda: {
            "adversarial_error": np.array([0.1]),
            "free": 0.75,
            "eta": 0.25,
            "sigma": 0.5,
            "epsilon": 0.4,
            "length": 16,
        },
    ),
    "sharp_cyclic_code_bound": Example(
        theory.sharp_cyclic_code_bound,
        lambda: {
            "adversarial_error": np.array([0.1]),
            "law": (np.array([0.5]), np.array([1.0])),
            "eta": 0.25,
            "sigma": 0.5,
            "epsilon": 0.4,
            "length": 16,
        },
        share=0.5,
    ),
    "cyclic_shifts": Example(
        theory.cyclic_shifts,
        lambda: {"length": 4, "steps": (0, 1), "probabilities": np.array([0.5, 0.5])},
    ),
    "quarter_turns": Example(
        theory.quarter_turns,
        lambda: {"side": 2, "turns": (0, 1), "probabilities": np.array([0.5, 0.5])},
    ),
    "derive": Example(theory.derive, lambda: {"name": "cyclic-code"}),
    "Derivation.step": Example(lambda name: _derivation().step(name), lambda: {"name": "bound"}),
    "Derivation.as_function": Example(
        lambda name: _derivation().as_function(name), lambda: {"name": "bound"}, share=0.2
    ),
    "free_probability": Example(
        theory.free_probability, lambda: {**_CODE, "probabilities": np.full(4, 0.25)}
    ),
    "frontier": Example(
        _reached,
        lambda: {
            "setting": setting(),
            "rng": rng(),
            "points": 3,
            "weights": 1,
            "samples": 1024,
            "steps": 0,
        },
        share=0.05,
    ),
    "gaussian_ceiling": _gaussian("gaussian_ceiling", "accuracy", 0.9),
    "gaussian_floor": _gaussian("gaussian_floor", "accuracy", 0.9),
    "gaussian_power": _gaussian("gaussian_power", "error", 0.1),
    "gaussian_tradeoff": _gaussian("gaussian_tradeoff", "error", 0.1),
    "log_gaussian_ceiling": _gaussian("log_gaussian_ceiling", "log_accuracy", -0.1),
    "log_gaussian_floor": _gaussian("log_gaussian_floor", "log_accuracy", -0.1),
    "log_gaussian_power": _gaussian("log_gaussian_power", "log_error", -2.0),
    "log_gaussian_tradeoff": _gaussian("log_gaussian_tradeoff", "log_error", -2.0),
    "gaussian_distance": Example(
        theory.gaussian_distance, lambda: {"error": np.array([0.1]), "other_error": 0.2}
    ),
    "gaussian_advantage": Example(
        theory.gaussian_advantage, lambda: {"error": np.array([0.1, 0.9]), "rho": 1.0}
    ),
    "gaussian_slope": Example(
        theory.gaussian_slope, lambda: {"error": 0.1, "rho": np.array([1.0, 2.0])}
    ),
    "halfspace_accuracies": Example(
        theory.halfspace_accuracies,
        lambda: {"setting": setting(), "normal": np.array([1.0, 0.5, 0.0]), "offset": 0.1},
    ),
    "halfspace_frontier": Example(
        theory.halfspace_frontier,
        lambda: {"setting": setting(), "weights": np.array([0.5]), "starts": 1},
        share=0.1,
    ),
    "improve_templates": Example(
        theory.improve_templates,
        lambda: {
            "setting": setting(),
            "classifier": templates(),
            "weight": 0.5,
            "rng": rng(),
            "steps": 2,
            "batch": 4,
            "nearby": True,
        },
        share=0.5,
    ),
    "invariance_bound": Example(
        theory.invariance_bound,
        lambda: {"spatial_error": np.array([0.2]), "adversarial_error": np.array([0.1])},
    ),
    "joint_bound": Example(
        theory.joint_bound,
        lambda: {
            "setting": setting(),
            "weight": 0.5,
            "rng": rng(),
            "samples": 1024,
            "confidence": 0.99,
        },
        share=0.05,
    ),
    "joint_bounds": Example(
        theory.joint_bounds,
        lambda: {
            "setting": setting(),
            "weights": np.array([1.0]),
            "rng": rng(),
            "samples": 1024,
            "confidence": 0.99,
        },
        share=0.05,
    ),
    "optimised_joint_bounds": Example(
        theory.optimised_joint_bounds,
        lambda: {
            "setting": setting(),
            "weights": np.array([0.5]),
            "rng": rng(),
            "steps": 2,
            "samples": 1024,
            "confidence": 0.99,
            "start": np.zeros((2, 3)),
            "found": lambda weight, shifts: None,
        },
        share=0.1,
    ),
    "optimised_shifts": Example(
        theory.optimised_shifts,
        lambda: {
            "setting": setting(),
            "weight": 0.5,
            "rng": rng(),
            "steps": 2,
            "start": np.zeros((2, 3)),
        },
        share=0.1,
    ),
    "joint_bound_of_shifts": Example(
        theory.joint_bound_of_shifts,
        lambda: {
            "setting": setting(),
            "weight": 0.5,
            "shifts": np.zeros((2, 3)),
            "rng": rng(),
            "samples": 1024,
            "confidence": 0.99,
        },
        share=0.1,
    ),
    "max_epsilon": Example(theory.max_epsilon, lambda: _inverse(setting=setting()), share=0.1),
    "min_texture": Example(
        theory.min_texture, lambda: _inverse(build=_build), share=0.05, words=("means",)
    ),
    "optimal_adversarial_error": Example(
        theory.optimal_adversarial_error, lambda: {"setting": setting()}
    ),
    "pairwise_bound": Example(
        theory.pairwise_bound,
        lambda: {
            "setting": setting(),
            "adversarial_error": np.array([0.1]),
            "tolerance": 1e-4,
        },
        share=0.2,
    ),
    "worst_transformation_bound": Example(
        theory.worst_transformation_bound,
        lambda: {
            "setting": setting(),
            "adversarial_error": np.array([0.1]),
            "tolerance": 1e-4,
        },
        share=0.2,
    ),
    "pinsker_bound": Example(
        theory.pinsker_bound,
        lambda: {"setting": setting(), "adversarial_error": np.array([0.1])},
    ),
    "total_variation_bound": Example(
        theory.total_variation_bound,
        lambda: {"setting": setting(), "adversarial_error": np.array([0.1])},
    ),
    "two_class_bound": Example(
        theory.two_class_bound,
        lambda: {"setting": setting(), "adversarial_error": np.array([0.1])},
        share=0.3,
    ),
    "permutation_matrices": Example(
        theory.permutation_matrices,
        lambda: {"matrices": np.array(_SWAP), "probabilities": np.array([0.5, 0.5])},
    ),
    "template_successes": Example(
        theory.template_successes,
        lambda: {
            "setting": setting(),
            "classifier": templates(),
            "rng": rng(),
            "samples": 10,
        },
    ),
    "templates_of_bound": Example(
        theory.templates_of_bound, lambda: {"setting": setting(), "bound": bound()}
    ),
    "catalogue.block_pattern": Example(
        catalogue.block_pattern, lambda: {"side": 4, "blocks": 2, "rng": rng()}
    ),
    "catalogue.block_texture": Example(
        catalogue.block_texture,
        lambda: {"side": 4, "blocks": 2, "pattern_seed": 1, **_AMPLITUDES},
        words=("means",),
    ),
    "catalogue.defaults": Example(catalogue.defaults, dict, share=0.01),
    "catalogue.cyclic_code": Example(
        catalogue.cyclic_code,
        lambda: {**_CODE, **_AMPLITUDES, "probabilities": np.full(4, 0.25)},
        words=("means",),
    ),
    "catalogue.orientation_texture": Example(
        catalogue.orientation_texture,
        lambda: {"pattern": np.eye(2), **_AMPLITUDES, "probabilities": np.full(4, 0.25)},
        words=("means",),
    ),
    "catalogue.robust_feature": Example(
        catalogue.robust_feature,
        lambda: {
            "weak": 2,
            **_AMPLITUDES,
            "reliability": 0.9,
            "positions": 2,
            "probabilities": np.full(2, 0.5),
        },
        words=("means",),
    ),
    "catalogue.rotating_bump": Example(
        catalogue.rotating_bump,
        lambda: {
            "angles": 4,
            "rings": 1,
            **_AMPLITUDES,
            "width": 0.6,
            "max_degrees": 180.0,
        },
        words=("means",),
    ),
}
