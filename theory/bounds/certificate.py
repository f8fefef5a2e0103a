"""A lower bound of a linear programme from any multipliers, whoever computed them."""

from typing import TYPE_CHECKING

import numpy as np

from theory.checks import FloatArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["lagrangian_bound"]

_UNIT = 2.0**-53


def lagrangian_bound(
    cost: FloatArray,
    matrix: "csr_array",
    right: FloatArray,
    upper: FloatArray,
    multipliers: FloatArray,
) -> float:
    r"""Lower bound of ``min cost.x`` over ``matrix @ x >= right``, ``0 <= x <= upper``.

    Weak duality: for every :math:`\lambda \ge 0`,

    .. math:: c^T x \ge \lambda^T b + \sum_j \min(0, (c - A^T \lambda)_j)\, u_j

    (THEORY.md, section 6). Negative multipliers are set to zero, and a bound of the rounding
    error of the sums is subtracted, so the answer holds whatever the solver that proposed the
    multipliers did; a poor proposal gives a weak bound, never a wrong one.

    Parameters
    ----------
    cost, upper
        (n,) objective and box.
    matrix, right
        (m, n) rows and (m,) right-hand sides of the constraints.
    multipliers
        (m,) proposed multipliers.
    """
    weights = np.where(np.isfinite(multipliers), np.maximum(multipliers, 0.0), 0.0)
    magnitude = np.abs(cost) + abs(matrix).T @ weights
    rounding = (np.diff(matrix.tocsc().indptr) + 4) * _UNIT * magnitude
    reduced = np.minimum(0.0, cost - matrix.T @ weights - rounding)
    terms = np.concatenate([weights * right, reduced * upper])
    return float(np.sum(terms) - (terms.size + 4) * _UNIT * np.sum(np.abs(terms)))
