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
from empirical.data import Dataset, batches, in_order
from empirical.data_files import load_images
from empirical.data_gaussian import gaussian_images
from empirical.data_mnist import load_mnist
from empirical.moves import grid, group
from empirical.networks import NETWORKS, network
from empirical.transforms import flip, random_rotations, rotate, translate

__all__ = [
    "NETWORKS",
    "AttackResult",
    "BoundaryDistance",
    "Dataset",
    "apgd",
    "auto_attack",
    "batches",
    "boundary_distance",
    "fetch_cifar10",
    "flip",
    "gaussian_images",
    "grid",
    "group",
    "in_order",
    "joint",
    "load_cifar10",
    "load_images",
    "load_mnist",
    "network",
    "perturb",
    "pgd",
    "random_rotations",
    "rotate",
    "translate",
    "worst_of",
]
