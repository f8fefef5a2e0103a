"""Cost and width of the joint bound at weight 1/2: the catalogue, then more and more components.

Run ``python benchmarks/joint.py``; prints processor seconds, the estimate, and how far its
limit lies above; growing random settings of 64 coordinates and ten classes under quarter turns
are also compared with the one before.
"""

import time

import numpy as np

from theory import catalogue
from theory.bounds.joint import joint_bound
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns

COMPONENTS = (10, 25, 50, 100, 1000)


def main() -> None:
    """Print one line for each setting."""
    for name, setting in catalogue.defaults().items():
        start = time.process_time()
        bound = joint_bound(setting, 0.5, rng=np.random.default_rng(0))
        seconds = time.process_time() - start
        print(
            f"{name}: {seconds:.1f} s in {bound.dimension} dimensions, {bound.estimate:.4f} "
            f"+ {bound.upper - bound.estimate:.4f} ({bound.kind})"
        )
    before = None
    for count in COMPONENTS:
        means = 0.4 * np.random.default_rng(0).normal(size=(count, 64))
        setting = Setting(GaussianMixture(means, np.arange(count) % 10), quarter_turns(8), 0.1)
        start = time.process_time()
        bound = joint_bound(setting, 0.5, rng=0)
        seconds = time.process_time() - start
        ratio = "" if before is None else f", x{seconds / before:.1f}"
        print(
            f"{count} components: {seconds:.1f} s{ratio}, {bound.estimate:.4f} "
            f"+ {bound.upper - bound.estimate:.4f}"
        )
        before = seconds


if __name__ == "__main__":
    main()
