"""Networks on noisy digits: below the limits of every classifier, beside the Bayes rules."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from paper_figures.from_records import wording
from paper_figures.from_records.against_theory.network_limits import limits_of_networks
from paper_figures.from_records.against_theory.noisy_images import NORMS
from paper_figures.measurements import Row, Spread, distinct, error_bars, identity, rows
from paper_figures.pooling import Group, groups, handles, name_weights
from paper_figures.style import (
    BOUND,
    FAILED,
    INNER,
    PAGE,
    legend_outside,
    new_figure,
    percent,
    styled,
)
from paper_figures.tables import Caption, at_most
from simulations.records import Record

__all__ = ["caption", "draw"]

_SPACE = 0.04
"""Left free around the least accuracy drawn."""


@styled
def draw(limits: Record, networks: Record) -> Figure:
    """Draw limits, attacked Bayes rules and networks as points (A, S), one panel for each noise.

    Solid are the three limits of every classifier, dashed what coins that choose among the Bayes
    rules of the attacked mixtures keep, marks the networks in the mean over their seeds with
    intervals of 95 %. A network above a limit by more than chance is crossed out in red.

    Parameters
    ----------
    limits, networks : Record
        Of the experiments ``noisy_images`` and ``noisy_digits``, or of those of all ten digits.

    Raises
    ------
    ValueError
        As `paper_figures.from_records.against_theory.network_limits.limits_of_networks`.
    """
    compared = limits_of_networks(limits, networks)
    sigmas = sorted(distinct(compared, "sigma"))
    rules = [row for row in rows(limits, kind="reached") if row["sigma"] in sigmas]
    least = min(
        *(row[name] for row in compared for name in ("spatial", "adversarial")),
        *(row[name] / row["trials"] for row in rules for name in ("spatial", "adversarial")),
    ) - _SPACE  # fmt: skip
    width = PAGE * (0.75 if len(sigmas) == 1 else 1.0)
    figure, panels = new_figure(width, 3.1, columns=len(sigmas), sharex=True, sharey=True)
    drawn: list[dict[Group, tuple[Spread, Spread]]] = []
    for axes, sigma in zip(panels, sigmas, strict=True):
        here = [row for row in compared if row["sigma"] == sigma]
        _limits(axes, rows(limits, kind="limit", sigma=sigma), least)
        _rules(axes, rows(limits, kind="reached", sigma=sigma))
        drawn.append({
            group: (group.at("adversarial", limits.config["epsilon"]), group.at("spatial", 0.0))
            for group in _groups(networks, here)
        })  # fmt: skip
        for group, (adversarial, spatial) in drawn[-1].items():
            axes.errorbar(
                adversarial.mean, spatial.mean, xerr=error_bars([adversarial]),
                yerr=error_bars([spatial]), elinewidth=0.7, mew=0.8, **group.marker,
            )  # fmt: skip
        for row in here:
            if not row["possible"]:
                axes.plot(
                    row["adversarial"], row["spatial"], "x", color=FAILED, ms=9, mew=1.5,
                    gid="failed attack",
                )  # fmt: skip
        axes.set(
            title=f"σ = {sigma:g}", xlim=(least, 1.01), ylim=(least, 1.01),
            xlabel="adversarial accuracy A",
        )  # fmt: skip
        axes.xaxis.set_major_formatter(percent)
        axes.yaxis.set_major_formatter(percent)
    panels[0].set_ylabel("spatial accuracy S")
    entries = [
        Line2D([], [], color=BOUND, label="no classifier beyond"),
        Line2D([], [], color=INNER, ls="--", marker=".", label="Bayes rules, under PGD"),
        *handles(groups(networks)),
    ]
    legend_outside(figure, entries, handlelength=2.6)  # so that dashes show beside a mark
    for axes, marks in zip(panels, drawn, strict=True):
        name_weights(figure, axes, marks)
    return figure


def caption(limits: Record, networks: Record) -> Caption:
    """Say how far below the limits the networks stay, and what such a limit is not."""
    config = limits.config
    digits = f"classes {config['classes']}" if config["classes"] else "all ten classes"
    compared = limits_of_networks(limits, networks)
    measured = [row for name in ("spatial", "adversarial") for row in rows(networks, measure=name)]
    mixed = sorted({row["weight"] for row in measured if row["recipe"] == "mixture"})
    told = wording.listed(f"{weight:g}" for weight in mixed) if mixed else ""
    shares = f" Mixtures with λ = {told}, beside their marks where there is room." if mixed else ""
    above = {_network(row) for row in compared if not row["possible"]}
    nearest = []
    for sigma in sorted(distinct(compared, "sigma")):
        both = [
            row for row in compared if row["sigma"] == sigma and 0.0 < row["spatial_weight"] < 1.0
        ]
        best = max(both, key=lambda row: float(row["measured"]))
        rule = max(
            row["spatial_weight"] * row["spatial"] / row["trials"]
            + (1.0 - row["spatial_weight"]) * row["adversarial"] / row["trials"]
            for row in rows(limits, kind="reached", sigma=sigma)
            if row["spatial_weight"] == best["spatial_weight"]
        )
        label = Group(networks, best["network"], best["recipe"], best["weight"]).label
        nearest.append(
            f"at σ = {sigma:g} at most {at_most(best['at_most'])} %, the Bayes rule "
            f"{100 * rule:.1f} %, the best network ({label}) {100 * best['measured']:.1f} %"
        )
    return Caption(
        f"Networks on noisy digits, {digits}, below what no classifier can exceed",
        "Spatial against adversarial accuracy of networks, the limits of every classifier on A, on "
        "S and on their mean (7.9), and the Bayes rules of the attacked mixtures under gradients; "
        "between these a coin chooses. "
        "The limits hold for rules that know these very images: they say what the noise and the "
        "attack allow, not what can be learnt, and nothing about digits without noise.",
        f"{config['components']:,} images of MNIST, {digits}, quarter turns "
        f"{config['turns']}, ε = {config['epsilon']:g} ({NORMS[config['norm']]}), with fresh "
        f"noise in every epoch and in the test. {wording.training(networks)}{shares}",
        wording.images(measured),
        wording.seeds(measured),
        wording.bars(measured),
        f"Networks above a limit by more than chance: {len(above)} of "
        f"{len({_network(row) for row in compared})}. Of the mean of S and A "
        f"{'; '.join(nearest)}. Accuracies under attack are upper estimates.",
        "Not among the paper's experiments.",
    )


def _network(row: Row) -> tuple[object, ...]:
    return *identity(row), row.get("seed")


def _groups(networks: Record, here: Sequence[Row]) -> list[Group]:
    """Return the groups of one data set."""
    (dataset,) = distinct(here, "dataset")
    part = [row for row in networks.rows if row["dataset"] == dataset]
    return groups(Record(networks.experiment, networks.config, part))


def _limits(axes: Axes, limits: Sequence[Row], least: float) -> None:
    """Draw the boundary of what the limits leave, from the least accuracy drawn."""
    most = {row["spatial_weight"]: row["at_most"] for row in limits}
    right, top = most[0.0], most[1.0]
    (share,) = (weight for weight in most if 0.0 < weight < 1.0)
    # where the joint limit meets each of the others, unless it lies beyond their corner
    side = min(top, (most[share] - (1.0 - share) * right) / share)
    roof = min(right, (most[share] - share * top) / (1.0 - share))
    x, y = [least, roof, right, right], [top, top, side, least]
    axes.plot(x, y, color=BOUND)
    axes.fill([*x, 1.01, 1.01, least], [*y, least, 1.01, 1.01], color="#EFEFEF", lw=0, zorder=0)


def _rules(axes: Axes, reached: Sequence[Row]) -> None:
    """Draw the Bayes rules, from that of turned images to that of attacked ones."""
    ordered = sorted(reached, key=lambda row: -float(row["spatial_weight"]))
    points = [
        (row["adversarial"] / row["trials"], row["spatial"] / row["trials"]) for row in ordered
    ]
    axes.plot(*zip(*points, strict=True), "--", color=INNER, marker=".", zorder=1)
