"""Theory alone: maps of the bound on the spatial accuracy at one adversarial accuracy."""

from collections.abc import Callable

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from paper_figures.style import PAGE, new_figure, percent, styled
from paper_figures.tables import Caption, at_most
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.checks import FloatArray
from theory.setting.setting import Setting

__all__ = ["bounds", "caption", "draw", "of_noise", "of_range"]

ERROR = 0.1
TOLERANCE = 1e-4
"""Of the solver: every cell is a bound, and at most so far above the exact value."""
ANGLES, ETA = 16, 0.06
RATIOS = np.linspace(0.0, 3.0, 11)
RANGES = np.linspace(0.0, 180.0, ANGLES // 2 + 1)
"""All ranges of rotations on the grid of angles that differ."""
RADII = np.linspace(0.0, 0.15, 11)
DEVIATIONS = np.linspace(0.2, 1.2, 11)
STRONG = 2.4
"""Radius over texture that the caption compares with no attack."""
LINES = {0.6: ":", 0.7: "-.", 0.8: "--", 0.9: "-"}
IMPOSSIBLE = "#BBBBBB"


@styled
def draw() -> Figure:
    """Draw the bound (THEORY.md, Theorem 3) at an adversarial accuracy of 90 %, in two settings.

    Left, rotating bumps: radius over texture, and range of rotations.  Right, orientation and
    texture: radius and noise.  Each cell is the bound at its centre; lines of equal bound are
    interpolated between centres.  Grey where no classifier has this adversarial accuracy.
    """
    figure, (left, right) = new_figure(PAGE, 2.9, columns=2)
    mesh, drawn = _panel(left, RATIOS, RANGES, of_range)
    left.set(xlabel="radius over texture, $\\epsilon/\\eta$", ylabel="range of rotations")
    left.set(yticks=RANGES[::2], title="rotating-bump")
    left.yaxis.set_major_formatter(lambda degrees, _: f"±{degrees:g}°")
    drawn |= _panel(right, RADII, DEVIATIONS, of_noise)[1]
    right.set(xlabel="radius $\\epsilon$", ylabel="noise $\\sigma$", title="orientation-texture")
    figure.colorbar(
        mesh, ax=[left, right], format=percent, label="bound on the spatial accuracy", aspect=26
    )
    handles: list[Artist] = [
        Line2D([], [], color="black", lw=1.0, ls=style, label=percent(level))
        for level, style in LINES.items()
        if level in drawn
    ]
    handles.append(Patch(color=IMPOSSIBLE, label="no classifier has A = 90%"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles))
    return figure


def caption() -> Caption:
    """Say what the bound is at corners of both maps."""
    (free, narrow), (wide, strong) = (
        [_bound(of_range(ratio, degrees)) for ratio in (0.0, STRONG)] for degrees in (90.0, 180.0)
    )
    weak, hidden, last = (_bound(of_noise(radius, 0.4)) for radius in (0.0, 2 * ETA, RADII[-1]))
    return Caption.of_theory(
        "Where the bound bites: radius, range and noise",
        shows="The bound on the spatial accuracy S of every classifier of adversarial accuracy "
        "A = 90 % (Theorem 3), by radius over texture ε/η and range of rotations (left), and by "
        "radius ε and noise σ (right). Each cell is the bound at its centre; lines of equal bound "
        "are interpolated between centres. Grey: no classifier has A = 90 %.",
        settings=f"Left, two opposite bumps on 4 rings of {ANGLES} angles (setting "
        f"rotating-bump, α = 0.6, η = {ETA:g}, width 1, σ = 0.6); right, setting "
        f"orientation-texture, α = 0.4, η = {ETA:g}; ℓ∞ attack.",
        see=f"Left, the attack costs little while rotations are narrow: from no attack to "
        f"ε = {STRONG:g} η the bound goes from {at_most(free)} % to {at_most(narrow)} % at ±90°, "
        f"from {at_most(wide)} % to {at_most(strong)} % at ±180°. Right, at σ = 0.4, it falls "
        f"from {at_most(weak)} % without attack to {at_most(hidden)} % at ε = 2η, where the attack "
        f"hides the texture; at ε = {RADII[-1]:g} it is {at_most(last)} %.",
        paper="Not among the paper's experiments.",
    )


def of_range(ratio: float, degrees: float) -> Setting:
    """Return the setting of a cell of the left map."""
    return catalogue.rotating_bump(
        ANGLES, 4, alpha=0.6, eta=ETA, width=1.0, sigma=0.6, epsilon=ratio * ETA,
        max_degrees=degrees,
    )  # fmt: skip


def of_noise(radius: float, deviation: float) -> Setting:
    """Return the setting of a cell of the right map."""
    return catalogue.block_texture(alpha=0.4, eta=ETA, sigma=deviation, epsilon=radius)


def bounds(
    across: FloatArray, up: FloatArray, setting: Callable[[float, float], Setting]
) -> FloatArray:
    """Return the bound in each cell, a row for each of `up`; nan where no classifier can be."""
    return np.array([[_bound(setting(float(x), float(y))) for x in across] for y in up])


def _bound(setting: Setting) -> float:
    bound = pairwise_bound(setting, ERROR, tolerance=TOLERANCE)
    return float(bound.spatial_accuracy) if bound.attainable else float("nan")


def _panel(
    axes: Axes, across: FloatArray, up: FloatArray, setting: Callable[[float, float], Setting]
) -> tuple[QuadMesh, set[float]]:
    """Draw one map as cells, with lines of equal bound; return the cells and the lines' levels."""
    values = bounds(across, up, setting)
    colours = mpl.colormaps["viridis"]
    mesh = axes.pcolormesh(across, up, values, cmap=colours, vmin=0.5, vmax=1.0, shading="nearest")
    axes.set_facecolor(IMPOSSIBLE)
    axes.grid(visible=False)
    found = [level for level in LINES if np.nanmin(values) < level < np.nanmax(values)]
    axes.contour(
        across, up, values, levels=found, colors="black", linewidths=1.0,
        linestyles=[LINES[level] for level in found],
    )  # fmt: skip
    return mesh, set(found)
