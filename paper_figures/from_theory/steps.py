"""Theory alone: what each refinement of the bound gains, in two settings."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.curves import accuracy_axes, inner_curve, levels
from paper_figures.style import INNER, PAGE, new_figure, styled
from paper_figures.tables import Caption, at_most
from theory import catalogue
from theory.bounds.cyclic_codes import (
    conflict_distribution,
    cyclic_code_bound,
    free_probability,
    sharp_cyclic_code_bound,
)
from theory.bounds.joint import joint_bounds
from theory.bounds.pairwise import pairwise_bound
from theory.bounds.two_class import two_class_bound
from theory.checks import FloatArray
from theory.residual.attack import residuals
from theory.setting.setting import Setting

__all__ = ["caption", "code_steps", "draw", "joint_curve", "two_image_steps"]

GENERATOR, LENGTH = "x^17+x^16+x^13+x^12+x^9+x^8+x^5+x^4+x+1", 20
CODE = {"eta": 0.25, "sigma": 0.5, "epsilon": 0.4}
ERRORS = levels(41)[1:]
"""Adversarial errors; no classifier has the error 0."""
WEIGHTS = (0.5, 0.7, 0.8, 0.86, 0.91, 0.95, 0.98)
"""Weights of the spatial accuracy in the joint bound, where it improves on all pairs."""
SAMPLES = 1 << 17
LINES = {
    "closed form": ("#E69F00", 2.6),
    "sharp closed form": ("#D55E00", 2.2),
    "Pinsker": ("#999999", 2.6),
    "total variation": ("#E69F00", 2.2),
    "exact trade-off": ("#CC79A7", 1.8),
    "all pairs": ("#009E73", 1.4),
    "all pairs at once": ("#000000", 1.0),
}
"""Colour and width of each bound; narrow lines are drawn over wide ones that they touch."""


@styled
def draw() -> Figure:
    """Draw bounds on the spatial accuracy, weakest first, and what halfspaces reach.

    Left, the words of a cyclic code: the closed form (THEORY.md, Theorem 6), its sharp form
    (section 9), all pairs (Theorem 3), all pairs at once (Theorem 4).  Right, two images under
    rotations of any angle: Pinsker and total variation (eq. (2.4)), the exact trade-off
    (Theorem 2), Theorems 3 and 4.  The joint bound is a confidence limit at 1 - 1e-6, the
    others hold surely.
    """
    code = catalogue.cyclic_code(GENERATOR, LENGTH, alpha=1.0, **CODE)
    bump = catalogue.rotating_bump(
        24, 4, alpha=0.6, eta=0.06, width=1.0, sigma=0.4, epsilon=0.08, max_degrees=180.0
    )
    figure, (left, right) = new_figure(PAGE, 2.9, columns=2)
    _panel(left, code, code_steps(code))
    _panel(right, bump, two_image_steps(bump))
    left.set_title("words of a cyclic code")
    right.set_title("two images, rotations of any angle")
    return figure


def caption() -> Caption:
    """Say what the bounds are at an adversarial accuracy near 90 %, weakest to strongest."""
    code = catalogue.cyclic_code(GENERATOR, LENGTH, alpha=1.0, **CODE)
    place = int(np.argmin(np.abs(ERRORS - 0.1)))
    found = [f"{at_most(1 - error[place])} % ({name})" for name, error in code_steps(code).items()]
    return Caption.of_theory(
        "What each refinement of the bound gains",
        shows="Bounds on the spatial accuracy, weakest first, and what halfspaces reach. Left: the "
        "closed form of Theorem 6, its sharp form (9.4), all pairs of images (Theorem 3). Right: "
        "Pinsker's inequality and total variation (2.4), the exact trade-off (Theorem 2), all "
        "pairs (Theorem 3), all pairs at once (Theorem 4).",
        settings=f"Left, the words of a cyclic code of length {LENGTH}, η = {CODE['eta']:g}, "
        f"σ = {CODE['sigma']:g}, ε = {CODE['epsilon']:g}; right, two opposite bumps under any "
        "rotation, ε = 0.08. The bound of all pairs at once is a confidence limit at "
        "1 − 0.000001; the others hold surely.",
        see=f"Left, at an adversarial accuracy of {at_most(1 - ERRORS[place])} %: "
        f"{', '.join(found)}.",
        paper="Not among the paper's experiments.",
    )


def code_steps(setting: Setting) -> dict[str, FloatArray]:
    """Return the bounds for the words of the code, by name, as spatial errors."""
    free = free_probability(GENERATOR, LENGTH)
    law = conflict_distribution(GENERATOR, LENGTH)
    return {
        "closed form": cyclic_code_bound(ERRORS, free=free, length=LENGTH, **CODE),
        "sharp closed form": sharp_cyclic_code_bound(ERRORS, law, length=LENGTH, **CODE),
        "all pairs": pairwise_bound(setting, ERRORS).spatial_error,
    }


def two_image_steps(setting: Setting) -> dict[str, FloatArray]:
    """Return the bounds for two images, by name, as spatial errors."""
    from scipy.special import ndtr

    moved, kept = setting.transformed_means[:, 1], setting.mixture.means[0]
    values = residuals(moved - kept, setting.epsilon, sigma=setting.mixture.sigma)
    distances = {"Pinsker": values / 2, "total variation": 2 * ndtr(values / 2) - 1}
    relaxed = {
        name: np.maximum(1 - ERRORS[:, None] - distance, 0.0) @ setting.probabilities
        for name, distance in distances.items()
    }
    pairs = pairwise_bound(setting, ERRORS).spatial_error
    return {
        **relaxed,
        "exact trade-off": two_class_bound(setting, ERRORS),
        "all pairs": pairs,
        "all pairs at once": np.maximum(pairs, joint_curve(setting)),
    }


def joint_curve(setting: Setting) -> FloatArray:
    """Return the envelope of joint bounds over the weights, as spatial errors."""
    bounds = joint_bounds(setting, WEIGHTS, rng=np.random.default_rng(4), samples=SAMPLES)
    return np.asarray(np.max([1 - bound.spatial_accuracy(1 - ERRORS) for bound in bounds], axis=0))


def _panel(axes: Axes, setting: Setting, steps: Mapping[str, FloatArray]) -> None:
    """Draw the steps of one setting, wide to narrow, and the halfspaces."""
    for name, error in steps.items():
        colour, width = LINES[name]
        axes.plot(1 - ERRORS, 1 - error, color=colour, lw=width, label=name)
    axes.plot(*inner_curve(setting, 17), "--", color=INNER, label="reached by halfspaces")
    accuracy_axes(axes, setting)
    axes.set(xlim=(0, 1.005), ylim=(0.5, 1.01))
    axes.legend(loc="lower left")
