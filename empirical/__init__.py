"""Trained networks: data, transforms, architectures, attacks, training and evaluation.

Images are tensors (N, C, H, W) in pixel units, [0, 1] unless drawn from a Gaussian setting;
``epsilon`` is in the same units, angles are in degrees, translations in pixels. Device and
dtype follow the data. Randomness comes from a generator that the caller passes.
"""

from empirical.attacks import AttackResult, perturb, pgd
from empirical.data import Dataset, batches, in_order
from empirical.data_gaussian import gaussian_images
from empirical.data_mnist import load_mnist
from empirical.networks import NETWORKS, network
from empirical.transforms import flip, random_rotations, rotate, translate

__all__ = [
    "NETWORKS",
    "AttackResult",
    "Dataset",
    "batches",
    "flip",
    "gaussian_images",
    "in_order",
    "load_mnist",
    "network",
    "perturb",
    "pgd",
    "random_rotations",
    "rotate",
    "translate",
]
