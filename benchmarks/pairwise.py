"""Cost of the pairwise bound: many levels of one setting, then more and more components.

Run ``python benchmarks/pairwise.py``; prints processor seconds and the largest gap for settings
of 24 components under 24 transformations without any symmetry, 33 levels at three separations of
the means, and for one level of growing settings of ten classes under quarter turns.
"""

import time

import numpy as np

from theory.bounds.pairwise import pairwise_bound
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations, quarter_turns

COMPONENTS, GROUP, DIMENSION = 24, 24, 48
GROWING = (25, 50, 100, 200, 400, 800)


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
    before = None
    for count in GROWING:
        means = 0.5 * np.random.default_rng(0).normal(size=(count, 64))
        setting = Setting(GaussianMixture(means, np.arange(count) % 10), quarter_turns(8), 0.1)
        start = time.process_time()
        bound = pairwise_bound(setting, 0.2)
        seconds = time.process_time() - start
        ratio = "" if before is None else f", x{seconds / before:.1f}"
        print(f"{count} components: {seconds:.1f} s{ratio}, gap {float(bound.gap):.1e}")
        before = seconds


if __name__ == "__main__":
    main()
