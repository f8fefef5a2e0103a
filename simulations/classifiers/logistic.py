"""Logistic regression on two classes: plain, on transformed, on adversarial, on mixed data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from simulations.classifiers.halfspace import Halfspace
from theory.canonical import on_grid
from theory.checks import (
    FloatArray,
    InputError,
    generator,
    instance,
    nonnegative,
    probability,
)
from theory.setting.setting import Setting, images, transform

__all__ = ["logistic_regression"]

# Where a search stops in its last digits hangs on the machine: the answer is rounded.
_BITS = 12


def logistic_regression(
    setting: Setting,
    count: int,
    *,
    weight: float,
    epsilon: float,
    rng: np.random.Generator | int,
    penalty: float = 1e-4,
) -> Halfspace:
    """Train a linear classifier on `count` inputs drawn from the setting.

    It minimises, over normals w and offsets b,

        weight * mean loss(y f(T x)) + (1 - weight) * mean loss(y f(x) - epsilon ||w||_q)

    plus ``penalty ||w||_2^2 / 2``, with the logistic loss and y = +-1: the second term is the
    exact worst case over the ball, so no attack is needed.  ``weight=1`` trains on transformed
    data, ``weight=0`` on adversarial data, ``weight=0, epsilon=0`` plainly.  The problem is
    convex; bounded L-BFGS solves it in coordinates in which the dual norm is smooth, and w and
    b are rounded to 12 bits, so that they do not hang on the machine.

    Parameters
    ----------
    setting : Setting
        Of two classes.
    count : int >= 1
        Inputs drawn; each serves in both terms.
    weight : float in [0, 1]
        Of the term on transformed inputs.
    epsilon : float >= 0
        Radius of the ball of the second term, in units of the inputs and the norm of the setting.
    rng : numpy.random.Generator or int seed
        Source of the inputs, or a seed.
    penalty : float >= 0

    Raises
    ------
    ValueError
        If the setting has more than two classes, the weight is outside [0, 1], or epsilon or
        the penalty is negative.
    """
    if len(instance("setting", setting, Setting).mixture.classes) != 2:
        raise InputError(
            f"labels must name two classes for logistic regression, got {setting.mixture.classes}"
        )
    share, radius = probability("weight", weight), nonnegative("epsilon", epsilon)
    ridge = nonnegative("penalty", penalty)
    negative, positive = (int(label) for label in setting.mixture.classes)
    source = generator("rng", rng)
    x, labels = images(setting, count, rng=source)
    size, signs = len(x), np.where(labels == positive, 1.0, -1.0)
    turned = transform(setting, x, rng=source)
    form = _FORMS[setting.norm if (1.0 - share) * radius else "l2"]

    def objective(parameters: FloatArray) -> tuple[float, FloatArray]:
        w, norm = form.unfold(parameters[:-1])
        value, slope, push, pressure = 0.5 * ridge * float(w @ w), ridge * w, 0.0, 0.0
        for part, inputs, reach in ((share, turned, 0.0), (1.0 - share, x, radius)):
            if part:
                margins = signs * (inputs @ w + parameters[-1]) - reach * norm
                pull = -part * expit(-margins) / size
                value += part * float(np.logaddexp(0.0, -margins).mean())
                slope += (pull * signs) @ inputs
                push -= float(pull.sum()) * reach
                pressure += float(pull @ signs)
        return value, np.append(form.fold(parameters[:-1], slope, push), pressure)

    start = (signs @ x) / size
    start *= 1.0 / max(float(np.linalg.norm(start)), 1.0)
    first = np.append(form.start(start), 0.0)
    bounds = [*form.bounds(len(start)), (None, None)]
    result: Any = minimize(
        objective,
        first,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": 1e-15, "gtol": 1e-10},
    )
    w, _ = form.unfold(result.x[:-1])
    return Halfspace(on_grid(w, _BITS), float(on_grid(result.x[-1], _BITS)), positive, negative)


@dataclass(frozen=True)
class _Form:
    """Coordinates of w in which its dual norm is smooth.

    ``unfold`` maps them to w and its norm (an upper bound on it away from the optimum), `fold`
    the slopes by w and by the norm to those by the coordinates, ``start`` w to coordinates.
    """

    unfold: Callable[[FloatArray], tuple[FloatArray, float]]
    fold: Callable[[FloatArray, FloatArray, float], FloatArray]
    start: Callable[[FloatArray], FloatArray]
    bounds: Callable[[int], list[tuple[float | None, float | None]]]


def _halves(p: FloatArray) -> tuple[FloatArray, float]:
    """Unfold w = p_+ - p_-, both >= 0, of l_1 norm sum p."""
    plus, minus = np.split(p, 2)
    return plus - minus, float(p.sum())


def _length(w: FloatArray) -> float:
    return max(float(np.linalg.norm(w)), np.finfo(np.float64).tiny)


# by the norm of the attack, to which that of w is dual
_FORMS = {
    "linf": _Form(
        _halves,
        lambda _, slope, push: np.concatenate([slope + push, push - slope]),
        lambda w: np.concatenate([np.maximum(w, 0.0), np.maximum(-w, 0.0)]),
        lambda d: [(0.0, None)] * (2 * d),
    ),
    "l2": _Form(
        lambda p: (p, float(np.linalg.norm(p))),
        lambda p, slope, push: slope + push * p / _length(p),
        lambda w: w,
        lambda d: [(None, None)] * d,
    ),
    # w = t v, |v_j| <= 1, of l_inf norm t
    "l1": _Form(
        lambda p: (p[0] * p[1:], float(p[0])),
        lambda p, slope, push: np.append(p[1:] @ slope + push, p[0] * slope),
        lambda w: np.append(top := float(np.abs(w).max()), w / (top or 1.0)),
        lambda d: [(0.0, None), *[(-1.0, 1.0)] * d],
    ),
}
