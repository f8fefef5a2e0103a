"""Speed of the two roads to a classifier's scores at d = 3072, k = 4, on one core.

    python benchmarks/sampling.py [SECONDS]

Both roads are timed in turn, several times, in one run, so that a busy machine slows both; the
best of each is reported, in samples per second of processor time, with the ratio and the peak
memory.  The targets are 15 million samples per second and 500 times the full road.
"""

import os
import resource
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from simulations.classifiers.templates import Templates
from simulations.sampling.accuracy import accuracy, spatial_sampler, streams
from simulations.sampling.scores import InputSampler, Sampler
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts

D, K, ROUNDS = 3072, 4, 5


def problem() -> tuple[Setting, Templates]:
    """Return two classes of images of 3072 pixels, and four templates."""
    rng = np.random.default_rng(0)
    means = 0.03 * rng.standard_normal((2, D))
    setting = Setting(GaussianMixture(means, [0, 1]), cyclic_shifts(D, [0, 768, 1536, 2304]), 0.01)
    return setting, Templates(rng.standard_normal((K, D)), np.zeros(K), np.array([0, 0, 1, 1]))


def scores_per_second(law: Sampler, count: int, rng: np.random.Generator) -> float:
    """Time the drawing of scores alone."""
    start = time.process_time()
    for _ in law.blocks(count, rng=rng):
        pass
    return count / (time.process_time() - start)


def main() -> None:
    """Print samples per second of both roads, drawn and counted, and their ratio."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    setting, templates = problem()
    fast = spatial_sampler(setting, templates)
    full = InputSampler(fast.observation)
    (rng,) = streams(1, 1)
    many = int(1e7 * seconds / 20.0) + 1
    few = int(2e4 * seconds / 20.0) + 1
    scores_per_second(fast, 100_000, rng)
    scores_per_second(full, 100, rng)
    drawn, counted, slow = [], [], []
    for _ in range(ROUNDS):
        drawn.append(scores_per_second(fast, many, rng))
        slow.append(scores_per_second(full, few, rng))
        start = time.process_time()
        accuracy(fast, templates.correct, many, rng=rng)
        counted.append(many / (time.process_time() - start))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    ratios = np.array(drawn) / np.array(slow)
    print(f"sufficient statistic, drawn    {max(drawn) / 1e6:8.2f} million samples/s")
    print(f"sufficient statistic, counted  {max(counted) / 1e6:8.2f} million samples/s")
    print(f"full dimension                 {max(slow) / 1e6:8.4f} million samples/s")
    print(f"ratio within a round           {np.median(ratios):8.0f} (median of {ROUNDS})")
    print(f"peak memory                    {peak:8.0f} MiB")


if __name__ == "__main__":
    main()
