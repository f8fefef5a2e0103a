"""Which attack or texture a pair of accuracies allows: the bound read backwards."""

from collections.abc import Callable

import numpy as np

from theory.bounds.pairwise import pairwise_bound
from theory.checks import positive, probability
from theory.setting.setting import Setting

__all__ = ["max_epsilon", "min_texture"]

# Share of the largest length considered below which a length is nothing.
_NOTHING = 1e-15
_LEAST = float(np.finfo(np.float64).tiny)


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

    Raises
    ------
    InputError
        If an accuracy leaves [0, 1], or ``limit`` or ``tolerance`` is not positive.
    """
    pair = _pair(spatial_accuracy, adversarial_accuracy)
    precision = positive("tolerance", tolerance)
    end = _widest(setting) if limit is None else positive("limit", limit)

    def excluded(epsilon: float) -> bool:
        return _excluded(setting.with_epsilon(epsilon), pair)

    if excluded(0.0):
        return 0.0
    return _bisect(excluded, end, precision)


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
    build
        Gives the setting of a texture amplitude ``eta``. In the catalogue's settings the
        residuals that bind grow with ``eta``, so the excluded amplitudes form an interval from
        zero; its end is found by bisection, from the excluded side. ``inf`` if even ``limit``
        is excluded, by default a thousand times the largest length of ``build(0)``; 0 if no
        amplitude is.

    Raises
    ------
    InputError
        If an accuracy leaves [0, 1], or ``limit`` or ``tolerance`` is not positive.
    """
    pair = _pair(spatial_accuracy, adversarial_accuracy)
    precision = positive("tolerance", tolerance)
    last = 1e3 * _longest(build(0.0)) if limit is None else positive("limit", limit)

    def allowed(eta: float) -> bool:
        return not _excluded(build(eta), pair)

    if allowed(0.0):
        return 0.0
    end = _bisect(allowed, last, precision)
    return end if end == float("inf") else end * (1.0 - 2.0 * precision)


def _pair(spatial_accuracy: float, adversarial_accuracy: float) -> tuple[float, float]:
    return (
        probability("spatial_accuracy", spatial_accuracy),
        probability("adversarial_accuracy", adversarial_accuracy),
    )


def _excluded(setting: Setting, pair: tuple[float, float]) -> bool:
    return pair[0] > float(pairwise_bound(setting, 1.0 - pair[1]).spatial_accuracy)


def _widest(setting: Setting) -> float:
    """Radius of a ball that covers every difference of means, transformed or not."""
    means = np.concatenate([setting.mixture.means[None], setting.transformed_means])
    sides = means.max(axis=(0, 1)) - means.min(axis=(0, 1))
    orders = {"linf": np.inf, "l2": 2, "l1": 1}
    return float(np.linalg.norm(sides / sides.max(initial=_LEAST), orders[setting.norm])) * float(
        sides.max(initial=_LEAST)
    )


def _longest(setting: Setting) -> float:
    """Largest of the lengths of a setting: means, noise, radius."""
    mixture = setting.mixture
    noise = mixture.sigma
    if mixture.covariance is not None:
        noise = float(np.sqrt(np.diagonal(mixture.covariance).max()))
    return max(float(np.abs(mixture.means).max()), noise, setting.epsilon)


def _bisect(holds: Callable[[float], bool], limit: float, tolerance: float) -> float:
    """Least argument found at which a monotone condition holds; inf if not at the limit."""
    if not holds(limit):
        return float("inf")
    low, high = 0.0, limit
    while high - low > tolerance * high and high > _NOTHING * limit:
        # halving covers the decades quickly while low is still zero
        middle = 0.5 * (low + high) if low > 0.0 else high / 4.0
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
