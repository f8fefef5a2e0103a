"""Small random settings that the tests of the bounds share."""

import numpy as np

from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

__all__ = ["random_setting"]


def random_setting(
    seed: int, *, components: int = 4, classes: int = 2, group: int = 3, dimension: int = 6
) -> Setting:
    """Components with random means, weights and labels under random permutations."""
    rng = np.random.default_rng(seed)
    labels = np.arange(components) % classes
    weights = rng.dirichlet(np.full(components, 3.0))
    permutations = np.array([rng.permutation(dimension) for _ in range(group)])
    permutations[0] = np.arange(dimension)
    mixture = GaussianMixture(
        rng.normal(size=(components, dimension)), labels, weights, sigma=rng.uniform(0.4, 1.2)
    )
    transformations = Transformations(permutations, rng.dirichlet(np.full(group, 3.0)))
    return Setting(mixture, transformations, float(rng.uniform(0.0, 0.8)))
