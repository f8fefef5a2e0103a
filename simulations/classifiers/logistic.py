"""Logistic regression on two classes: plain, on transformed, on adversarial, on mixed data."""

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from simulations.classifiers.halfspace import Halfspace, dual_norm
from theory.checks import FloatArray, InputError, integer, nonnegative, probability
from theory.setting.setting import Setting, images, transform

__all__ = ["logistic_regression"]


def logistic_regression(
    setting: Setting,
    count: int,
    *,
    weight: float,
    epsilon: float,
    rng: np.random.Generator,
    penalty: float = 1e-4,
) -> Halfspace:
    """Train a linear classifier on `count` inputs drawn from the setting.

    It minimises, over normals w and offsets b,

        weight * mean loss(y f(T x)) + (1 - weight) * mean loss(y f(x) - epsilon ||w||_q)

    plus ``penalty ||w||_2^2 / 2``, with the logistic loss and y = +-1: the second term is the
    exact worst case over the ball, so no attack is needed.  ``weight=1`` trains on transformed
    data, ``weight=0`` on adversarial data, ``weight=0, epsilon=0`` plainly.  The problem is
    convex; L-BFGS stops within rounding of the least value where the dual norm is smooth, and
    close to it elsewhere.

    Raises
    ------
    ValueError
        If the setting has more than two classes, the weight is outside [0, 1], or epsilon or
        the penalty is negative.
    """
    if len(setting.mixture.classes) != 2:
        raise InputError(
            f"labels must name two classes for logistic regression, got {setting.mixture.classes}"
        )
    share, radius = probability("weight", weight), nonnegative("epsilon", epsilon)
    ridge = nonnegative("penalty", penalty)
    negative, positive = (int(label) for label in setting.mixture.classes)
    x, labels = images(setting, integer("count", count, minimum=1), rng=rng)
    signs = np.where(labels == positive, 1.0, -1.0)
    turned = transform(setting, x, rng=rng)

    def objective(parameters: FloatArray) -> tuple[float, FloatArray]:
        w = parameters[:-1]
        value, slope = 0.5 * ridge * float(w @ w), np.append(ridge * w, 0.0)
        for part, inputs, reach in ((share, turned, 0.0), (1.0 - share, x, radius)):
            if part:
                norm = float(dual_norm(w, setting.norm))
                margins = signs * (inputs @ w + parameters[-1]) - reach * norm
                pull = -part * expit(-margins) / len(x)
                value += part * float(np.logaddexp(0.0, -margins).mean())
                slope[:-1] += (pull * signs) @ inputs
                slope[:-1] -= pull.sum() * reach * _dual_gradient(w, setting.norm)
                slope[-1] += pull @ signs
        return value, slope

    start = np.append((signs @ x) / len(x), 0.0)
    start *= 1.0 / max(float(np.linalg.norm(start)), 1.0)
    result: Any = minimize(objective, start, jac=True, method="L-BFGS-B")
    return Halfspace(result.x[:-1], float(result.x[-1]), positive, negative)


def _dual_gradient(w: FloatArray, norm: str) -> FloatArray:
    """Return a subgradient of the dual norm at w."""
    if norm == "linf":
        return np.sign(w)
    if norm == "l2":
        return w / max(float(np.linalg.norm(w)), np.finfo(np.float64).tiny)
    gradient = np.zeros_like(w)
    largest = int(np.abs(w).argmax())
    gradient[largest] = np.sign(w[largest])
    return gradient
