"""Speed of residuals, and their gap between attained and dual figure, on one core.

    python benchmarks/residual.py [DIMENSION]

Vectorised residuals of diagonal noise are set against the bare soft-thresholding of NumPy;
those of correlated noise (autoregressive, 0.9) against SciPy's ``lsq_linear``, whose distance
minus ours is printed too: how far it stops from the optimum.
"""

import os
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from scipy.optimize import lsq_linear

from theory.checks import FloatArray
from theory.norms import NORMS
from theory.residual.attack import attack_residual, residuals

ROWS, ROUNDS = 10_000, 5
ORDERS = {"linf": np.inf, "l2": 2, "l1": 1}


def best_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Least processor time of several runs."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def soft_threshold(x: FloatArray) -> FloatArray:
    """Evaluate the isotropic formula for l_inf and nothing else."""
    return np.asarray(np.linalg.norm(np.maximum(np.abs(x) - 0.1, 0.0), axis=-1))


def main() -> None:
    """Print the comparisons."""
    d = int(sys.argv[1]) if len(sys.argv) > 1 else 256
    rng = np.random.default_rng(0)
    many = rng.normal(size=(ROWS, d))
    bare = best_seconds(lambda: soft_threshold(many))
    print(f"{ROWS} differences of dimension {d}; bare soft-thresholding {bare:.3f} s")
    for norm in NORMS:
        radius = 0.3 * float(np.median(np.linalg.norm(many, ORDERS[norm], axis=1)))
        spent = best_seconds(lambda r=radius, n=norm: residuals(many, r, norm=n))
        print(f"  {norm:5} {spent:.3f} s, {spent / bare:5.1f} x bare")
    index = np.arange(d)
    covariance = 0.9 ** np.abs(index[:, None] - index)
    root = np.linalg.cholesky(covariance)
    x, inverse = many[0], np.linalg.inv(root)
    print(f"one difference, correlated noise, dimension {d}")
    for norm in NORMS:
        radius = 0.3 * float(np.linalg.norm(x, ORDERS[norm]))

        def solve(r: float = radius, n: str = norm) -> object:
            return attack_residual(x, r, covariance=covariance, norm=n)

        result = attack_residual(x, radius, covariance=covariance, norm=norm)
        gap = (result.value - result.lower) / result.value
        print(f"  {norm:5} {best_seconds(solve):.3f} s, relative gap {gap:.1e}")
        if norm == "linf":
            found = lsq_linear(inverse, inverse @ x, (-radius, radius), tol=1e-15, max_iter=2000)
            spent = best_seconds(lambda r=radius: lsq_linear(inverse, inverse @ x, (-r, r)), 1)
            far = float(np.sqrt(2.0 * found.cost)) - result.value
            print(f"  lsq_linear {spent:.3f} s at its default tolerance; at 1e-15 {far:+.1e}")


if __name__ == "__main__":
    main()
