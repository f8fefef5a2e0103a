from .attacks.apgd import apgd as apgd
from .attacks.auto_attack import auto_attack as auto_attack
from .attacks.boundary import (
    BoundaryDistance as BoundaryDistance,
    boundary_distance as boundary_distance,
)
from .attacks.pgd import (
    AttackResult as AttackResult,
    pgd as pgd,
    pgd_perturb as pgd_perturb,
)
from .attacks.spatial import (
    joint_attack as joint_attack,
    worst_transformation as worst_transformation,
)
from .comparison.frontier_gaps import frontier_gaps as frontier_gaps
from .comparison.probit import probit_law as probit_law
from .comparison.proxy import (
    fit_proxy as fit_proxy,
    predict as predict,
)
from .data.cifar10 import load_cifar10 as load_cifar10
from .data.cifar10_download import fetch_cifar10 as fetch_cifar10
from .data.dataset import (
    Dataset as Dataset,
    batches as batches,
    ordered_batches as ordered_batches,
)
from .data.gaussian import gaussian_images as gaussian_images
from .data.image_folder import load_image_folder as load_image_folder
from .data.mnist import load_mnist as load_mnist
from .data.npz import load_images as load_images
from .evaluation.doubts import doubts as doubts
from .evaluation.evaluate import evaluate as evaluate
from .evaluation.measures import (
    Measures as Measures,
    Outcomes as Outcomes,
)
from .experiments.adapter import Adapter as Adapter
from .experiments.pretrained import pretrained as pretrained
from .experiments.runs import (
    Run as Run,
    evaluate_run as evaluate_run,
    train_run as train_run,
)
from .experiments.user_models import load_model as load_model
from .networks.architectures import (
    NETWORKS as NETWORKS,
    network as network,
)
from .training.curriculum import (
    Curriculum as Curriculum,
    Stage as Stage,
    adversarial as adversarial,
    augmented as augmented,
    composed as composed,
    cusp as cusp,
    cusp_trades as cusp_trades,
    mixture as mixture,
    natural as natural,
    sequential as sequential,
    trades as trades,
)
from .training.loop import (
    Report as Report,
    train as train,
)
from .training.recipes import Recipe as Recipe
from .training.schedules import (
    AdamOneCycle as AdamOneCycle,
    Attack as Attack,
    SgdSteps as SgdSteps,
)
from .transforms.grid import (
    grid as grid,
    group as group,
)
from .transforms.interpolated import (
    flip as flip,
    random_rotations as random_rotations,
    rotate as rotate,
    translate as translate,
)
