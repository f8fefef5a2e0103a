"""Five templates of three classes, and the exact worst case of their scores."""

import numpy as np
from scipy.optimize import linprog

from tests.simulations.settings import D

__all__ = ["EPSILON", "LABELS", "NORMALS", "OFFSETS", "sample", "truly_robust"]

RNG = np.random.default_rng(8)
NORMALS, OFFSETS = RNG.normal(size=(5, D)), RNG.normal(size=5)
LABELS = np.array([0, 0, 1, 1, 2])
EPSILON = 0.12


def sample(count: int, seed: int = 0) -> np.ndarray:
    """Return the scores of Gaussian inputs, (5, count)."""
    return NORMALS @ np.random.default_rng(seed).normal(size=(D, count)) + OFFSETS[:, None]


def truly_robust(score: np.ndarray, label: int) -> bool:
    """Can no l_inf perturbation lift a rival to the best score of the label?"""
    own = label == LABELS
    for rival in np.flatnonzero(~own):
        # max t subject to t <= s_l - s_j + <w_l - w_j, delta> for every own j
        gap = NORMALS[rival] - NORMALS[own]
        result = linprog(
            np.append(np.zeros(D), -1.0),
            A_ub=np.column_stack([-gap, np.ones(own.sum())]),
            b_ub=score[rival] - score[own],
            bounds=[(-EPSILON, EPSILON)] * D + [(None, None)],
        )
        if -result.fun >= 0.0:
            return False
    return True
