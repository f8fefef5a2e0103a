from .bounds.comparisons import (
    optimal_adversarial_error as optimal_adversarial_error,
)
from .bounds.comparisons import (
    pinsker_bound as pinsker_bound,
)
from .bounds.comparisons import (
    total_variation_bound as total_variation_bound,
)
from .bounds.cyclic_codes import (
    conflict_distribution as conflict_distribution,
)
from .bounds.cyclic_codes import (
    sharp_cyclic_code_bound as sharp_cyclic_code_bound,
)
from .bounds.inverse import (
    max_epsilon as max_epsilon,
)
from .bounds.inverse import (
    min_texture as min_texture,
)
from .bounds.joint import (
    JointBound as JointBound,
)
from .bounds.joint import (
    joint_bound as joint_bound,
)
from .bounds.joint import (
    joint_bounds as joint_bounds,
)
from .bounds.pairwise import (
    PairwiseBound as PairwiseBound,
)
from .bounds.pairwise import (
    pairwise_bound as pairwise_bound,
)
from .bounds.two_class import (
    cyclic_code_bound as cyclic_code_bound,
)
from .bounds.two_class import (
    free_probability as free_probability,
)
from .bounds.two_class import (
    invariance_bound as invariance_bound,
)
from .bounds.two_class import (
    two_class_bound as two_class_bound,
)
from .bounds.worst_transformation import worst_transformation_bound as worst_transformation_bound
from .derivations.derive import (
    Derivation as Derivation,
)
from .derivations.derive import (
    derive as derive,
)
from .frontiers.frontier import (
    Frontier as Frontier,
)
from .frontiers.frontier import (
    frontier as frontier,
)
from .frontiers.halfspaces import (
    HalfspaceFrontier as HalfspaceFrontier,
)
from .frontiers.halfspaces import (
    halfspace_accuracies as halfspace_accuracies,
)
from .frontiers.halfspaces import (
    halfspace_frontier as halfspace_frontier,
)
from .frontiers.template_search import (
    improve_templates as improve_templates,
)
from .frontiers.template_search import (
    templates_of_bound as templates_of_bound,
)
from .frontiers.templates import (
    TemplateClassifier as TemplateClassifier,
)
from .frontiers.templates import (
    template_successes as template_successes,
)
from .gaussian.calculus import (
    composed_mu as composed_mu,
)
from .gaussian.calculus import (
    gaussian_advantage as gaussian_advantage,
)
from .gaussian.calculus import (
    gaussian_distance as gaussian_distance,
)
from .gaussian.calculus import (
    gaussian_slope as gaussian_slope,
)
from .gaussian.tradeoff import (
    gaussian_ceiling as gaussian_ceiling,
)
from .gaussian.tradeoff import (
    gaussian_floor as gaussian_floor,
)
from .gaussian.tradeoff import (
    gaussian_power as gaussian_power,
)
from .gaussian.tradeoff import (
    gaussian_tradeoff as gaussian_tradeoff,
)
from .gaussian.tradeoff import (
    log_gaussian_ceiling as log_gaussian_ceiling,
)
from .gaussian.tradeoff import (
    log_gaussian_floor as log_gaussian_floor,
)
from .gaussian.tradeoff import (
    log_gaussian_power as log_gaussian_power,
)
from .gaussian.tradeoff import (
    log_gaussian_tradeoff as log_gaussian_tradeoff,
)
from .residual.attack import (
    Residual as Residual,
)
from .residual.attack import (
    attack_residual as attack_residual,
)
from .residual.attack import (
    residuals as residuals,
)
from .setting import catalogue as catalogue
from .setting.setting import (
    GaussianMixture as GaussianMixture,
)
from .setting.setting import (
    Setting as Setting,
)
from .setting.transformation_models import (
    RotatedMeans as RotatedMeans,
)
from .setting.transformation_models import (
    permutation_matrices as permutation_matrices,
)
from .setting.transformation_models import (
    rotated_means as rotated_means,
)
from .setting.transformations import (
    Transformations as Transformations,
)
from .setting.transformations import (
    cyclic_shifts as cyclic_shifts,
)
from .setting.transformations import (
    quarter_turns as quarter_turns,
)
