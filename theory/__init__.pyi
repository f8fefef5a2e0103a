from .bounds.comparisons import (
    optimal_adversarial_error as optimal_adversarial_error,
    pinsker_bound as pinsker_bound,
    total_variation_bound as total_variation_bound,
)
from .bounds.cyclic_codes import (
    conflict_distribution as conflict_distribution,
    cyclic_code_bound as cyclic_code_bound,
    free_probability as free_probability,
    sharp_cyclic_code_bound as sharp_cyclic_code_bound,
)
from .bounds.inverse import (
    max_epsilon as max_epsilon,
    min_texture as min_texture,
)
from .bounds.joint import (
    JointBound as JointBound,
    joint_bound as joint_bound,
    joint_bounds as joint_bounds,
)
from .bounds.pairwise import (
    PairwiseBound as PairwiseBound,
    pairwise_bound as pairwise_bound,
)
from .bounds.two_class import (
    invariance_bound as invariance_bound,
    two_class_bound as two_class_bound,
)
from .bounds.worst_transformation import worst_transformation_bound as worst_transformation_bound
from .derivations.derive import (
    Derivation as Derivation,
    derive as derive,
)
from .frontiers.frontier import (
    Frontier as Frontier,
    frontier as frontier,
)
from .frontiers.halfspaces import (
    HalfspaceFrontier as HalfspaceFrontier,
    halfspace_accuracies as halfspace_accuracies,
    halfspace_frontier as halfspace_frontier,
)
from .frontiers.many_components import (
    joint_bound_of_shifts as joint_bound_of_shifts,
    optimised_joint_bounds as optimised_joint_bounds,
    optimised_shifts as optimised_shifts,
)
from .frontiers.template_search import (
    improve_templates as improve_templates,
    templates_of_bound as templates_of_bound,
)
from .frontiers.templates import (
    TemplateClassifier as TemplateClassifier,
    template_successes as template_successes,
)
from .gaussian.calculus import (
    composed_mu as composed_mu,
    gaussian_advantage as gaussian_advantage,
    gaussian_distance as gaussian_distance,
    gaussian_slope as gaussian_slope,
)
from .gaussian.tradeoff import (
    gaussian_ceiling as gaussian_ceiling,
    gaussian_floor as gaussian_floor,
    gaussian_power as gaussian_power,
    gaussian_tradeoff as gaussian_tradeoff,
    log_gaussian_ceiling as log_gaussian_ceiling,
    log_gaussian_floor as log_gaussian_floor,
    log_gaussian_power as log_gaussian_power,
    log_gaussian_tradeoff as log_gaussian_tradeoff,
)
from .residual.attack import (
    Residual as Residual,
    attack_residual as attack_residual,
    residuals as residuals,
)
from .setting import catalogue as catalogue
from .setting.setting import (
    GaussianMixture as GaussianMixture,
    Setting as Setting,
)
from .setting.transformation_models import (
    RotatedMeans as RotatedMeans,
    permutation_matrices as permutation_matrices,
)
from .setting.transformations import (
    Transformations as Transformations,
    cyclic_shifts as cyclic_shifts,
    quarter_turns as quarter_turns,
)
