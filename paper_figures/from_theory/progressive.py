"""Theory alone: the frontier falls as the range of rotations grows and as the attack grows."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.curves import accuracy_axes, outer_curve
from paper_figures.style import PAGE, label_line, new_figure, sequential_colours, styled
from paper_figures.tables import Caption, at_most
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.setting.setting import Setting

__all__ = ["caption", "draw"]

RANGES = (60.0, 90.0, 120.0, 150.0, 180.0)
RADII = (0.0, 0.03, 0.06, 0.09, 0.12)
FIXED_RADIUS = 0.12
POINTS = 31


@styled
def draw() -> Figure:
    """Draw the bound of the rotating bump for several ranges, and for several radii.

    The bound is that of the pairwise network (THEORY.md, Theorem 3) in the setting of
    section 9, 24 angles by 4 rings.
    """
    figure, (left, right) = new_figure(PAGE, 2.6, columns=2, sharey=True)
    _family(left, {f"±{r:g}°": _bump(r, FIXED_RADIUS) for r in RANGES})
    _family(right, {f"$\\epsilon$ = {radius:g}": _bump(180.0, radius) for radius in RADII})
    left.set_title(f"wider rotations, at $\\epsilon$ = {FIXED_RADIUS:g}")
    right.set_title("stronger attacks, at rotations of ±180°")
    right.set_ylabel("")
    return figure


def caption() -> Caption:
    """Say how far the bound falls at an adversarial accuracy of 90 %."""
    ceilings = [
        [float(pairwise_bound(setting, 0.1).spatial_accuracy) for setting in family]
        for family in (
            (_bump(RANGES[0], FIXED_RADIUS), _bump(RANGES[-1], FIXED_RADIUS)),
            (_bump(180.0, RADII[0]), _bump(180.0, RADII[-1])),
        )
    ]
    (narrow, wide), (weak, strong) = ceilings
    return Caption.of_theory(
        "Wider rotations and stronger attacks lower the bound",
        shows="The bound on the spatial accuracy of every classifier (Theorem 3) against the "
        "adversarial accuracy, for growing ranges of rotations (left) and growing radii (right).",
        settings="Two opposite bumps on 4 rings of 24 angles (setting rotating-bump, α = 0.6, "
        "η = 0.06, σ = 0.4), ℓ∞ attack.",
        see=f"At an adversarial accuracy of 90 % the bound falls from {at_most(narrow)} % to "
        f"{at_most(wide)} % as rotations widen from ±{RANGES[0]:g}° to ±{RANGES[-1]:g}°, and "
        f"from {at_most(weak)} % to {at_most(strong)} % as ε grows from {RADII[0]:g} to "
        f"{RADII[-1]:g}.",
        paper="The paper observes both on trained networks, as progressive trade-offs; here they "
        "are theorems of one setting (THEORY.md, section 9.5).",
    )


def _bump(max_degrees: float, epsilon: float) -> Setting:
    return catalogue.rotating_bump(
        24, 4, alpha=0.6, eta=0.06, width=1.0, sigma=0.4, epsilon=epsilon, max_degrees=max_degrees
    )


def _family(axes: Axes, settings: Mapping[str, Setting]) -> None:
    """Draw one curve per setting, named at its right end."""
    for (name, setting), colour in zip(
        settings.items(), sequential_colours(len(settings)), strict=True
    ):
        accuracy, bound = outer_curve(setting, POINTS)
        axes.plot(accuracy, bound, color=colour, label=name)
        label_line(axes, accuracy[-1], bound[-1], name, colour=colour)
    accuracy_axes(axes)
    axes.set(xlim=(0, 1.17), ylim=(0.7, 1.01), ylabel="bound on the spatial accuracy")
