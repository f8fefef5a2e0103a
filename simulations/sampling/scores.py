"""The law of a classifier's scores on a random input, by two roads that are equal in law.

A classifier that sees an input x in R^d only through k scores W x + b sees, given component i
and transformation g, the normal law N(W P_g mu_i + b, W Sigma W^T): the scores are a sufficient
statistic.  `ScoreSampler` draws them directly, k normals a sample; `InputSampler` draws the d
pixels, moves them and computes the scores, thousands of times slower.  That the two agree is a
test.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np

from theory.canonical import distinct_rows
from theory.checks import (
    MOST_DRAWS,
    FloatArray,
    InputError,
    IntArray,
    finite_array,
    generator,
    instance,
    integer,
)
from theory.setting.setting import GaussianMixture
from theory.setting.transformations import Transformations

__all__ = ["Block", "InputSampler", "Sampler", "ScoreModel", "ScoreSampler", "identity"]

# Normals and scores of one block together stay well inside a core's second-level cache.
_BLOCK_VALUES = 1 << 15
# Parts of the longest normal by which others must differ for the span to keep their noise.
_RESOLVED = 1e-6

Block = tuple[int, FloatArray]


@runtime_checkable
class Sampler(Protocol):
    """A law of (label, scores) that can be sampled in blocks."""

    def blocks(self, count: int, *, rng: np.random.Generator | int) -> Iterator[Block]:
        """Yield `count` independent samples as blocks (label, scores of shape (k, n)).

        A block is overwritten by the next one: take from it what is needed, or copy it.
        """
        ...


@dataclass(frozen=True, eq=False)
class ScoreModel:
    """What is drawn, a mixture under a random transformation, and what is seen of it: k scores.

    The scores of an input x are ``normals @ x + offsets``.  A cell is a pair of transformation
    and component, in this order.

    Parameters
    ----------
    mixture : GaussianMixture
        Of dimension d.
    transformations : Transformations
        Applied to the input; `identity` for untransformed inputs.
    normals : (k, d) floats
    offsets : (k,) floats

    Raises
    ------
    ValueError
        If a shape is wrong or a number not finite.
    """

    mixture: GaussianMixture
    transformations: Transformations
    normals: FloatArray
    offsets: FloatArray

    def __post_init__(self) -> None:
        instance("mixture", self.mixture, GaussianMixture)
        instance("transformations", self.transformations, Transformations)
        normals = finite_array("normals", self.normals, ndim=2)
        d = self.mixture.dimension
        if normals.shape[1] != d or not len(normals):
            raise InputError(f"normals must have shape (k, {d}), got shape {normals.shape}")
        offsets = finite_array("offsets", self.offsets, shape=(len(normals),))
        if self.transformations.dimension != d:
            raise InputError(
                f"transformations must act on dimension {d}, got {self.transformations.dimension}"
            )
        object.__setattr__(self, "normals", normals)
        object.__setattr__(self, "offsets", offsets)

    @cached_property
    def weights(self) -> FloatArray:
        """Probabilities nu_g w_i of the cells, shape (G J,)."""
        return np.outer(self.transformations.probabilities, self.mixture.weights).ravel()

    @cached_property
    def labels(self) -> IntArray:
        """Label of each cell, shape (G J,)."""
        return np.tile(self.mixture.labels, self.transformations.size)

    @cached_property
    def distinct(self) -> tuple[FloatArray, FloatArray, IntArray]:
        """Normals and offsets of the distinct scores, and the place of each score among them."""
        first, place = distinct_rows(np.column_stack([self.normals, self.offsets]))
        return self.normals[first], self.offsets[first], place

    def cells(self, count: int, *, rng: np.random.Generator | int) -> Iterator[tuple[int, int]]:
        """Yield how many of `count` samples fall in each cell: (cell, number)."""
        total = integer("count", count, minimum=1, maximum=MOST_DRAWS)
        for cell, number in enumerate(generator("rng", rng).multinomial(total, self.weights)):
            if number:
                yield cell, int(number)


@dataclass(frozen=True, eq=False)
class ScoreSampler:
    """Scores drawn from their own k-dimensional law: cost and memory do not depend on d.

    Notes
    -----
    Equal in law to `InputSampler` by Kolmogorov-Smirnov and moment tests that reject a wrong
    covariance (``tests/simulations/sampling/test_scores.py``); speed in ``benchmarks/sampling.py``.
    Scores whose noise is nearly the same are refused: 1e-12 of the longest may be left out, so that
    differences are known to 2e-6 of their deviation.
    """

    observation: ScoreModel

    def __post_init__(self) -> None:
        instance("observation", self.observation, ScoreModel)

    @cached_property
    def centres(self) -> FloatArray:
        """Mean scores of each cell, shape (G J, k)."""
        seen = self.observation
        d = seen.mixture.dimension
        means = seen.transformations.apply(seen.mixture.means).reshape(-1, d)
        normals, offsets, place = seen.distinct
        return (means @ normals.T + offsets)[:, place]

    @cached_property
    def root(self) -> FloatArray:
        """Matrix A of shape (k, rank) with A A^T = W Sigma W^T, the same on every machine."""
        return self._distinct_root[self.observation.distinct[2]]

    @cached_property
    def _distinct_root(self) -> FloatArray:
        """The rows of the root that belong to distinct scores."""
        mixture, (normals, _, _) = self.observation.mixture, self.observation.distinct
        root = mixture.score_root(normals)
        _, first = np.unique(normals, axis=0, return_index=True)
        squares = np.einsum("kr,kr->k", root[first], root[first])
        gaps = squares[:, None] + squares - 2.0 * root[first] @ root[first].T
        np.fill_diagonal(gaps, np.inf)
        if gaps.min() < _RESOLVED**2 * squares.max():
            raise InputError(
                "normals must be equal or differ by more than a millionth of the longest, in units "
                f"of the noise, got {np.sqrt(max(gaps.min(), 0.0) / squares.max()):.1g}; "
                "InputSampler draws such scores"
            )
        return root

    def noise(self, z: FloatArray, out: FloatArray | None = None) -> FloatArray:
        """Return the noise of the scores (k, n) that standard normals (rank, n) make."""
        root, place = self._distinct_root, self.observation.distinct[2]
        if len(root) == len(place):
            return np.matmul(root, z, out=out)
        return np.take(root @ z, place, axis=0, out=out)

    def blocks(self, count: int, *, rng: np.random.Generator | int) -> Iterator[Block]:
        """Yield blocks (label, scores of shape (k, n)); see `ScoreLaw.blocks`.

        Raises
        ------
        ValueError
            If ``rng`` is neither a generator nor a seed, or ``count`` not in 1..10^12.
        """
        rng = generator("rng", rng)
        seen = self.observation
        k, rank = self.root.shape
        size = max(_BLOCK_VALUES // (k + rank), 64)
        noise, scores = np.empty(rank * size), np.empty(k * size)
        for cell, number in seen.cells(count, rng=rng):
            centre = self.centres[cell][:, None]
            for start in range(0, number, size):
                n = min(size, number - start)
                z, s = noise[: rank * n].reshape(rank, n), scores[: k * n].reshape(k, n)
                rng.standard_normal(out=z)
                self.noise(z, out=s)
                s += centre
                yield int(seen.labels[cell]), s


@dataclass(frozen=True, eq=False)
class InputSampler:
    """Scores computed from inputs drawn in full dimension, then transformed."""

    observation: ScoreModel

    def __post_init__(self) -> None:
        instance("observation", self.observation, ScoreModel)

    def blocks(self, count: int, *, rng: np.random.Generator | int) -> Iterator[Block]:
        """Yield blocks (label, scores of shape (k, n)); see `ScoreLaw.blocks`.

        Raises
        ------
        ValueError
            As `ScoreSampler.blocks`.
        """
        rng = generator("rng", rng)
        seen = self.observation
        normals, offsets, place = seen.distinct
        d, J = seen.mixture.dimension, seen.mixture.components
        size = max(_BLOCK_VALUES // d, 16)
        for cell, number in seen.cells(count, rng=rng):
            g, i = divmod(cell, J)
            for start in range(0, number, size):
                x = seen.mixture.colour(rng.standard_normal((min(size, number - start), d)))
                x += seen.mixture.means[i]
                x = seen.transformations.act(g, x)
                yield int(seen.labels[cell]), (normals @ x.T + offsets[:, None])[place]


def identity(dimension: int) -> Transformations:
    """Return the transformation that leaves every input as it is."""
    return Transformations(np.arange(dimension)[None])
