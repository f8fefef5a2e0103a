"""Every recipe and architecture on real images, in probits, beside a line of slope -1."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from paper_figures.curves import probit_axes
from paper_figures.measurements import Spread, error_bars, radius
from paper_figures.pooling import groups, handles
from paper_figures.style import GUIDE, PAGE, label_line, new_figure, styled
from simulations.records import Record
from theory.checks import FloatArray

__all__ = ["draw", "front"]

LEAST = 0.002
"""Accuracies below this, and above its mirror image, are drawn at the edge."""
MARGIN = 0.25
"""Space around the measurements, in probits."""

Place = tuple[Spread, Spread]


@styled
def draw(record: Record) -> Figure:
    """Draw spatial against adversarial accuracy: means over seeds with 95 % intervals.

    Spatial accuracy is that under random rotations of the widest range measured, adversarial
    accuracy that at the largest radius measured.  The line of slope -1 through the outermost
    network is what the probit law predicts for the front (THEORY.md, section 10); on real
    images the law is a prediction, not a bound.

    Parameters
    ----------
    record : Record
        Of an experiment with measures ``rotation`` and ``adversarial``.
    """
    chosen = groups(record)
    degrees, epsilon = chosen[0].levels("rotation")[-1], chosen[0].levels("adversarial")[-1]
    figure, (axes,) = new_figure(PAGE * 0.75, 3.2)
    places = [(g.at("adversarial", epsilon), g.at("rotation", degrees)) for g in chosen]
    limits = [_limits([pair[side].mean for pair in places]) for side in range(2)]
    probit_axes(axes, *limits)
    for group, (x, y) in zip(chosen, places, strict=True):
        axes.errorbar(
            _inside([x.mean]), _inside([y.mean]), xerr=_bars(x), yerr=_bars(y),
            color=group.look.colour, marker=group.look.marker, mfc=group.face,
            elinewidth=0.6, mew=0.9, ms=5.5,
        )  # fmt: skip
    across, up = front(places)
    axes.plot(across, up, "--", color=GUIDE, lw=0.9, zorder=1)
    visible = (across > axes.get_xlim()[0]) & (up < axes.get_ylim()[1])
    start = int(np.argmax(visible))
    place = across[start], up[start]
    label_line(axes, *place, "slope −1", colour=GUIDE, offset=(-4, -6), ha="right")
    axes.set_xlabel(f"adversarial accuracy ($\\ell_\\infty$, $\\epsilon$ = {radius(epsilon)})")
    axes.set_ylabel(f"accuracy under rotations up to ±{degrees:g}°")
    figure.legend(handles=handles(chosen), loc="outside right upper")
    return figure


def front(places: Sequence[Place]) -> tuple[FloatArray, FloatArray]:
    """Return the line ``probit(S) + probit(A) = r`` of the network with the largest r."""
    from scipy.special import ndtr, ndtri

    sums = [float(ndtri(_inside([x.mean])[0]) + ndtri(_inside([y.mean])[0])) for x, y in places]
    probits = np.linspace(-4.0, 4.0, 161)
    return np.asarray(ndtr(probits)), np.asarray(ndtr(max(sums) - probits))


def _inside(values: Sequence[float]) -> FloatArray:
    """Return values that have a probit that can be drawn."""
    return np.clip(values, LEAST, 1.0 - LEAST)


def _bars(item: Spread) -> list[list[float]]:
    """Return error bars of the marker as drawn."""
    mean, lower, upper = _inside([item.mean, item.lower, item.upper])
    return error_bars([Spread(float(mean), float(lower), float(upper), item.values)])


def _limits(means: Sequence[float]) -> tuple[float, float]:
    """Return the range of the means and some space beside, in probits."""
    from scipy.special import ndtr, ndtri

    probits = ndtri(_inside(means))
    low, high = float(ndtr(probits.min() - MARGIN)), float(ndtr(probits.max() + MARGIN))
    return low, high
