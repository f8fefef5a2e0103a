"""Digits under noise: what no classifier can exceed, and what a Bayes rule keeps."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paper_figures.measurements import Row, distinct, rows
from paper_figures.style import BOUND, INNER, PAGE, dataset_label, new_figure, percent, styled
from paper_figures.tables import Caption, at_most
from simulations.records import Record
from theory.confidence import clopper_pearson

__all__ = ["caption", "draw", "kept"]

_CONFIDENCE = 0.95
NORMS = {"linf": "ℓ∞", "l2": "ℓ2", "l1": "ℓ1"}


@styled
def draw(record: Record) -> Figure:
    """Draw ceilings and attacked Bayes rules over the deviation of the noise, in three panels.

    Adversarial accuracy alone, both accuracies in the mean of their weights, spatial accuracy
    alone. Steps are ceilings for every classifier; points are the Bayes rule of the attacked
    mixture of the same weight, under gradients, with intervals of 95 %.

    Parameters
    ----------
    record : Record
        Of the experiment ``noisy_images`` or ``noisy_images_all``.
    """
    figure, panels = new_figure(PAGE, 2.5, columns=3, sharey=True)
    limits, reached = (
        sorted(rows(record, kind=kind), key=lambda row: float(row["sigma"]))
        for kind in ("limit", "reached")
    )
    shares = sorted({row["spatial_weight"] for row in limits})
    for axes, share in zip(panels, shares, strict=True):
        _panel(
            axes,
            [row for row in limits if row["spatial_weight"] == share],
            [row for row in reached if row["spatial_weight"] == share],
        )
    panels[0].set_ylim(top=1.02)
    panels[0].set_ylabel("accuracy")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=len(names))
    return figure


def caption(record: Record) -> Caption:
    """Say where the ceilings lie, and how far below them the attacked rules stay."""
    config = record.config
    limits, reached = rows(record, kind="limit"), rows(record, kind="reached")
    gaps = {
        share: [
            limit["at_most"] - kept(rule)[0]
            for limit in limits
            for rule in rows(record, kind="reached", sigma=limit["sigma"], spatial_weight=share)
            if limit["spatial_weight"] == share
        ]
        for share in (0.0, 1.0)
    }
    best = ""
    if all("share" in row for row in reached):
        best = ", the best of those that expect none, half or all of each shift"
    last = max(limits, key=lambda row: float(row["sigma"]))["sigma"]
    words = ", ".join(
        f"{row['what']} at most {at_most(row['at_most'])} %"
        for row in limits
        if row["sigma"] == last
    )
    return Caption(
        f"{'Digits' if config['classes'] else 'All ten digits'} under noise: what no classifier "
        "can exceed",
        "Ceilings on the adversarial accuracy A, the spatial accuracy S and their mean, of every "
        "classifier, even of one that knows all these images (7.9), against the deviation of the "
        f"noise; below them the Bayes rule of the attacked mixture, attacked by gradients{best}. "
        "More noise helps nobody, so a ceiling holds up to the next. It says what noise and attack "
        "allow, not what can be learnt, and nothing about digits without noise.",
        f"{config['components']:,} images of {dataset_label(config['name'])}, classes "
        f"{config['classes'] or 'all ten'}, quarter turns {config['turns']}, ε = "
        f"{config['epsilon']:g} ({NORMS[config['norm']]}). The three "
        f"ceilings of one σ hold together at confidence {config['confidence']:g}.",
        f"{distinct(reached, 'trials')[0]:,} noisy images for each rule.",
        "One seed.",
        "Intervals of 95 % for the counts.",
        f"At σ = {last:g}: {words}. The rule at weight 1 attains the ceiling of S but for chance; "
        f"under attack the rule at weight 0 stays {100 * min(gaps[0.0]):.1f} to "
        f"{100 * max(gaps[0.0]):.1f} points below that of A, and where between them the best "
        "classifier lies is not known.",
        "Not among the paper's experiments.",
    )


def kept(row: Row) -> tuple[float, float, float]:
    """Return the weighted mean of both accuracies of a rule, and the ends of its interval.

    The interval holds at 95 %, being made of those of both at half the error each.
    """
    share, trials = row["spatial_weight"], row["trials"]
    parts = [(share, row["spatial"]), (1.0 - share, row["adversarial"])]
    used = [(weight, count) for weight, count in parts if weight > 0.0]
    level = 1.0 - (1.0 - _CONFIDENCE) / len(used)
    ends = [clopper_pearson(count, trials, level) for _, count in used]
    lower, upper = (
        sum(weight * end[side] for (weight, _), end in zip(used, ends, strict=True))
        for side in (0, 1)
    )
    return sum(weight * count / trials for weight, count in used), lower, upper


def _panel(axes: Axes, limits: list[Row], reached: list[Row]) -> None:
    """Draw the ceiling as a line and the rules as points below it."""
    sigmas: list[Any] = [row["sigma"] for row in limits]
    ceiling = [row["at_most"] for row in limits]
    # more noise helps nobody: a limit holds for all that is noisier, up to the next one
    axes.step(sigmas, ceiling, where="post", color=BOUND, marker=".", label="no classifier above")
    axes.fill_between(sigmas, ceiling, 1.02, step="post", color="#EFEFEF", lw=0, zorder=0)
    points = [kept(row) for row in reached]
    errors = [
        [value - lower for value, lower, _ in points],
        [upper - value for value, _, upper in points],
    ]
    axes.errorbar(
        [row["sigma"] for row in reached], [value for value, *_ in points], yerr=errors,
        fmt="o", ms=3, color=INNER, label="Bayes rule of the attacked mixture, under PGD",
    )  # fmt: skip
    axes.set(title=limits[0]["what"], xlabel="noise $\\sigma$")
    axes.set_xticks(sigmas, [f"{sigma:g}" for sigma in sigmas])
    axes.yaxis.set_major_formatter(percent)
