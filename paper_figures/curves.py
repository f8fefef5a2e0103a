"""The theory's curves in the plane of adversarial and spatial accuracy."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from paper_figures.style import percent
from theory.bounds.pairwise import pairwise_bound
from theory.checks import FloatArray
from theory.frontiers.halfspaces import halfspace_frontier
from theory.setting.curves import concave_envelope
from theory.setting.setting import Setting

__all__ = [
    "accuracy_axes",
    "inner_curve",
    "levels",
    "outer_curve",
    "probit_axes",
    "reached_curve",
    "shade_impossible",
]

SPARSE = (0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99, 0.999)
DENSE = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99)
BALLS = {"linf": "$\\ell_\\infty$", "l2": "$\\ell_2$", "l1": "$\\ell_1$"}
WIDE = 2.6
"""Ticks of probit axes that span more probits than this, and fewer."""


def levels(points: int) -> FloatArray:
    """Adversarial errors from 0 to 1, dense at both ends, where the curves are steep."""
    return 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, points))


def outer_curve(setting: Setting, points: int = 25) -> tuple[FloatArray, FloatArray]:
    """Adversarial accuracies and the bound on the spatial one (THEORY.md, Theorem 3)."""
    error = levels(points)[::-1]
    bound = pairwise_bound(setting, error)
    # the levels are symmetric: these are the accuracies, without forming 1 - error
    return levels(points)[bound.attainable], bound.spatial_accuracy[bound.attainable]


def inner_curve(setting: Setting, points: int = 25) -> tuple[FloatArray, FloatArray]:
    """Accuracies that randomised halfspaces reach, as a concave curve (THEORY.md, Theorem 5)."""
    found = halfspace_frontier(setting, np.linspace(0.0, 1.0, points))
    return reached_curve(found.adversarial_accuracy, found.spatial_accuracy)


def reached_curve(adversarial: FloatArray, spatial: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return what mixtures of classifiers reach: level up to the first corner of the envelope."""
    x, y = concave_envelope(adversarial, spatial)
    return np.append(0.0, x), np.append(y[0], y)


def accuracy_axes(axes: Axes, setting: Setting | None = None) -> None:
    """Label both axes, in percent; the radius of the attack is in units of the inputs."""
    axes.set(xlabel="adversarial accuracy", ylabel="spatial accuracy")
    if setting is not None:
        ball = f"{BALLS[setting.norm]}, $\\epsilon$ = {setting.epsilon:g}"
        axes.set_xlabel(f"adversarial accuracy ({ball})")
    axes.xaxis.set_major_formatter(percent)
    axes.yaxis.set_major_formatter(percent)


def probit_axes(axes: Axes, xlim: tuple[float, float], ylim: tuple[float, float]) -> None:
    """Scale both axes by the probit, on which the limit of one pair is straight."""
    from scipy.special import ndtr, ndtri

    def probit(share: FloatArray) -> FloatArray:
        return np.asarray(ndtri(np.clip(share, 1e-12, 1.0 - 1e-12)))

    axes.set_xscale("function", functions=(probit, ndtr))
    axes.set_yscale("function", functions=(probit, ndtr))
    axes.set(xlim=xlim, ylim=ylim)
    for axis, (low, high) in ((axes.xaxis, xlim), (axes.yaxis, ylim)):
        ticks = DENSE if float(ndtri(high) - ndtri(low)) < WIDE else SPARSE
        axis.set_major_locator(FixedLocator(list(ticks)))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(percent)


def shade_impossible(axes: Axes, accuracy: FloatArray, bound: FloatArray) -> None:
    """Shade what lies above the bound, where no classifier can be."""
    axes.fill_between(accuracy, bound, 1.1, color="#EFEFEF", lw=0, zorder=0)
