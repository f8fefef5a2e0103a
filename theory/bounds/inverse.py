"""Which attack or texture a pair of accuracies allows: the bound read backwards."""

from collections.abc import Callable

from theory.bounds.pairwise import pairwise_bound
from theory.checks import positive, probability
from theory.setting.setting import Setting

__all__ = ["max_epsilon", "min_texture"]


def max_epsilon(
    setting: Setting,
    *,
    spatial_accuracy: float,
    adversarial_accuracy: float,
    limit: float = 1e3,
    tolerance: float = 1e-4,
) -> float:
    """Radius beyond which no classifier has both accuracies (THEORY.md, Theorem 3).

    Certified: a larger radius only shrinks residuals, so the pair stays impossible. Found by
    bisection to ``tolerance`` relative, from the impossible side; ``inf`` if the pair is not
    excluded at ``limit`` and 0 if it is excluded without any attack.
    """
    pair = _pair(spatial_accuracy, adversarial_accuracy)

    def excluded(epsilon: float) -> bool:
        return _excluded(setting.with_epsilon(epsilon), pair)

    if excluded(0.0):
        return 0.0
    return _bisect(excluded, positive("limit", limit), positive("tolerance", tolerance))


def min_texture(
    build: Callable[[float], Setting],
    *,
    spatial_accuracy: float,
    adversarial_accuracy: float,
    limit: float = 1e3,
    tolerance: float = 1e-4,
) -> float:
    """Texture amplitude up to which no classifier has both accuracies (THEORY.md, section 9).

    Parameters
    ----------
    build
        Gives the setting of a texture amplitude ``eta``. In the catalogue's settings the
        residuals that bind grow with ``eta``, so the excluded amplitudes form an interval from
        zero; its end is found by bisection, from the excluded side. ``inf`` if even ``limit``
        is excluded, 0 if no amplitude is.
    """
    pair = _pair(spatial_accuracy, adversarial_accuracy)

    def allowed(eta: float) -> bool:
        return not _excluded(build(eta), pair)

    if allowed(0.0):
        return 0.0
    end = _bisect(allowed, positive("limit", limit), positive("tolerance", tolerance))
    return end if end == float("inf") else end * (1.0 - 2.0 * tolerance)


def _pair(spatial_accuracy: float, adversarial_accuracy: float) -> tuple[float, float]:
    return (
        probability("spatial_accuracy", spatial_accuracy),
        probability("adversarial_accuracy", adversarial_accuracy),
    )


def _excluded(setting: Setting, pair: tuple[float, float]) -> bool:
    return pair[0] > float(pairwise_bound(setting, 1.0 - pair[1]).spatial_accuracy)


def _bisect(holds: Callable[[float], bool], limit: float, tolerance: float) -> float:
    """Least argument found at which a monotone condition holds; inf if not at the limit."""
    if not holds(limit):
        return float("inf")
    low, high = 0.0, limit
    while high - low > tolerance * high and high > 1e-12:
        # halving covers the decades quickly while low is still zero
        middle = 0.5 * (low + high) if low > 0.0 else high / 4.0
        if holds(middle):
            high = middle
        else:
            low = middle
    return high
