"""Trained networks and the theory: how far each recipe reaches on probit axes."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.measurements import FEW, Row, distinct, rows, student_quantile
from paper_figures.pooling import Group, architectures
from paper_figures.style import PAGE, new_figure, styled
from simulations.records import Record

__all__ = ["draw", "half_width"]

TITLES = {"orientation-texture": "Gaussian images", "mnist": "MNIST"}


@styled
def draw(record: Record) -> Figure:
    """Draw ``probit(S) + probit(A)``, which orders recipes by joint robustness.

    Means over seeds, one panel for each data set (THEORY.md, section 10); bars are 95 % intervals
    of three seeds or more, and the range of two.

    Parameters
    ----------
    record : Record
        Of the comparison ``connection``, whose rows of kind ``reach`` are drawn.
    """
    found = rows(record, kind="reach")
    labels = list(dict.fromkeys(_group(record, row).label for row in found))
    datasets = distinct(found, "dataset")
    figure, axes = new_figure(PAGE, 3.2, columns=len(datasets))
    for panel, dataset in zip(axes, datasets, strict=True):
        _reaches(panel, record, rows(record, kind="reach", dataset=dataset), labels)
        panel.set_yticks(range(len(labels)), labels if panel is axes[0] else [""] * len(labels))
        panel.set_title(TITLES.get(dataset, dataset))
    entries = architectures([_group(record, row) for row in found])
    if entries:
        figure.legend(handles=entries, loc="outside upper right", ncols=len(entries))
    return figure


def half_width(row: Row) -> float:
    """Return half the 95 % interval of a mean over seeds; of two seeds, half their distance."""
    seeds, deviation = row["seeds"], float(row["std"])
    if seeds < FEW:
        return deviation
    # the record keeps the root mean square deviation; an estimate of the variance has n - 1
    return student_quantile(seeds - 1) * deviation / math.sqrt(seeds - 1)


def _reaches(axes: Axes, record: Record, found: list[Row], labels: list[str]) -> None:
    """Draw the reach of every recipe on one data set."""
    networks = distinct(found, "network")
    for row in found:
        group = _group(record, row)
        shift = 0.12 if group.network == networks[0] else -0.12
        axes.errorbar(
            row["mean"], labels.index(group.label) - shift, xerr=half_width(row), ls="",
            color=group.look.colour, marker=group.look.marker, mfc=group.face,
            elinewidth=0.8, mew=0.9,
        )  # fmt: skip
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlabel("probit $S$ + probit $A$")


def _group(record: Record, row: Row) -> Group:
    return Group(record, row["network"], row["recipe"], row["weight"])
