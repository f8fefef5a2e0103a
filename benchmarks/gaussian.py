"""Speed and accuracy of the trade-off function against the bare formula, on one core.

    python benchmarks/gaussian.py [POINTS]

The bare formula is ``ndtr(-ndtri(a) - rho)``: no checks, no repair of subnormal results. Each
is timed in turn, several times, and the best of each is reported with the ratio, of which the
default must stay below 1.3. The largest relative error of each over 400 hard points, where the
tail of the error meets the distance, comes from certified enclosures.
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy.special import ndtr, ndtri

from theory.checks import FloatArray
from theory.gaussian.tradeoff import gaussian_tradeoff, log_gaussian_tradeoff

ROUNDS = 15
Curve = Callable[[FloatArray, FloatArray], FloatArray]


def bare(a: FloatArray, rho: FloatArray) -> FloatArray:
    """Evaluate the formula and nothing else."""
    return np.asarray(ndtr(-ndtri(a) - rho))


def precise(a: FloatArray, rho: FloatArray) -> FloatArray:
    """Evaluate with the quantile in twice the precision."""
    return gaussian_tradeoff(a, rho, precise=True)


def logarithms(a: FloatArray, rho: FloatArray) -> FloatArray:
    """Evaluate from the logarithm, whose cost is not part of the comparison of accuracy."""
    return np.asarray(np.exp(log_gaussian_tradeoff(np.log(a), rho)))


CURVES: dict[str, Curve] = {
    "bare": bare,
    "default": gaussian_tradeoff,
    "precise": precise,
    "logarithms": logarithms,
}


def seconds(curve: Curve, a: FloatArray, rho: FloatArray) -> float:
    """Processor time of one evaluation."""
    start = time.process_time()
    curve(a, rho)
    return time.process_time() - start


def main() -> None:
    """Print seconds, ratio to the bare formula and largest relative error of each road."""
    points = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    rng = np.random.default_rng(0)
    a, rho = rng.uniform(size=points), np.float64(1.5)
    best = dict.fromkeys(CURVES, np.inf)
    for _ in range(ROUNDS):
        for name, curve in CURVES.items():
            best[name] = min(best[name], seconds(curve, a, rho))
    hard = 10.0 ** rng.uniform(-300, 0, size=400)
    distances = np.maximum(0.0, -ndtri(hard) + rng.uniform(-37, 37, size=400))
    exact = gaussian_tradeoff(hard, distances, certified=True)
    normal = exact.lower > 1e-300
    print(f"{points} points; relative error over {normal.sum()} hard points")
    for name, curve in CURVES.items():
        error = np.abs(curve(hard, distances) - exact.lower)[normal] / exact.lower[normal]
        ratio = best[name] / best["bare"]
        print(f"{name:12} {best[name]:8.4f} s   {ratio:5.2f} x bare   {error.max():.1e}")
    start = time.process_time()
    gaussian_tradeoff(hard, distances, certified=True)
    print(f"{'certified':12} {(time.process_time() - start) / 400 * 1e6:8.1f} microseconds a point")


if __name__ == "__main__":
    main()
