"""Theory alone: on probit axes the limit of one pair is a line of slope -1."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paper_figures.curves import probit_axes
from paper_figures.style import COLUMN, label_line, new_figure, sequential_colours, styled
from paper_figures.tables import Caption
from theory.frontiers.halfspaces import halfspace_frontier
from theory.residual.attack import attack_residual
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import cyclic_shifts

__all__ = ["caption", "draw"]

RADII = (0.0, 0.05, 0.1, 0.15, 0.2)
LENGTH, SIGNAL, TEXTURE, SIGMA = 96, 0.8, 0.1, 0.5


@styled
def draw() -> Figure:
    """Draw the limit of two images and one transformation, and the halfspaces that reach it.

    The transformation turns each image into the other, but for a texture.  Lines are the
    limits ``probit(S) + probit(A) <= r`` (THEORY.md, Theorem 1); dots are the accuracies of
    halfspaces (THEORY.md, Theorem 5).
    """
    figure, (axes,) = new_figure(COLUMN, 3.1)
    for epsilon, colour in zip(RADII, sequential_colours(len(RADII)), strict=True):
        _limit(axes, _exchange(epsilon), colour)
    probit_axes(axes, (0.02, 0.999), (0.02, 0.999))
    handles = [
        Line2D([], [], color="black", lw=1.0, label="limit of one pair"),
        Line2D([], [], color="black", marker="o", ms=3, ls="", label="halfspaces"),
    ]
    axes.legend(handles=handles, loc="lower left")
    axes.set(xlabel="adversarial accuracy", ylabel="spatial accuracy")
    return figure


def caption() -> Caption:
    """Say how far the limit moves from no attack to the strongest."""
    first, last = (_residual(_exchange(epsilon)) for epsilon in (RADII[0], RADII[-1]))
    return Caption.of_theory(
        "One pair of images: a straight line on probit axes",
        shows="The limit on spatial and adversarial accuracy for two images that a shift turns "
        "into each other but for a texture (Theorem 1), and the halfspaces that reach it "
        "(Theorem 5).",
        settings=f"Images of {LENGTH} pixels ±{SIGNAL:g} with a texture ±{TEXTURE:g}, noise "
        f"σ = {SIGMA:g}, ℓ∞ attacks of several radii ε.",
        see=f"probit S + probit A is at most {_up(first)} without attack and {_up(last)} at "
        f"ε = {RADII[-1]:g}: the lines keep their slope −1 and move down. Every dot lies on its "
        "line.",
        paper="Not among the paper's experiments.",
    )


def _up(residual: float) -> str:
    """Return a bound rounded up."""
    return f"{math.ceil(1000 * residual) / 1000:g}"


def _residual(setting: Setting) -> float:
    """Return what the attack leaves of the difference between the turned and the other image."""
    moved, kept = setting.transformed_means[0, 1], setting.mixture.means[0]
    return attack_residual(moved - kept, setting.epsilon, sigma=setting.mixture.sigma).value


def _exchange(epsilon: float) -> Setting:
    """Two images that a shift by half their length exchanges, textures apart."""
    half = np.where(np.arange(LENGTH) < LENGTH // 2, SIGNAL, -SIGNAL)
    mixture = GaussianMixture([-half - TEXTURE, half + TEXTURE], [0, 1], sigma=SIGMA)
    return Setting(mixture, cyclic_shifts(LENGTH, [LENGTH // 2]), epsilon, name="exchange")


def _limit(axes: Axes, setting: Setting, colour: tuple[float, ...]) -> None:
    """Draw the line of one radius, and halfspaces along it."""
    from scipy.special import ndtr

    residual = _residual(setting)
    probits = np.linspace(-3.1, 3.1, 3)
    axes.plot(ndtr(probits), ndtr(residual - probits), color=colour, lw=1.0)
    reached = halfspace_frontier(setting, np.linspace(0.3, 0.7, 9))
    axes.plot(
        reached.adversarial_accuracy, reached.spatial_accuracy, "o", color=colour, ms=3, ls=""
    )
    middle = float(ndtr(residual / 2))
    name = f"$\\epsilon$ = {setting.epsilon:g}"
    label_line(axes, middle, middle, name, colour=colour, offset=(4, 4), rotation=-45, ha="center")
