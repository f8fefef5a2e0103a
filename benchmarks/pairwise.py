"""Cost of the pairwise bound: 24 components under 24 transformations, 33 levels.

Run ``python benchmarks/pairwise.py``; prints processor seconds and the largest gap for settings
without any symmetry, at three separations of the means.
"""

import time

import numpy as np

from theory.bounds.pairwise import pairwise_bound
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

COMPONENTS, GROUP, DIMENSION = 24, 24, 48


def main() -> None:
    """Print one line for each separation."""
    for separation in (0.3, 0.6, 1.0):
        rng = np.random.default_rng(0)
        mixture = GaussianMixture(
            separation * rng.normal(size=(COMPONENTS, DIMENSION)),
            np.arange(COMPONENTS) % 2,
            rng.dirichlet(np.full(COMPONENTS, 5.0)),
        )
        moves = Transformations([rng.permutation(DIMENSION) for _ in range(GROUP)])
        start = time.process_time()
        bound = pairwise_bound(Setting(mixture, moves, 0.1), np.linspace(0.02, 0.6, 33))
        seconds = time.process_time() - start
        print(
            f"separation {separation}: {seconds:.1f} s, gap <= {bound.gap.max():.1e}, "
            f"{bound.attainable.sum()} of 33 levels attainable"
        )


if __name__ == "__main__":
    main()
