"""The integral of the largest class density of a mixture: enclosed in boxes, or sampled."""

import math
from collections.abc import Iterator

import numpy as np
from scipy.special import ndtr

from theory.checks import FloatArray, InputError, IntArray

__all__ = ["enclose_maximum", "sample_batches", "sample_pairs"]

# Beyond it a unit normal has less than 1e-16 of its mass on either side.
_REACH = 8.5
_BLOCK = 1 << 22


def enclose_maximum(
    centres: FloatArray,
    mass: FloatArray,
    classes: IntArray,
    *,
    tolerance: float = 1e-7,
    boxes: int = 200_000,
) -> tuple[float, float]:
    """Enclose the integral over x of the largest class density of a mixture of unit normals.

    Space is cut into boxes. The mass of every class in a box is known in closed form. Where one
    class is provably the densest on all of a box, its mass is the integral; elsewhere another
    class adds at most its own mass, and at most the volume times the largest lead that its
    density can have (THEORY.md, section 7). The boxes with the widest gaps are halved until the
    sum of the gaps is below the tolerance or there are too many; the enclosure is valid at any
    time, rounding included.

    Parameters
    ----------
    centres
        (n, m) means of unit normals, m <= 3, in units of the noise.
    mass, classes
        (n,) weights of sum 1 and class indices.
    tolerance
        Of the difference of the ends.
    boxes
        At most about this many.

    Returns
    -------
    tuple
        Lower and upper end.

    Raises
    ------
    InputError
        If the centres have more than three coordinates.
    """
    if not 1 <= centres.shape[1] <= 3:
        raise InputError(f"centres must have 1, 2 or 3 coordinates, got {centres.shape[1]}")
    keep = mass > 0.0
    mixture = centres[keep], mass[keep], classes[keep]
    low, high = centres[keep].min(axis=0) - _REACH, centres[keep].max(axis=0) + _REACH
    edges = np.stack([low, high])[None]
    lower, upper = _enclose(edges, *mixture)
    while upper.sum() - lower.sum() > tolerance and len(edges) < boxes:
        gap = upper - lower
        order = np.argsort(-gap, kind="stable")
        # the boxes that hold nine tenths of what is to be gained
        share = np.cumsum(gap[order])
        chosen = order[: int(np.searchsorted(share, 0.9 * share[-1])) + 1]
        halves = _halved(edges[chosen])
        ends = _enclose(halves, *mixture)
        kept = np.ones(len(edges), dtype=np.bool_)
        kept[chosen] = False
        edges = np.concatenate([edges[kept], halves])
        lower = np.concatenate([lower[kept], ends[0]])
        upper = np.concatenate([upper[kept], ends[1]])
    outside = 2.0 * centres.shape[1] * float(ndtr(-_REACH))
    rounding = 1e-15 * len(edges) * centres.shape[1] + 1e-12
    return (
        max(0.0, math.fsum(lower) - rounding),
        min(1.0, math.fsum(upper) + outside + rounding),
    )


def _halved(edges: FloatArray) -> FloatArray:
    """Cut boxes (N, 2, m) in the middle of their longest sides, (2 N, 2, m)."""
    rows = np.arange(len(edges))
    side = (edges[:, 1] - edges[:, 0]).argmax(axis=1)
    middle = 0.5 * (edges[rows, 0, side] + edges[rows, 1, side])
    first, second = edges.copy(), edges.copy()
    first[rows, 1, side] = middle
    second[rows, 0, side] = middle
    return np.concatenate([first, second])


