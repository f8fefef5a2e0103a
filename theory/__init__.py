"""Bounds on the trade-off between spatial and adversarial accuracy.

Names are those of the field; the symbols of ``theory/THEORY.md`` correspond to them so:

====================  ==================================================================
mu_i, w_i, y_i        ``means``, ``weights``, ``labels`` of a :class:`GaussianMixture`
Sigma, sigma          ``covariance``, ``sigma`` (of one coordinate)
P_g, nu_g             ``permutations``, ``probabilities`` of :class:`Transformations`
epsilon, p            ``epsilon``, ``norm`` of a :class:`Setting`: the attack
e_S, S = 1 - e_S      ``spatial_error``, ``spatial_accuracy``
e_A, A = 1 - e_A      ``adversarial_error``, ``adversarial_accuracy``
G_rho(a)              :func:`gaussian_tradeoff`
r_epsilon(Delta)      :func:`attack_residual`
alpha, eta            amplitude of the strong signal, of the weak texture
====================  ==================================================================

Names are imported when first used, so that ``import theory`` stays cheap.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from theory import catalogue
    from theory.setting.transformation_models import RotatedMeans, permutation_matrices, rotated_means
    from theory.bounds.two_class import (
        cyclic_code_bound,
        free_probability,
        invariance_bound,
        two_class_bound,
    )
    from theory.bounds.comparisons import (
        optimal_adversarial_error,
        pinsker_bound,
        total_variation_bound,
    )
    from theory.bounds.cyclic_codes import conflict_law, sharp_cyclic_code_bound
    from theory.derivations.derive import Derivation, derive
    from theory.frontiers.frontier import Frontier, frontier
    from theory.gaussian.tradeoff import (
        gaussian_ceiling,
        gaussian_floor,
        gaussian_power,
        gaussian_tradeoff,
        log_gaussian_ceiling,
        log_gaussian_floor,
        log_gaussian_power,
        log_gaussian_tradeoff,
    )
    from theory.gaussian.calculus import (
        composed_distance,
        gaussian_distance,
        gaussian_excess,
        gaussian_slope,
    )
    from theory.frontiers.halfspaces import HalfspaceFrontier, halfspace_accuracies, halfspace_frontier
    from theory.bounds.inverse import max_epsilon, min_texture
    from theory.bounds.joint import JointBound, joint_bound, joint_bounds
    from theory.bounds.pairwise import PairwiseBound, pairwise_bound
    from theory.residual.attack import Residual, attack_residual, residuals
    from theory.setting.setting import GaussianMixture, Setting
    from theory.frontiers.template_search import improve_templates, templates_of_bound
    from theory.frontiers.templates import TemplateClassifier, template_successes
    from theory.setting.transformations import Transformations, cyclic_shifts, quarter_turns
    from theory.bounds.worst_transformation import worst_transformation_bound

__all__ = [
    "Derivation",
    "Frontier",
    "GaussianMixture",
    "HalfspaceFrontier",
    "JointBound",
    "PairwiseBound",
    "Residual",
    "RotatedMeans",
    "Setting",
    "TemplateClassifier",
    "Transformations",
    "attack_residual",
    "catalogue",
    "composed_distance",
    "conflict_law",
    "cyclic_code_bound",
    "cyclic_shifts",
    "derive",
    "free_probability",
    "frontier",
    "gaussian_ceiling",
    "gaussian_distance",
    "gaussian_excess",
    "gaussian_floor",
    "gaussian_power",
    "gaussian_slope",
    "gaussian_tradeoff",
    "halfspace_accuracies",
    "halfspace_frontier",
    "improve_templates",
    "invariance_bound",
    "joint_bound",
    "joint_bounds",
    "log_gaussian_ceiling",
    "log_gaussian_floor",
    "log_gaussian_power",
    "log_gaussian_tradeoff",
    "max_epsilon",
    "min_texture",
    "optimal_adversarial_error",
    "pairwise_bound",
    "permutation_matrices",
    "pinsker_bound",
    "quarter_turns",
    "residuals",
    "rotated_means",
    "sharp_cyclic_code_bound",
    "template_successes",
    "templates_of_bound",
    "total_variation_bound",
    "two_class_bound",
    "worst_transformation_bound",
]

_HOMES = {
    "theory.bounds.comparisons": ("optimal_adversarial_error", "pinsker_bound", "total_variation_bound"),
    "theory.frontiers.frontier": ("Frontier", "frontier"),
    "theory.bounds.inverse": ("max_epsilon", "min_texture"),
    "theory.bounds.joint": ("JointBound", "joint_bound", "joint_bounds"),
    "theory.frontiers.template_search": ("improve_templates", "templates_of_bound"),
    "theory.frontiers.templates": ("TemplateClassifier", "template_successes"),
    "theory.setting.transformation_models": ("RotatedMeans", "permutation_matrices", "rotated_means"),
    "theory.bounds.two_class": (
        "cyclic_code_bound",
        "free_probability",
        "invariance_bound",
        "two_class_bound",
    ),
    "theory.bounds.cyclic_codes": ("conflict_law", "sharp_cyclic_code_bound"),
    "theory.derivations.derive": ("Derivation", "derive"),
    "theory.gaussian.tradeoff": (
        "gaussian_ceiling",
        "gaussian_floor",
        "gaussian_power",
        "gaussian_tradeoff",
        "log_gaussian_ceiling",
        "log_gaussian_floor",
        "log_gaussian_power",
        "log_gaussian_tradeoff",
    ),
    "theory.gaussian.calculus": (
        "composed_distance",
        "gaussian_distance",
        "gaussian_excess",
        "gaussian_slope",
    ),
    "theory.frontiers.halfspaces": ("HalfspaceFrontier", "halfspace_accuracies", "halfspace_frontier"),
    "theory.bounds.pairwise": ("PairwiseBound", "pairwise_bound"),
    "theory.residual.attack": ("Residual", "attack_residual", "residuals"),
    "theory.setting.setting": ("GaussianMixture", "Setting"),
    "theory.bounds.worst_transformation": ("worst_transformation_bound",),
    "theory.setting.transformations": ("Transformations", "cyclic_shifts", "quarter_turns"),
}


def __getattr__(name: str) -> object:
    """Import a public name from its module at first use."""
    if name == "catalogue":
        return import_module("theory.setting.catalogue")
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'theory' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
