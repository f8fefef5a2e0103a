"""Theory against simulation: predictions, crossings of the bound, rates of convergence."""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paper_figures.measurements import Row, distinct, estimate, rows
from paper_figures.style import BOUND, FAILED, GUIDE, PAGE, SETTINGS, new_figure, styled
from paper_figures.tables import Caption
from simulations.estimates import Estimate
from simulations.records import Record

__all__ = ["caption", "deviation", "draw"]

LEVEL = 1e-9
"""Probability with which the check of a right prediction may fail."""

_ABOVE = (0.98, 0.98, "right", "top")
_BELOW = (0.02, 0.02, "left", "bottom")


@styled
def draw(record: Record) -> Figure:
    """Draw every finding of the validation in three panels.

    Left, counts against exact predictions in standard deviations; planted errors of one
    percent must leave the band.  Middle, measured spatial accuracies against the largest that
    the bound allows.  Right, errors of estimates against the sample size.

    Parameters
    ----------
    record : Record
        Of the experiment ``validation``.
    """
    figure, (left, middle, right) = new_figure(PAGE, 2.6, columns=3)
    _matches(left, rows(record, kind="match"))
    _crossings(middle, rows(record, kind="crossing"))
    _rates(right, rows(record, kind="rate"))
    handles = [
        Line2D([], [], ls="", marker=marker, color=colour, label=name)
        for name, (colour, marker) in SETTINGS.items()
    ]
    handles.append(Line2D([], [], ls="", marker="x", color=FAILED, label="planted error of 1 %"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles))
    return figure


def caption(record: Record) -> Caption:
    """Say how many counts lie in the band, how many planted errors leave it, and who crosses."""
    matches, crossings = rows(record, kind="match"), rows(record, kind="crossing")
    limit = _limit()
    inside = {
        planted: [abs(deviation(row)) <= limit for row in matches if planted == _planted(row)]
        for planted in (False, True)
    }
    crossed = sum(not row["passed"] for row in crossings if not _planted(row))
    sound = sum(not _planted(row) for row in crossings)
    caught = len(inside[True]) - sum(inside[True])
    trials = sorted({int(row["trials"]) for row in matches})
    return Caption(
        "Theory against simulation",
        "Left, counts against exact predictions in standard errors, with the band that a right "
        f"prediction leaves once in {1 / LEVEL:,.0f} times. Middle, measured spatial accuracies "
        "against the bound at the lower confidence limit of the adversarial accuracy. Right, "
        "errors against the number of samples, with the rates that theory says they have.",
        f"Settings: {', '.join(distinct(rows(record), 'setting'))}.",
        f"{trials[0]:,} samples each."
        if len(trials) == 1
        else f"{trials[0]:,} to {trials[-1]:,} samples each.",
        "One seed.",
        "There are no bars: deviations are in standard errors.",
        f"{sum(inside[False])} of {len(inside[False])} predictions lie in the band; {caught} of "
        f"{len(inside[True])} planted errors leave it; {crossed or 'none'} of {sound} classifiers "
        "cross the bound by more than chance.",
        "Not among the paper's experiments.",
    )


def _planted(row: Row) -> bool:
    return bool(row.get("planted"))


def _limit() -> float:
    """Return the half width of the band, in standard errors."""
    from scipy.special import ndtri

    return -float(ndtri(LEVEL / 2))


def deviation(row: Row) -> float:
    """Return how far a count is from its prediction, in standard deviations, at least one count."""
    counts, expected = estimate(row), row["expected"]
    scale = math.sqrt(max(counts.trials * expected * (1 - expected), 1.0))
    return float(counts.successes - counts.trials * expected) / scale


def _matches(axes: Axes, measured: list[Row]) -> None:
    """Draw deviations against the predicted accuracies."""
    limit = _limit()
    axes.axhspan(-limit, limit, color="#EFEFEF", lw=0, zorder=0)
    for row in measured:
        colour, marker = _look(row)
        axes.plot(row["expected"], deviation(row), marker, color=colour, ms=3, alpha=0.8)
    axes.set_yscale("symlog", linthresh=10.0)
    ticks = [-10, -5, 0, 5, 10, 100, 1000]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_ylim(-12, 1500)
    axes.set(xlabel="predicted accuracy", ylabel="deviation (std. errors)")
    axes.set_title("closed forms")


def _crossings(axes: Axes, measured: list[Row]) -> None:
    """Draw measured spatial accuracies against the bound."""
    for row in measured:
        counts = Estimate(row["spatial_successes"], row["spatial_trials"])
        colour, marker = _look(row)
        axes.plot(row["limit"], counts.value, marker, color=colour, ms=3, alpha=0.8)
    axes.plot([0, 1], [0, 1], color=BOUND, lw=0.8)
    axes.fill_between([0, 1], [0, 1], 1.1, color="#EFEFEF", lw=0, zorder=0)
    axes.text(0.48, 1.0, "above the bound", color=GUIDE, va="top")
    axes.set(xlabel="bound on the spatial accuracy", ylabel="measured spatial accuracy")
    axes.set(xlim=(0.45, 1.02), ylim=(0.0, 1.03))
    axes.set_title("the bound holds")


def _rates(axes: Axes, measured: list[Row]) -> None:
    """Draw errors against sample sizes, and the rates that theory says they have."""
    for row in measured:
        colour, marker = _look(row)
        axes.plot(row["sizes"], row["errors"], marker, color=colour, ms=3, ls="-", lw=0.6)
    for expected in distinct(measured, "expected"):
        first = next(row for row in measured if row["expected"] == expected)
        sizes = np.array([first["sizes"][0], first["sizes"][-1]], dtype=float)
        start = max(row["errors"][0] for row in measured if row["expected"] == expected)
        guide = 2.0 * start * (sizes / sizes[0]) ** expected
        axes.plot(sizes, guide, ":", color=GUIDE, lw=1.0)
        name = f"{first['subject']}, $\\propto n^{{{expected:g}}}$"
        x, y, ha, va = (
            (0.98, 0.98, "right", "top") if expected > -1 else (0.02, 0.02, "left", "bottom")
        )
        axes.text(x, y, name, ha=ha, va=va, color=GUIDE, transform=axes.transAxes)
    axes.set(xscale="log", yscale="log", xlabel="samples $n$", ylabel="root mean square error")
    axes.set_ylim(axes.get_ylim()[0] / 3, axes.get_ylim()[1] * 2)
    axes.set_title("convergence")


def _look(row: Row) -> tuple[str, str]:
    """Return the colour and the marker of a finding."""
    colour, marker = SETTINGS[row["setting"]]
    return (FAILED, "x") if row.get("planted") else (colour, marker)
