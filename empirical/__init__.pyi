from .attacks.apgd import apgd as apgd
from .attacks.auto_attack import auto_attack as auto_attack
from .attacks.boundary import (
    BoundaryDistance as BoundaryDistance,
)
from .attacks.boundary import (
    boundary_distance as boundary_distance,
)
from .attacks.pgd import (
    AttackResult as AttackResult,
)
from .attacks.pgd import (
    pgd as pgd,
)
from .attacks.pgd import (
    pgd_perturb as pgd_perturb,
)
from .attacks.spatial import (
    joint_attack as joint_attack,
)
from .attacks.spatial import (
    worst_transformation as worst_transformation,
)
from .comparison.frontier_gaps import frontier_gaps as frontier_gaps
from .comparison.probit import probit_law as probit_law
from .comparison.proxy import (
    fit_proxy as fit_proxy,
)
from .comparison.proxy import (
    predict as predict,
)
from .data.cifar10 import load_cifar10 as load_cifar10
from .data.cifar10_download import fetch_cifar10 as fetch_cifar10
from .data.dataset import (
    Dataset as Dataset,
)
from .data.dataset import (
    batches as batches,
)
from .data.dataset import (
    ordered_batches as ordered_batches,
)
from .data.gaussian import gaussian_images as gaussian_images
from .data.mnist import load_mnist as load_mnist
from .data.npz import load_images as load_images
from .evaluation.evaluate import evaluate as evaluate
from .evaluation.measures import (
    Measures as Measures,
)
from .evaluation.measures import (
    Outcomes as Outcomes,
)
from .experiments.runs import (
    Run as Run,
)
from .experiments.runs import (
    evaluate_run as evaluate_run,
)
from .experiments.runs import (
    train_run as train_run,
)
from .experiments.user_models import load_model as load_model
from .networks.architectures import (
    NETWORKS as NETWORKS,
)
from .networks.architectures import (
    network as network,
)
from .training.curriculum import (
    Curriculum as Curriculum,
)
from .training.curriculum import (
    Stage as Stage,
)
from .training.curriculum import (
    adversarial as adversarial,
)
from .training.curriculum import (
    augmented as augmented,
)
from .training.curriculum import (
    composed as composed,
)
from .training.curriculum import (
    cusp as cusp,
)
from .training.curriculum import (
    cusp_trades as cusp_trades,
)
from .training.curriculum import (
    mixture as mixture,
)
from .training.curriculum import (
    natural as natural,
)
from .training.curriculum import (
    sequential as sequential,
)
from .training.curriculum import (
    trades as trades,
)
from .training.loop import (
    Report as Report,
)
from .training.loop import (
    train as train,
)
from .training.recipes import Recipe as Recipe
from .training.schedules import (
    AdamOneCycle as AdamOneCycle,
)
from .training.schedules import (
    Attack as Attack,
)
from .training.schedules import (
    SgdSteps as SgdSteps,
)
from .transforms.grid import (
    grid as grid,
)
from .transforms.grid import (
    group as group,
)
from .transforms.interpolated import (
    flip as flip,
)
from .transforms.interpolated import (
    random_rotations as random_rotations,
)
from .transforms.interpolated import (
    rotate as rotate,
)
from .transforms.interpolated import (
    translate as translate,
)
