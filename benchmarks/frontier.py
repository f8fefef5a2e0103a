"""Cost and gap of the frontier of the ten class means of MNIST under quarter turns.

Run ``python benchmarks/frontier.py``; prints the processor seconds of each part, the limits of the
joint bounds and what is left between the curves at their weights.
"""

import time

import numpy as np

from empirical.data.mnist import load_mnist
from simulations.execution.progress import follow
from theory.frontiers.frontier import frontier
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns

SIGMA, EPSILON = 1.235, 0.1


def main() -> None:
    """Print a line for each part."""
    images = load_mnist("train")
    pixels = images.images.flatten(1).double().numpy() / 255.0
    labels = images.labels.numpy()
    means = np.stack([pixels[labels == label].mean(axis=0) for label in range(10)])
    setting = Setting(GaussianMixture(means, range(10), sigma=SIGMA), quarter_turns(28), EPSILON)
    start = time.process_time()
    ends: list[float] = []

    def note(done: int, total: int) -> None:
        ends.append(time.process_time() - start)
        show(done, total)

    with follow("frontier") as show:
        found = frontier(setting, rng=0, progress=note)
    seconds = time.process_time() - start
    searches = ends[-1] - ends[-1 - len(found.joint_bounds)]
    print(f"ten class means: {seconds:.1f} s, of these {searches:.1f} s for classifiers")
    for bound, gap in zip(found.joint_bounds, found.gap, strict=True):
        print(f"weight {bound.weight:.1f}: at most {bound.upper:.4f}, gap {gap:.4f}")


if __name__ == "__main__":
    main()
