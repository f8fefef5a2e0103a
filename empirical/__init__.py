"""Trained networks: data, transforms, architectures, attacks, training and evaluation.

Images are tensors (N, C, H, W) in pixel units, [0, 1] unless drawn from a Gaussian setting;
``epsilon`` is in the same units, angles are in degrees, translations in pixels. Device and
dtype follow the data. Randomness comes from a generator that the caller passes.
"""

from empirical.attacks import AttackResult, perturb, pgd
from empirical.attacks_apgd import apgd
from empirical.attacks_auto import auto_attack
from empirical.attacks_minimum import BoundaryDistance, boundary_distance
from empirical.attacks_spatial import joint, worst_of
from empirical.cifar10 import load_cifar10
from empirical.cifar10_download import fetch_cifar10
from empirical.curriculum import (
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
from empirical.data import Dataset, batches, in_order
from empirical.data_files import load_images
from empirical.data_gaussian import gaussian_images
from empirical.data_mnist import load_mnist
from empirical.evaluation import evaluate
from empirical.foreign import load_model
from empirical.gaps import frontier_gaps
from empirical.measures import Flags, Measures
from empirical.moves import grid, group
from empirical.networks import NETWORKS, network
from empirical.probit import probit_law
from empirical.proxy import fit_proxy, predict
from empirical.recipes import Recipe
from empirical.runs import Run, measure, trained
from empirical.settings import Adam, Attack, Momentum
from empirical.training import Report, train
from empirical.transforms import flip, random_rotations, rotate, translate

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
