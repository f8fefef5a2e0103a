"""Small valid objects from which the examples are built."""

import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from theory import GaussianMixture, JointBound, Setting, TemplateClassifier, Transformations
from theory.bounds.joint import joint_bound
from theory.frontiers.frontier import Frontier, frontier as enclose

__all__ = ["bound", "folder", "frontier", "multi", "rng", "setting", "templates"]


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory()


def folder(name: str) -> Path:
    """A folder of this process, of that name, which goes with it."""
    path = Path(_temporary().name, name)
    path.mkdir(exist_ok=True)
    return path


@cache
def setting() -> Setting:
    """Two components in three dimensions, two permutations."""
    mixture = GaussianMixture([[1.0, 0.5, 0.0], [-1.0, -0.5, 0.25]], [1, 0], sigma=0.8)
    return Setting(mixture, Transformations([[0, 1, 2], [2, 0, 1]]), 0.1)


@cache
def multi() -> Setting:
    """Three components of three classes, of general covariance."""
    spread = [[1.0, 0.25], [0.25, 1.0]]
    mixture = GaussianMixture([[1.0, 0.0], [-1.0, 0.5], [0.0, 2.0]], [0, 1, 2], covariance=spread)
    return Setting(mixture, Transformations([[0, 1], [1, 0]], [0.75, 0.25]), 0.05, "l2")


@cache
def bound() -> JointBound:
    return joint_bound(setting(), 0.5, rng=rng(), samples=1024)


@cache
def templates() -> TemplateClassifier:
    means = setting().mixture.means
    return TemplateClassifier(means, np.zeros(2), np.array([1, 0]))


@cache
def frontier() -> Frontier:
    return enclose(setting(), rng=rng(), points=3, weights=1, samples=1024, steps=0)
