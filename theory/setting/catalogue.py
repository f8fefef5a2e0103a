"""The named settings (THEORY.md, section 9): label 1 is the plus class, 0 the minus class."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from theory.checks import (
    LARGEST_DIMENSION,
    LARGEST_SIDE,
    FloatArray,
    InputError,
    finite_array,
    generator,
    integer,
    nonnegative,
    positive,
    probability,
)
from theory.setting.codes import cyclic_code_words
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations, cyclic_shifts, quarter_turns

__all__ = [
    "SETTINGS",
    "block_pattern",
    "block_texture",
    "cyclic_code",
    "defaults",
    "orientation_texture",
    "robust_feature",
    "rotating_bump",
]


# The even-weight code of length 4 repeated five times: as 5 is odd, the shifts by quarters of 20
# permute the period of 4, and every proper one is free.
_EVEN_WEIGHT = "x^17+x^16+x^13+x^12+x^9+x^8+x^5+x^4+x+1"


def cyclic_code(
    generator: str = _EVEN_WEIGHT,
    length: int = 20,
    *,
    alpha: float = 1.0,
    eta: float = 0.25,
    sigma: float = 0.5,
    epsilon: float = 0.5,
    probabilities: ArrayLike | None = None,
) -> Setting:
    """Words of a cyclic code, under shifts by quarters of their length (THEORY.md, Theorem 6).

    The components are the words c of the code in symbols +1 (bit 0) and -1 (bit 1); the label
    is c_0, the mean alpha c + eta c_0 1. Shift g moves every coordinate by g length/4, g = 0..3.

    Parameters
    ----------
    generator : str
        Generator polynomial of the code, such as x^3+x+1.
    length : int
        Length of the code, a multiple of 4.
    alpha : float
        Amplitude of the strong, orientation-dependent signal.
    eta : float
        Amplitude of the weak, invariant texture.
    sigma : float
        Standard deviation of the noise.
    epsilon : float
        Radius of the l_inf attack.
    probabilities : (4,) floats, optional
        Of the shifts; uniform by default.
    """
    d = integer("length", length, minimum=1, maximum=LARGEST_DIMENSION)
    if d % 4:
        raise InputError(f"length must be a multiple of 4, got {d}")
    words = 1.0 - 2.0 * cyclic_code_words(generator, d)
    amplitude, texture = nonnegative("alpha", alpha), nonnegative("eta", eta)
    mixture = GaussianMixture(
        amplitude * words + texture * words[:, :1], (words[:, 0] > 0).astype(np.int64), sigma=sigma
    )
    shifts = cyclic_shifts(d, [g * d // 4 for g in range(4)], probabilities)
    return Setting(mixture, shifts, epsilon, name="cyclic-code")


def orientation_texture(
    pattern: ArrayLike,
    *,
    alpha: float = 0.4,
    eta: float = 0.06,
    sigma: float = 0.4,
    epsilon: float = 0.12,
    probabilities: ArrayLike | None = None,
) -> Setting:
    """Images of a pattern and of the pattern turned, under quarter turns (THEORY.md, section 9).

    mu_+ = alpha c + eta 1 and mu_- = alpha rot90(c) - eta 1 for the n x n pattern c, n even; the
    four quarter turns have the given probabilities, uniform by default. Other parameters as of
    `block_texture`.
    """
    image = finite_array("pattern", pattern, ndim=2)
    n = len(image)
    if image.shape != (n, n) or n % 2:
        raise InputError(f"pattern must be n x n with n even, got shape {image.shape}")
    amplitude, texture = nonnegative("alpha", alpha), nonnegative("eta", eta)
    means = np.stack([amplitude * np.rot90(image) - texture, amplitude * image + texture])
    mixture = GaussianMixture(means.reshape(2, n * n), [0, 1], sigma=sigma)
    turns = quarter_turns(n, probabilities=probabilities)
    return Setting(mixture, turns, epsilon, name="orientation-texture", image_shape=(n, n))


def block_texture(
    side: int = 16,
    blocks: int = 4,
    pattern_seed: int = 2021,
    *,
    alpha: float = 0.4,
    eta: float = 0.06,
    sigma: float = 0.4,
    epsilon: float = 0.12,
) -> Setting:
    """Orientation and texture with a random pattern of blocks (`orientation_texture`).

    Parameters
    ----------
    side : int
        Side of the image, even.
    blocks : int
        Blocks of the random pattern along a side.
    pattern_seed : int
        Seed of the random pattern.
    alpha : float
        Amplitude of the strong, orientation-dependent signal.
    eta : float
        Amplitude of the weak, invariant texture.
    sigma : float
        Standard deviation of the noise.
    epsilon : float
        Radius of the l_inf attack.
    """
    rng = np.random.default_rng(integer("pattern_seed", pattern_seed, minimum=0))
    pattern = block_pattern(side, blocks, rng=rng)
    return orientation_texture(pattern, alpha=alpha, eta=eta, sigma=sigma, epsilon=epsilon)


def rotating_bump(
    angles: int = 24,
    rings: int = 4,
    *,
    alpha: float = 0.9,
    eta: float = 0.1,
    width: float = 0.6,
    sigma: float = 0.5,
    epsilon: float = 0.1,
    max_degrees: float = 180.0,
) -> Setting:
    """Two opposite bumps on a polar grid, under rotations up to a range (THEORY.md, section 9).

    mu_+ = alpha b(phi) + eta and mu_- = alpha b(phi - pi) - eta with the bump
    b(phi) = exp(-phi^2 / (2 width^2)), phi in (-pi, pi] radians, the same on every ring. The
    rotation is uniform on the multiples of 360/angles degrees of size at most max_degrees.
    Coordinates are (ring, angle) in row-major order.

    Parameters
    ----------
    angles : int
        Angular steps, even.
    rings : int
        Rings of the polar grid.
    alpha : float
        Amplitude of the bump, the strong signal.
    eta : float
        Amplitude of the weak, invariant texture.
    width : float
        Width of the bump in radians.
    sigma : float
        Standard deviation of the noise.
    epsilon : float
        Radius of the l_inf attack.
    max_degrees : float
        Largest rotation.
    """
    K = integer("angles", angles, minimum=2, maximum=LARGEST_DIMENSION)
    R = integer("rings", rings, minimum=1, maximum=LARGEST_DIMENSION // K)
    if K % 2:
        raise InputError(f"angles must be even, so that opposite angles exist, got {K}")
    limit = nonnegative("max_degrees", max_degrees)
    if limit > 180.0:
        raise InputError(f"max_degrees must lie in [0, 180], got {limit:g}")
    amplitude, texture = nonnegative("alpha", alpha), nonnegative("eta", eta)
    steps = np.arange(K)
    phi = np.minimum(steps, K - steps) * (2.0 * np.pi / K)
    bump = np.exp(-0.5 * (phi / positive("width", width)) ** 2)
    plus = amplitude * bump + texture
    minus = amplitude * np.roll(bump, K // 2) - texture
    mixture = GaussianMixture(np.stack([np.tile(minus, R), np.tile(plus, R)]), [0, 1], sigma=sigma)
    reach = int(np.floor(limit * K / 360.0 * (1.0 + 1e-12)))
    shifts = sorted({step % K for step in range(-reach, reach + 1)})
    grid = np.arange(R * K).reshape(R, K)
    turns = Transformations([np.roll(grid, step, axis=1).ravel() for step in shifts])
    return Setting(mixture, turns, epsilon, name="rotating-bump", image_shape=(R, K))


def robust_feature(
    weak: int = 15,
    *,
    alpha: float = 1.0,
    reliability: float = 0.95,
    eta: float = 0.25,
    sigma: float = 0.5,
    epsilon: float = 0.5,
    positions: int = 4,
    probabilities: ArrayLike | None = None,
) -> Setting:
    """One strong and many weak features, the strong one moved about (Tsipras et al. 2019).

    Coordinate 0 is alpha times the label's sign with probability ``reliability`` and minus
    that otherwise; the ``weak`` others have mean eta times the sign. Transformation g swaps
    coordinates 0 and g, for g = 0..positions - 1 (Tramer and Boneh 2019).

    Parameters
    ----------
    weak : int
        Number of weak features.
    alpha : float
        Amplitude of the strong feature.
    reliability : float
        Probability that the strong feature agrees with the label.
    eta : float
        Amplitude of each weak feature.
    sigma : float
        Standard deviation of the noise.
    epsilon : float
        Radius of the l_inf attack.
    positions : int
        Positions that the strong feature moves to.
    probabilities : (positions,) floats, optional
        Of the positions; uniform by default.
    """
    count = integer("weak", weak, minimum=1, maximum=LARGEST_DIMENSION)
    places = integer("positions", positions, minimum=1)
    if places > count + 1:
        raise InputError(f"positions must be <= weak + 1 = {count + 1}, got {places}")
    right = probability("reliability", reliability)
    strong, texture = nonnegative("alpha", alpha), nonnegative("eta", eta)
    sign, agrees = np.array([-1.0, 1.0, -1.0, 1.0]), np.array([1.0, 1.0, -1.0, -1.0])
    weights = np.where(agrees > 0, right, 1.0 - right) / 2.0
    means = np.repeat(texture * sign[:, None], count + 1, axis=1)
    means[:, 0] = strong * sign * agrees
    kept = weights > 0.0
    labels = (sign > 0).astype(np.int64)
    mixture = GaussianMixture(means[kept], labels[kept], weights[kept], sigma=sigma)
    swaps = np.tile(np.arange(count + 1), (places, 1))
    swaps[:, 0] = np.arange(places)
    swaps[np.arange(places), np.arange(places)] = 0
    return Setting(mixture, Transformations(swaps, probabilities), epsilon, name="robust-feature")


def block_pattern(side: int, blocks: int, *, rng: np.random.Generator | int) -> FloatArray:
    """Random +-1 pattern of blocks x blocks equal squares, as a side x side image.

    Raises
    ------
    ValueError
        If blocks does not divide side, or side is not in 1..2^12.
    """
    n = integer("side", side, minimum=1, maximum=LARGEST_SIDE)
    k = integer("blocks", blocks, minimum=1)
    if n % k:
        raise InputError(f"blocks must divide side = {n}, got {k}")
    coarse = generator("rng", rng).choice([-1.0, 1.0], size=(k, k))
    return np.kron(coarse, np.ones((n // k, n // k)))


SETTINGS: dict[str, Callable[..., Setting]] = {
    "cyclic-code": cyclic_code,
    "orientation-texture": block_texture,
    "rotating-bump": rotating_bump,
    "robust-feature": robust_feature,
}
"""What builds each named setting; called without arguments, the one of the documentation."""


def defaults() -> dict[str, Setting]:
    """Return one setting of each kind, by name, as used in the documentation and the checks."""
    return {name: build() for name, build in SETTINGS.items()}
