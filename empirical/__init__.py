"""Trained networks: data, transforms, architectures, attacks, training and evaluation.

Images are tensors (N, C, H, W) in pixel units, [0, 1] unless drawn from a Gaussian setting;
``epsilon`` is in the same units, angles are in degrees, translations in pixels. Device and
dtype follow the data. Randomness comes from a generator that the caller passes.
"""

from empirical.attacks.pgd import AttackResult, perturb, pgd
from empirical.attacks.apgd import apgd
from empirical.attacks.auto_attack import auto_attack
from empirical.attacks.boundary import BoundaryDistance, boundary_distance
from empirical.attacks.spatial import joint, worst_of
from empirical.data.cifar10 import load_cifar10
from empirical.data.cifar10_download import fetch_cifar10
from empirical.training.curriculum import (
    Curriculum,
    Stage,
    adversarial,
    augmented,
    composed,
    cusp,
    cusp_trades,
    mixture,
    natural,
    sequential,
    trades,
)
from empirical.data.dataset import Dataset, batches, in_order
from empirical.data.npz import load_images
from empirical.data.gaussian import gaussian_images
from empirical.data.mnist import load_mnist
from empirical.evaluation.evaluate import evaluate
from empirical.experiments.user_models import load_model
from empirical.comparison.frontier_gaps import frontier_gaps
from empirical.evaluation.measures import Flags, Measures
from empirical.transforms.grid import grid, group
from empirical.networks.architectures import NETWORKS, network
from empirical.comparison.probit import probit_law
from empirical.comparison.proxy import fit_proxy, predict
from empirical.training.recipes import Recipe
from empirical.experiments.runs import Run, measure, trained
from empirical.training.schedules import Adam, Attack, Momentum
from empirical.training.loop import Report, train
from empirical.transforms.interpolated import flip, random_rotations, rotate, translate

__all__ = [
    "NETWORKS",
    "Adam",
    "Attack",
    "AttackResult",
    "BoundaryDistance",
    "Curriculum",
    "Dataset",
    "Flags",
    "Measures",
    "Momentum",
    "Recipe",
    "Report",
    "Run",
    "Stage",
    "adversarial",
    "apgd",
    "augmented",
    "auto_attack",
    "batches",
    "boundary_distance",
    "composed",
    "cusp",
    "cusp_trades",
    "evaluate",
    "fetch_cifar10",
    "fit_proxy",
    "flip",
    "frontier_gaps",
    "gaussian_images",
    "grid",
    "group",
    "in_order",
    "joint",
    "load_cifar10",
    "load_images",
    "load_mnist",
    "load_model",
    "measure",
    "mixture",
    "natural",
    "network",
    "perturb",
    "pgd",
    "predict",
    "probit_law",
    "random_rotations",
    "rotate",
    "sequential",
    "trades",
    "train",
    "trained",
    "translate",
    "worst_of",
]
