"""Which attack or texture a pair of accuracies allows: the bound read backwards."""

from collections.abc import Callable

import numpy as np

from theory.bounds.pairwise import error_of, pairwise_bound
from theory.checks import function, instance, positive, probability
from theory.setting.setting import Setting

__all__ = ["max_epsilon", "min_texture"]

# Multiple of the largest deviation of the noise below which a length is nothing; the least
# deviation is no less than a millionth of the largest.
_NOTHING = 1e-24
_LIMITS = np.finfo(np.float64)
# Far enough below the largest double to build a setting with.
_FARTHEST = 1e300


def max_epsilon(
    setting: Setting,
    *,
    spatial_accuracy: float,
    adversarial_accuracy: float,
    limit: float | None = None,
    tolerance: float = 1e-4,
) -> float:
    """Radius beyond which no classifier has both accuracies (THEORY.md, Theorem 3).

    Certified: a larger radius only shrinks residuals, so the pair stays impossible. Found by
    bisection to ``tolerance`` relative, from the impossible side; ``inf`` if the pair is not
    excluded at ``limit``, by default a radius at which the ball covers every difference of
    means, and 0 if it is excluded without any attack.

    Parameters
    ----------
    setting : Setting
        Its own ``epsilon`` plays no part.
    spatial_accuracy, adversarial_accuracy : float in [0, 1]
    limit : float > 0, optional
        Largest radius tried, in units of the inputs.
    tolerance : float > 0
        Relative, of the radius.

    Raises
    ------
    InputError
        If an accuracy leaves [0, 1], or ``limit`` or ``tolerance`` is not positive.
    """
    instance("setting", setting, Setting)
    pair = _pair(spatial_accuracy, adversarial_accuracy)
    precision = positive("tolerance", tolerance)
    end = _widest(setting) if limit is None else positive("limit", limit)

    def excluded(epsilon: float) -> bool:
        return _excluded(setting.with_epsilon(epsilon), pair)

    if excluded(0.0):
        return 0.0
    return _enclose(excluded, _nothing(setting), end, precision)[1]


def min_texture(
    build: Callable[[float], Setting],
    *,
    spatial_accuracy: float,
    adversarial_accuracy: float,
    limit: float | None = None,
    tolerance: float = 1e-4,
) -> float:
    """Texture amplitude up to which no classifier has both accuracies (THEORY.md, section 9).

    Parameters
    ----------
    build : callable
        Gives the setting of a texture amplitude ``eta``. In the catalogue's settings the
        residuals that bind grow with ``eta``, so the excluded amplitudes form an interval from
        zero; its end is found by bisection, from the excluded side. ``inf`` if even ``limit``
        is excluded; 0 if no amplitude is.
    spatial_accuracy, adversarial_accuracy : float in [0, 1]
    limit : float > 0, optional
        Largest amplitude tried; by default a thousand times the largest length of ``build(0)``.
    tolerance : float > 0
        Relative, of the amplitude.

    Raises
    ------
    InputError
        If an accuracy leaves [0, 1], or ``limit`` or ``tolerance`` is not positive.
    """
    pair = _pair(spatial_accuracy, adversarial_accuracy)
    precision = positive("tolerance", tolerance)
    function("build", build)

    def made(eta: float) -> Setting:
        return instance("build(eta)", build(eta), Setting)

    plain = made(0.0)
    last = min(1e3 * _longest(plain), _FARTHEST) if limit is None else positive("limit", limit)

    def allowed(eta: float) -> bool:
        return not _excluded(made(eta), pair)

    if allowed(0.0):
        return 0.0
    low, high = _enclose(allowed, _nothing(plain), last, precision)
    return low if high < np.inf else high


def _pair(spatial_accuracy: float, adversarial_accuracy: float) -> tuple[float, float]:
    return (
        probability("spatial_accuracy", spatial_accuracy),
        probability("adversarial_accuracy", adversarial_accuracy),
    )


def _excluded(setting: Setting, pair: tuple[float, float]) -> bool:
    bound = pairwise_bound(setting, error_of(pair[1]))
    return not bound.attainable or pair[0] > float(bound.spatial_accuracy)


def _widest(setting: Setting) -> float:
    """Radius of a ball that covers every difference of means, transformed or not."""
    means = np.concatenate([setting.mixture.means[None], setting.transformed_means])
    sides = means.max(axis=(0, 1)) - means.min(axis=(0, 1))
    largest = float(sides.max()) or float(_LIMITS.tiny)
    orders = {"linf": np.inf, "l2": 2, "l1": 1}
    ratio = float(np.linalg.norm(sides / largest, orders[setting.norm]))
    return min(largest * ratio * (1.0 + 1e-12), float(_LIMITS.max))


def _longest(setting: Setting) -> float:
    """Largest of the lengths of a setting: means, noise, radius."""
    mixture = setting.mixture
    return max(float(np.abs(mixture.means).max()), mixture.deviation, setting.epsilon)


def _nothing(setting: Setting) -> float:
    return max(_NOTHING * setting.mixture.deviation, float(_LIMITS.smallest_subnormal))


def _enclose(
    holds: Callable[[float], bool], least: float, limit: float, tolerance: float
) -> tuple[float, float]:
    """Where a growing condition fails and where it holds, as near as the tolerance asks.

    It fails at 0. (limit, inf) where it fails at the limit as well.
    """
    if not holds(limit):
        return limit, float("inf")
    if least >= limit or holds(least):
        return 0.0, min(least, limit)
    low, high = least, limit
    while high - low > tolerance * high:
        # decades are halved first
        far = high / 2.0 > low
        middle = float(np.sqrt(low) * np.sqrt(high)) if far else low + (high - low) / 2.0
        if not low < middle < high:
            break
        if holds(middle):
            high = middle
        else:
            low = middle
    return low, high
