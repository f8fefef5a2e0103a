"""Cost and width of the joint bound on the settings of the catalogue, at weight 1/2.

Run ``python benchmarks/joint.py``; prints processor seconds, the estimate, and how far its
confidence limit lies above.
"""

import time

import numpy as np

from theory import catalogue
from theory.bounds.joint import joint_bound


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


if __name__ == "__main__":
    main()
