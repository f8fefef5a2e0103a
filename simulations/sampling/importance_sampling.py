"""Importance sampling of rare errors, down to 1e-12 and below, with an honest interval.

The error event of a halfspace or a template classifier is a union of polyhedra in the space of
the k standard normals behind the scores.  Each polyhedron R has a point z* closest to the
origin.  For normals drawn around z*, the likelihood ratio on R is at most exp(-|z*|^2 / 2),
because z.z* >= |z*|^2 there: the weighted values are bounded, by little more than their mean,
and an empirical Bernstein interval holds without any approximation.  Polyhedra are drawn with
about the chances of these bounds.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from scipy.optimize import nnls
from scipy.special import logsumexp

from simulations.classifiers.halfspace import Classifier
from simulations.estimates import BoundedMean
from simulations.sampling.scores import ScoreSampler
from theory.canonical import on_grid
from theory.checks import MOST_DRAWS, FloatArray, InputError, IntArray, generator, instance, integer

__all__ = ["Polyhedral", "Region", "nearest_point", "rare_error"]

Region = tuple[FloatArray, FloatArray]
_BLOCK_VALUES = 1 << 15
# Chances are rounded to this many bits: a binomial draw turns over where a chance is one half,
# which symmetric pieces have up to rounding.
_CHANCE_BITS = 30


@runtime_checkable
class Polyhedral(Classifier, Protocol):
    """A classifier whose errors form a union of polyhedra of scores."""

    def regions(self, label: int, epsilon: float, norm: str) -> list[Region]:
        """Return (M, c) of each polyhedron {s : M s >= c} where the certificate fails."""
        ...


@dataclass(frozen=True, eq=False)
class _Piece:
    """A polyhedron {z : matrix z >= bound} of one cell, and its point closest to the origin."""

    cell: int
    matrix: FloatArray
    bound: FloatArray
    point: FloatArray


def nearest_point(matrix: FloatArray, bound: FloatArray) -> FloatArray | None:
    """Return the point of {z : matrix z >= bound} closest to the origin, None if it is empty.

    Least distance programming by nonnegative least squares (Lawson and Hanson 1974, ch. 23).
    """
    stacked = np.vstack([matrix.T, bound])
    target = np.zeros(len(stacked))
    target[-1] = 1.0
    solution, residual = nnls(stacked, target)
    if residual <= 1e-12:
        return None
    gap = stacked @ solution - target
    return np.asarray(-gap[:-1] / gap[-1], dtype=np.float64)


def rare_error(
    law: ScoreSampler,
    classifier: Polyhedral,
    count: int,
    *,
    epsilon: float,
    norm: str,
    rng: np.random.Generator | int,
) -> BoundedMean:
    """Estimate the probability that the certificate fails, however small.

    With the spatial law and ``epsilon=0`` that is the spatial error e_S; with the adversarial
    law it is e_A where the certificate is exact, an upper bound on e_A otherwise.

    Parameters
    ----------
    law : ScoreSampler
        Of the classifier's scores.
    classifier : Polyhedral
        Halfspace or templates.
    count : int >= 2
    epsilon : float >= 0
    norm : {"linf", "l2", "l1"}
    rng : numpy.random.Generator or int seed

    Raises
    ------
    ValueError
        If ``count`` is not in 2..10^12, epsilon is negative, the norm is unknown, or the law is
        another classifier's.

    Notes
    -----
    Tested against closed forms down to 1e-12 and for coverage in ``test_importance_sampling.py``.
    """
    total = integer("count", count, minimum=2, maximum=MOST_DRAWS)
    source = generator("rng", rng)
    instance("law", law, ScoreSampler)
    instance("classifier", classifier, Polyhedral)  # type: ignore[type-abstract]
    seen = law.observation
    if not (
        np.array_equal(seen.normals, classifier.normals)
        and np.array_equal(seen.offsets, classifier.offsets)
    ):
        raise InputError("law must be that of the classifier's scores, got another one's")
    pieces = _pieces(law, classifier, epsilon, norm)
    if not pieces:
        return BoundedMean(0.0, 0.0, total, 0.0)
    cells = np.array([piece.cell for piece in pieces])
    points = np.stack([piece.point for piece in pieces])
    squares = 0.5 * (points**2).sum(axis=1)
    log_weights = np.log(law.observation.weights[cells])
    shares = log_weights - squares
    chances = on_grid(np.exp(shares - logsumexp(shares)), _CHANCE_BITS) + 0.5**_CHANCE_BITS
    chances /= chances.sum()
    log_bound = float((shares - np.log(chances)).max())
    moments = np.zeros(2)
    for piece, number in zip(pieces, source.multinomial(total, chances), strict=True):
        same = np.flatnonzero(cells == piece.cell)
        size = max(_BLOCK_VALUES // (len(piece.point) + len(same)), 64)
        for start in range(0, number, size):
            z = source.standard_normal((len(piece.point), min(size, number - start)))
            z += piece.point[:, None]
            hit = _hits([pieces[index] for index in same], z)
            # weight of the cell over the sum, over its pieces, of chance exp(z.z* - |z*|^2 / 2),
            # as a share of its bound
            drawn = np.log(chances[same]) - squares[same]
            exponents = points[same] @ z[:, hit] + drawn[:, None]
            values = np.exp(log_weights[same[0]] - log_bound - logsumexp(exponents, axis=0))
            moments += values.sum(), (values**2).sum()
    mean = moments[0] / total
    variance = max(moments[1] - total * mean**2, 0.0) / (total - 1)
    bound = float(np.exp(log_bound))
    return BoundedMean(min(mean, 1.0) * bound, variance * bound**2, total, bound)


def _pieces(law: ScoreSampler, classifier: Polyhedral, epsilon: float, norm: str) -> list[_Piece]:
    """Return the polyhedra of failure of every cell, in the space of the normals."""
    pieces = []
    for cell, (label, centre) in enumerate(zip(law.observation.labels, law.centres, strict=True)):
        for matrix, bound in classifier.regions(int(label), epsilon, norm):
            inner, outer = matrix @ law.root, bound - matrix @ centre
            point = nearest_point(inner, outer)
            if point is not None:
                pieces.append(_Piece(cell, inner, outer, point))
    return pieces


def _hits(pieces: list[_Piece], z: FloatArray) -> IntArray:
    """Return the columns of z that lie in one of the pieces."""
    inside = np.zeros(z.shape[1], dtype=np.bool_)
    for piece in pieces:
        inside |= (piece.matrix @ z >= piece.bound[:, None]).all(axis=0)
    return np.flatnonzero(inside)
