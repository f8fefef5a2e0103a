"""Variance-reduced samples of a Gaussian mixture, in batches of eight."""

from collections.abc import Iterator

import numpy as np

from theory.checks import FloatArray

__all__ = ["sample_batches"]


def sample_batches(
    centres: FloatArray,
    mass: FloatArray,
    batches: int,
    rng: np.random.Generator,
    chunk: int,
) -> Iterator[FloatArray]:
    """Yield points (8 * n, m) of a mixture of unit normals, at most ``chunk`` batches at a time.

    The batches are independent of each other and each point has the law of the mixture, so
    means over batches are independent and unbiased. Within a batch four strata of the
    components are visited once each (systematic sampling), each by an antithetic pair.
    """
    cumulative = np.cumsum(mass / mass.sum())
    last = int(np.flatnonzero(mass)[-1])
    for start in range(0, batches, chunk):
        count = min(chunk, batches - start)
        position = (np.arange(4) + rng.random((count, 1))) / 4.0
        component = np.minimum(np.searchsorted(cumulative, position, side="right"), last)
        noise = rng.standard_normal((count, 4, centres.shape[1]))
        middle = centres[component]
        yield np.stack([middle + noise, middle - noise], axis=2).reshape(-1, centres.shape[1])
