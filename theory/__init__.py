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
    from theory.admissibility import RotatedMeans, permutation_matrices, rotated_means
    from theory.closed_forms import (
        cyclic_code_bound,
        free_probability,
        invariance_bound,
        two_class_bound,
    )
    from theory.comparisons import (
        optimal_adversarial_error,
        pinsker_bound,
        total_variation_bound,
    )
    from theory.conflicts import conflict_law, sharp_cyclic_code_bound
    from theory.derivation import Derivation, derive
    from theory.frontiers import Frontier, frontier
    from theory.gaussian import (
        gaussian_ceiling,
        gaussian_floor,
        gaussian_power,
        gaussian_tradeoff,
        log_gaussian_ceiling,
        log_gaussian_floor,
        log_gaussian_power,
        log_gaussian_tradeoff,
    )
    from theory.gaussian_calculus import (
        composed_distance,
        gaussian_distance,
        gaussian_excess,
        gaussian_slope,
    )
    from theory.halfspaces import HalfspaceFrontier, halfspace_accuracies, halfspace_frontier
    from theory.inverse import max_epsilon, min_texture
    from theory.joint import JointBound, joint_bound, joint_bounds
    from theory.pairwise import PairwiseBound, pairwise_bound
    from theory.residual import Residual, attack_residual, residuals
    from theory.setting import GaussianMixture, Setting
    from theory.template_search import improve_templates, templates_of_bound
    from theory.templates import TemplateClassifier, template_successes
    from theory.transformations import Transformations, cyclic_shifts, quarter_turns
    from theory.worst_transformation import worst_transformation_bound

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
    "theory.comparisons": ("optimal_adversarial_error", "pinsker_bound", "total_variation_bound"),
    "theory.frontiers": ("Frontier", "frontier"),
    "theory.inverse": ("max_epsilon", "min_texture"),
    "theory.joint": ("JointBound", "joint_bound", "joint_bounds"),
    "theory.template_search": ("improve_templates", "templates_of_bound"),
    "theory.templates": ("TemplateClassifier", "template_successes"),
    "theory.admissibility": ("RotatedMeans", "permutation_matrices", "rotated_means"),
    "theory.closed_forms": (
        "cyclic_code_bound",
        "free_probability",
        "invariance_bound",
        "two_class_bound",
    ),
    "theory.conflicts": ("conflict_law", "sharp_cyclic_code_bound"),
    "theory.derivation": ("Derivation", "derive"),
    "theory.gaussian": (
        "gaussian_ceiling",
        "gaussian_floor",
        "gaussian_power",
        "gaussian_tradeoff",
        "log_gaussian_ceiling",
        "log_gaussian_floor",
        "log_gaussian_power",
        "log_gaussian_tradeoff",
    ),
    "theory.gaussian_calculus": (
        "composed_distance",
        "gaussian_distance",
        "gaussian_excess",
        "gaussian_slope",
    ),
    "theory.halfspaces": ("HalfspaceFrontier", "halfspace_accuracies", "halfspace_frontier"),
    "theory.pairwise": ("PairwiseBound", "pairwise_bound"),
    "theory.residual": ("Residual", "attack_residual", "residuals"),
    "theory.setting": ("GaussianMixture", "Setting"),
    "theory.worst_transformation": ("worst_transformation_bound",),
    "theory.transformations": ("Transformations", "cyclic_shifts", "quarter_turns"),
}


def __getattr__(name: str) -> object:
    """Import a public name from its module at first use."""
    if name == "catalogue":
        return import_module("theory.catalogue")
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(module), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'theory' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
