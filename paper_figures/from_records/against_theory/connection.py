"""Trained networks and the theory: how far each recipe reaches on probit axes."""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.from_records import wording
from paper_figures.measurements import Row, distinct, radius, rows, student_quantile
from paper_figures.pooling import Group, architectures, labels, shifts
from paper_figures.style import PAGE, dataset_label, network_style, new_figure, styled
from paper_figures.tables import Caption
from simulations.records import Record

__all__ = ["caption", "compared", "draw", "half_width"]

FEW = 3
"""Seeds from which on their spread is estimated."""


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
    names = labels([_group(record, row) for row in found])
    datasets = distinct(found, "dataset")
    figure, axes = new_figure(PAGE, 3.8, columns=len(datasets))
    for panel, dataset in zip(axes, datasets, strict=True):
        _reaches(panel, record, rows(record, kind="reach", dataset=dataset), names)
        panel.set_yticks(range(len(names)), names if panel is axes[0] else [""] * len(names))
        panel.set_title(dataset_label(dataset))
    entries = architectures([_group(record, row) for row in found])
    if entries:
        figure.legend(handles=entries, loc="outside upper right", ncols=2)
    return figure


def caption(record: Record) -> Caption:
    """Say which recipe reaches farthest on each data set."""
    found = rows(record, kind="reach")
    best = []
    for dataset in distinct(found, "dataset"):
        row = max(rows(record, kind="reach", dataset=dataset), key=lambda row: row["mean"])
        group = _group(record, row)
        best.append(
            f"{dataset_label(dataset)}: {row['mean']:.2f} ({network_style(group.network).label}, "
            f"{group.label})"
        )
    names = wording.listed(network_style(name).label for name in distinct(found, "network"))
    counts = distinct(found, "seeds")
    fewest, most = min(counts), max(counts)
    seeds = (
        f"{fewest} to {most} seeds, by images and recipe." if most > fewest else f"{most} seeds."
    )
    none = "; of one seed there are none" if fewest == 1 else ""
    return Caption(
        "How far each recipe reaches",
        "Probit S + probit A of every recipe, the sum that a single pair of images would bound "
        "(Theorem 1); on real images it is a measure, not a bound.",
        f"{wording.listed(dataset_label(name) for name in distinct(found, 'dataset'))}. Networks: "
        f"{names}.{compared(record)}",
        "The images of the sweeps of recipes.",
        "One seed." if most == 1 else seeds,
        f"Bars are 95 % intervals of the mean over three seeds or more, the range of two{none}."
        f"{_clamped(record)}",
        f"Farthest on {'; on '.join(best)}.",
        "Not among the paper's experiments.",
    )


def compared(record: Record) -> str:
    """Say at which spatial and adversarial accuracy networks are compared, if the record does."""
    digits, gaussian = record.config.get("digits"), record.config.get("gaussian")
    told = []
    if digits:
        turned, epsilon = f"±{digits['rotation']:g}°", radius(digits["epsilon"])
        told.append(f"{dataset_label('mnist')}: random rotations up to {turned}, ε = {epsilon}")
    if gaussian:
        epsilon = radius(gaussian["epsilon"])
        told.append(f"{dataset_label('orientation-texture')}: quarter turns, ε = {epsilon}")
    return f" {'; '.join(told)}." if told else ""


def _clamped(record: Record) -> str:
    """Say what the number of images does to sums in which A is 1, or 0, if there are any."""
    counted = [row for row in record.rows if row["kind"] in {"gap", "prediction"}]
    cases = []
    if any(row["adversarial_successes"] == row["adversarial_trials"] for row in counted):
        cases.append(
            "where no image falls to the attack sums are lower estimates, which grow with it"
        )
    if any(row["adversarial_successes"] == 0 for row in counted):
        cases.append("where every image falls sums are upper estimates, which fall with it")
    return f" The number of images limits probit A: {'; '.join(cases)}." if cases else ""


def half_width(row: Row) -> float:
    """Return half the 95 % interval of a mean over seeds; of two seeds, half their distance."""
    seeds, error = row["seeds"], float(row["std"]) / math.sqrt(row["seeds"])
    return error if seeds < FEW else student_quantile(seeds - 1) * error


def _reaches(axes: Axes, record: Record, found: list[Row], names: list[str]) -> None:
    """Draw the reach of every recipe on one data set."""
    beside = shifts([_group(record, row) for row in found])
    for row in found:
        group = _group(record, row)
        axes.errorbar(
            row["mean"], names.index(group.label) + beside[group.network],
            xerr=half_width(row), ls="", elinewidth=0.8, mew=0.9, **group.marker,
        )  # fmt: skip
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("probit $S$ + probit $A$")


def _group(record: Record, row: Row) -> Group:
    return Group(record, row["network"], row["recipe"], row["weight"])