def _enclose(
    edges: FloatArray, centres: FloatArray, mass: FloatArray, classes: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper ends of the integral in each box (N, 2, m)."""
    size = max(1, _BLOCK // centres.size)
    parts = [
        _enclose_block(edges[start : start + size], centres, mass, classes)
        for start in range(0, len(edges), size)
    ]
    lower, upper = zip(*parts, strict=True)
    return np.concatenate(lower), np.concatenate(upper)


def _enclose_block(
    edges: FloatArray, centres: FloatArray, mass: FloatArray, classes: IntArray
) -> tuple[FloatArray, FloatArray]:
    member = mass[:, None] * (classes[:, None] == np.unique(classes))
    low = edges[:, :1] - centres
    high = edges[:, 1:] - centres
    # in the tail where both are small, so that little cancels
    flip = low > 0.0
    inside = ndtr(np.where(flip, -low, high)) - ndtr(np.where(flip, -high, low))
    masses = inside.prod(axis=2) @ member
    rows = np.arange(len(edges))
    first = masses.argmax(axis=1)
    best = masses[rows, first]
    near = np.maximum(0.0, np.maximum(low, -high))
    far = np.maximum(np.abs(low), np.abs(high))
    unit = (2.0 * np.pi) ** (-0.5 * centres.shape[1])
    densest = unit * np.exp(-0.5 * (near * near).sum(axis=2))
    most = densest @ member
    least = unit * np.exp(-0.5 * (far * far).sum(axis=2)) @ member
    # a density is rounded by far less than this part of itself
    lead = np.maximum(0.0, most * (1.0 + 1e-12) - (1.0 - 1e-12) * least[rows, first][:, None])
    side = edges[:, 1] - edges[:, 0]
    volume = side.prod(axis=1)
    more = np.minimum(masses, lead * volume[:, None])
    # the lead of a class is affine up to its second derivatives
    bend = (densest * np.maximum(1.0, (far * far).sum(axis=2))) @ member
    bend = (bend + bend[rows, first][:, None]) * (side * side).sum(axis=1)[:, None] / 12.0
    offset = 0.5 * (low + high)
    height = unit * np.exp(-0.5 * (offset * offset).sum(axis=2))
    slope = -np.einsum("bk,bkj,kc->bcj", height, offset, member)
    slope -= slope[rows, first][:, None]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = np.where(volume[:, None] > 0.0, (masses - best[:, None]) / volume[:, None], 0.0)
    size_most, size_least = _mean_size_of_affine(mean, slope * side[:, None])
    gain = (mean + np.stack([size_least - bend, size_most + bend])) / 2.0 * volume[:, None]
    more = np.minimum(more, gain[1] * (1.0 + 1e-9))
    fewer = np.maximum(0.0, gain[0] * (1.0 - 1e-9))
    more[rows, first] = fewer[rows, first] = 0.0
    return best + fewer.max(axis=1), best + np.maximum(more, fewer).sum(axis=1)


def _mean_size_of_affine(mean: FloatArray, rise: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds, upper and lower, of E|X| for X of the given mean that rises linearly over a box.

    ``rise`` (..., m) is the rise along each side. E|X| is at most the root of E X^2 and, by
    Hoelder's inequality, at least (E X^2)^{3/2} / (E X^4)^{1/2}.
    """
    parts = rise * rise / 12.0
    variance = parts.sum(axis=-1)
    second = mean * mean + variance
    fourth = (
        mean**4
        + 6.0 * mean * mean * variance
        + 3.0 * variance * variance
        + (rise**4 / 80.0 - 3.0 * parts * parts).sum(axis=-1)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        least = np.where(fourth > 0.0, second**1.5 / np.sqrt(fourth), 0.0)
    return np.sqrt(second), np.maximum(least, np.abs(mean))


def sample_batches(
    centres: FloatArray,
    mass: FloatArray,
    batches: int,
    rng: np.random.Generator,
    chunk: int,
) -> Iterator[FloatArray]:
    """Yield points (8 * n, m) of a mixture of unit normals, at most ``chunk`` batches at a time.

    Those of ``sample_pairs``, the eight of a batch one after the other.
    """
    for component, noise in sample_pairs(mass, centres.shape[1], batches, rng, chunk):
        middle = centres[component]
        yield np.stack([middle + noise, middle - noise], axis=2).reshape(-1, centres.shape[1])


def sample_pairs(
    mass: FloatArray, dimension: int, batches: int, rng: np.random.Generator, chunk: int
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield components (n, 4) and noise (n, 4, m), at most ``chunk`` batches of points at a time.

    The points are the centres of the components, with the noise added and taken away. The
    batches are independent of each other and each point has the law of the mixture, so
    means over batches are independent and unbiased. Within a batch four strata of the
    components are visited once each (systematic sampling), each by an antithetic pair.
    """
    cumulative = np.cumsum(mass / mass.sum())
    last = int(np.flatnonzero(mass)[-1])
    for start in range(0, batches, chunk):
        count = min(chunk, batches - start)
        position = (np.arange(4) + rng.random((count, 1))) / 4.0
        component = np.minimum(np.searchsorted(cumulative, position, side="right"), last)
        yield component, rng.standard_normal((count, 4, dimension))
