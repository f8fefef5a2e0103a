"""What the README says was measured is what the committed records say."""

import re
from collections.abc import Iterator

import numpy as np
import pytest

from paper_figures.from_records.recipes_table import caption
from paper_figures.from_records.turns import caption as turns_caption
from paper_figures.measurements import Spread, estimate, identity, rows, spread
from paper_figures.pooling import Group, groups
from paper_figures.tables import at_most
from simulations.records import Record
from tests import ROOT
from theory import catalogue, pairwise_bound

README = (ROOT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Measured so far")[2].partition("\n## ")[0]
PROSE = " ".join(re.sub(r"^\|.*$", "", SECTION, flags=re.MULTILINE).replace("**", "").split())

NETWORKS = {
    "cnn5": "standard CNN",
    "p4cnn5": "p4-equivariant CNN",
    "resnet7": "ResNet-7",
    "p4resnet7": "p4-equivariant ResNet-7",
    "resnet18": "ResNet-18",
    "vgg16": "VGG16",
    "p4mresnet18": "p4m-equivariant ResNet-18",
}
RECIPES = {
    "mixture 0.5": "mixture, λ = 1/2",
    "mixture 0.25": "mixture, λ = 1/4",
    "cusp": "CuSP",
    "composed": "composed",
    "adversarial": "adversarial",
    "trades": "TRADES",
    "augmented": "augmented",
    "natural": "natural",
}


def _record(name: str) -> Record:
    return Record.load(ROOT / f"empirical/results/{name}.json")


def _by_name(record: Record) -> dict[str, Group]:
    """The groups of a sweep of recipes by network and recipe, as `cnn5 mixture 0.5`."""
    return {
        " ".join([g.network, g.recipe, *([] if g.weight is None else [f"{g.weight:g}"])]): g
        for g in groups(record)
    }


def _table(heading: str) -> dict[str, list[str]]:
    """The cells of the table with this first heading, by the first of a row, emphasis removed."""
    lines = README.partition(f"\n| {heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells
    assert len({row[0] for row in cells}) == len(cells)
    return {row[0]: row[1:] for row in cells}


def _interval(s: Spread) -> str:
    return f"{100 * s.mean:.1f} [{100 * s.lower:.1f}, {100 * s.upper:.1f}]"


def _cells(group: Group, epsilon: float) -> list[str]:
    """A row of the tables of recipes."""
    return [
        str(len(group.rows("clean"))),
        f"{group.passes:g}",
        f"{100 * group.at('clean', 0.0).mean:.1f}",
        _interval(group.at("rotation", 180.0)),
        f"{100 * group.at('pgd', epsilon).mean:.1f}",
        _interval(group.at("adversarial", epsilon)),
        f"{100 * group.at('joint', epsilon).mean:.1f}",
    ]


@pytest.mark.parametrize(
    ("heading", "records", "epsilon"),
    [
        ("trained on MNIST at ε = 0.3", ["recipes_mnist-full"], 0.3),
        (
            "trained on CIFAR-10 at ε = 8/255",
            ["recipes_cifar10-full", "paper_networks-full"],
            8 / 255,
        ),
    ],
)
def test_tables_of_recipes(heading, records, epsilon):
    printed = {k: v for k, v in _table(heading).items() if not k.startswith("*")}
    names = {
        f"{network} {recipe}": f"{NETWORKS[network]}, {RECIPES[recipe]}"
        for network in NETWORKS
        for recipe in RECIPES
    }
    measured = {
        names[name]: _cells(group, epsilon)
        for record in records
        for name, group in _by_name(_record(record)).items()
        if name in names and names[name] in printed
    }
    assert printed == measured


def test_table_of_the_frontier():
    printed = _table("training on orientation-texture images")
    limit = printed.pop("*no classifier has more than*")
    by_name = _by_name(_record("orientation_texture-quick"))
    labels = {
        "natural": "natural",
        "augmented": "augmented with the four turns",
        "adversarial": "adversarial",
        "mixture 0.5": "mixture of both, half and half",
    }
    accuracies = {
        label: [by_name[f"cnn5 {name}"].rows(m) for m in ("spatial", "adversarial")]
        for name, label in labels.items()
    }
    assert printed == {
        label: [f"{spread(found).mean:.3f}" for found in both] for label, both in accuracies.items()
    }
    error = 1 - float(limit[1].strip("*").removeprefix("at "))
    bound = pairwise_bound(
        catalogue.defaults()["orientation-texture"], adversarial_error=[round(error, 6)]
    )
    assert limit[0] == f"*{_up(bound.spatial_accuracy[0])}*"


def _up(value: float) -> str:
    """An upper limit to three digits, rounded up."""
    return f"{np.ceil(1e3 * value - 1e-6) / 1e3:.3f}"


def test_table_of_mixtures_of_gaussian_images():
    printed = _table("λ")
    by_name = _by_name(_record("recipes_gaussian-full"))
    weights = [
        float(cell) for cell in README.partition("\n| λ |")[2].split("\n")[0].split("|")[:-1]
    ]
    errors = np.r_[np.linspace(1, 0.01, 100), 0.003, 0.001, 1e-4, 1e-6, 1e-9, 1e-11]
    setting = catalogue.defaults()["orientation-texture"]
    for network, words, allowed in (
        ("cnn5", "classifier", setting),
        ("p4cnn5", "invariant classifier", setting.symmetrised()),
    ):
        bound = pairwise_bound(allowed, errors)
        feasible = errors >= bound.floor
        means, limits = [], []
        for weight in weights:
            group = by_name[f"{network} mixture {weight:g}"]
            spatial, adversarial = (
                spread(group.rows(measure)).mean for measure in ("spatial", "adversarial")
            )
            means.append(f"{weight * spatial + (1 - weight) * adversarial:.3f}")
            both = weight * bound.spatial_accuracy + (1 - weight) * (1 - errors)
            limits.append(f"*{_up(both[feasible].max())}*")
        assert printed[NETWORKS[network]] == means
        assert printed[f"*no {words} has more than*"] == limits


def _by_range(name: str, column: str, measure: str, level: float, **own: object) -> list[float]:
    """Mean accuracies of networks trained on ever wider ranges, or larger radii."""
    found = rows(_record(name), measure=measure, **own)
    found = [row for row in found if np.isclose(row["level"], level)]
    values = sorted({row.get(column) or 0.0 for row in found})
    assert len(values) > 1
    return [
        spread([row for row in found if (row.get(column) or 0.0) == value]).mean for value in values
    ]


def _ends(*which: str | float, **own: object) -> tuple[str, ...]:
    """The first and last of these accuracies, in percent."""
    values = _by_range(*which, **own)
    return f"{100 * values[0]:.1f} %", f"{100 * values[-1]:.1f} %"


def test_table_of_rotations():
    printed = _table("rotations in training on MNIST, up to")
    for label, measure, level in (
        ("accuracy under random rotations up to ±60°", "rotation", 60.0),
        ("accuracy under random rotations up to ±180°", "rotation", 180.0),
        ("accuracy under random translations up to 4 pixels", "translation", 4.0),
        ("adversarial accuracy, ε = 0.05", "adversarial", 0.05),
    ):
        values = _by_range("mnist_rotation-full", "degrees", measure, level, network="cnn5")
        assert printed.pop(label) == [f"{value:.3f}" for value in values]
    (label,) = printed
    assert label == "mean distance to the decision boundary"


def test_every_interval_in_the_text_is_of_a_record():
    """Whatever is printed as `a % [b, c]` is the mean of some recipe with its interval."""
    measured = set()
    for name in ("recipes_mnist-full", "recipes_cifar10-full", "paper_networks-full"):
        for group in groups(_record(name)):
            for measure in ("rotation", "pgd", "adversarial"):
                measured |= {_interval(group.at(measure, x)) for x in group.levels(measure)}
    printed = {
        f"{mean} [{low}, {high}]"
        for mean, low, high in re.findall(r"(\d+\.\d) % \[(\d+\.\d), (\d+\.\d)\]", PROSE)
    }
    assert len(printed) > 10
    assert printed <= measured


def test_every_slope_in_the_text_is_in_the_table_of_slopes():
    tables = (ROOT / "paper_figures" / "README.md").read_text(encoding="utf-8").replace("-", "−")
    slopes = re.findall(r"(−\d\.\d\d),? (?:95 % interval )?\[(−\d\.\d\d), (−?\d\.\d\d)\]", PROSE)
    assert len(slopes) == 3
    for slope, low, high in slopes:
        assert f"| {slope} | [{low}, {high}] |" in tables


def _percent(name: str, which: str, *levels: tuple[str, float]) -> tuple[str, ...]:
    """Mean accuracies of one recipe in percent, by measure and level."""
    group = _by_name(_record(name))[which]
    return tuple(f"{100 * group.at(measure, level).mean:.1f} %" for measure, level in levels)


def _reached(name: str, sigma: float) -> tuple[str, ...]:
    """The ceilings of A, S and their mean under this noise, and the best rule of the mean."""
    limits = [r for r in _record(name).rows if r["kind"] == "limit" and r["sigma"] == sigma]
    ceilings = {row["what"]: at_most(row["at_most"]) for row in limits}
    rules = [r for r in _record(name).rows if r["kind"] == "reached" and r["sigma"] == sigma]
    best = max(rules, key=lambda row: row["spatial"] + row["adversarial"])
    shares = [best[key] / best["trials"] for key in ("spatial", "adversarial")]
    return (
        *(f"{ceilings[what]} %" for what in ("A alone", "S alone", "0.5 S + 0.5 A")),
        *(f"{100 * value:.1f} %" for value in (sum(shares) / 2, *shares)),
    )


def _best_on_noise(name: str, sigma: float) -> tuple[str, ...]:
    """Mean, spatial and adversarial accuracy of the network that keeps most of both."""
    found = [row for row in _record(name).rows if f":{sigma:g}:" in row["dataset"]]
    networks = {
        (spatial["network"], spatial["recipe"], spatial["weight"]): (
            estimate(spatial).value,
            estimate(adversarial).value,
        )
        for spatial in found
        for adversarial in found
        if (spatial["measure"], adversarial["measure"]) == ("spatial", "adversarial")
        and identity(spatial) == identity(adversarial)
    }
    which = max(networks, key=lambda key: sum(networks[key]))
    assert which == ("cnn5", "mixture", 0.5)
    shares = networks[which]
    return tuple(f"{100 * value:.1f} %" for value in (sum(shares) / 2, *shares))


TURNED, ATTACKED, PGD = ("rotation", 180.0), ("adversarial", 0.3), ("pgd", 8 / 255)
ATTACKED_CIFAR10 = ("adversarial", 8 / 255)
SMALL, TOGETHER = ("adversarial", 0.1), ("joint", 0.1)


def _claims() -> Iterator[str]:
    """Sentences of the README, with the numbers that the records have."""
    degrees = {"column": "degrees", "measure": "adversarial"}
    resnet = {"column": "degrees", "network": "resnet7"}
    yield "from {} to {} under rotations up to ±180° and from {} to {} under attack".format(
        *_ends("cifar10_rotation-full", measure="rotation", level=180.0, **resnet),
        *_ends("cifar10_rotation-full", measure="adversarial", level=2 / 255, **resnet),
    )
    yield "keep {} at ε = 0.05 without any rotation in training and {} with all.".format(
        *_ends("mnist_rotation-full", level=0.05, network="p4cnn5", **degrees)
    )
    moved = {"column": "pixels", "measure": "adversarial", "network": "cnn5", "level": 0.05}
    yield "cost a standard CNN on digits {} to {};".format(
        *_ends("mnist_translation-full", **moved)
    )
    radii = {"column": "epsilon", "measure": "rotation"}
    digits = {"network": "cnn5", "level": 180.0, **radii}
    yield "accuracy under rotations goes from {} to {}, by TRADES to {}.".format(
        *_ends("mnist_epsilon-full", recipe="adversarial", **digits),
        _ends("mnist_epsilon-full", recipe="trades", **digits)[1],
    )
    natural = {"recipe": "adversarial", **radii}
    yield (
        "falls from {} to {} as ε grows to 8/255, and under rotations up to ±60° from {} to {}."
    ).format(
        *_ends("cifar10_epsilon-full", level=180.0, **natural),
        *_ends("cifar10_epsilon-full", level=60.0, **natural),
    )
    p4, half = (
        _percent("recipes_mnist-full", f"{network} mixture 0.5", TURNED, ATTACKED)
        for network in ("p4cnn5", "cnn5half")
    )
    yield (
        f"half and half with {p4[0]} against {half[0]}, and not told apart under attack ({p4[1]} "
        f"and {half[1]})."
    )
    small = "recipes_mnist_small_epsilon-full"
    composed, mixture = (
        _percent(small, f"p4cnn5 {recipe}", TURNED, SMALL, TOGETHER)
        for recipe in ("composed", "mixture 0.5")
    )
    yield (
        f"it has {composed[0]} under rotations and {composed[1]} under attack, half and half "
        f"{mixture[0]} and {mixture[1]}, and keeps {composed[2]} where both come together against "
        f"{mixture[2]}."
    )
    beyond, exactly, attacked = ("quarter_turn", 10.0), ("quarter_turn", 0.0), ATTACKED_CIFAR10
    half, composed, cusp = (
        _percent("cifar10_turns-full", f"resnet7 {recipe}", beyond, exactly)
        for recipe in ("mixture 0.5", "composed", "cusp")
    )
    yield (
        f"and up to 10 more ResNet-7 trained half and half keeps {half[0]}, turned exactly, which "
        f"only moves pixels, {half[1]}; composed training keeps {composed[0]} and {composed[1]}, "
        f"CuSP {cusp[0]} and {cusp[1]} (one seed)."
    )
    assert (
        "0 of 3 trained by any angle, without" in turns_caption(_record("cifar10_turns-full")).see
    )
    yield "No mixture is ahead of composed training there in both."
    half, composed = (
        _percent("cifar10_turns-full", f"resnet7 {recipe}", exactly, attacked, TURNED)
        for recipe in ("mixture_exact 0.5", "composed_exact")
    )
    yield (
        f"half and half keeps {half[0]} of these and {half[1]} under attack, composed training "
        f"{composed[0]} and {composed[1]}, and under rotations by any angle {half[2]} and "
        f"{composed[2]}."
    )
    yield "half and half keeps {} and {}, composed training {} and {} (one seed).".format(
        *_percent("mnist_turns-full", "cnn5 mixture 0.5", beyond, exactly),
        *_percent("mnist_turns-full", "cnn5 composed", beyond, exactly),
    )
    attacked_alone, half = (
        _percent("recipes_cifar10-full", f"p4resnet7 {recipe}", ("clean", 0.0), attacked)
        for recipe in ("adversarial", "mixture 0.5")
    )
    (p4m,) = _percent("paper_networks-full", "p4mresnet18 mixture 0.5", ("clean", 0.0))
    yield f"what they keep upright, p4m ResNet-18 {p4m}, and need no rotation for that:"
    yield (
        f"trained on attacks alone keeps {attacked_alone[0]} and, under attack, "
        f"{attacked_alone[1]}, half and half {half[0]} and {half[1]}."
    )
    longer = "cifar10_equal_compute-full"
    yield (
        "half and half reaches {} under rotations and {} under PGD, a quarter rotated {} and {}."
    ).format(
        *_percent(longer, "resnet7 mixture 0.5", TURNED, PGD),
        *_percent(longer, "resnet7 mixture 0.25", TURNED, PGD),
    )
    yield "does not help there ({} and {}).".format(
        *_percent("recipes_cifar10-full", "resnet7 mixture_trades 0.5", TURNED, PGD)
    )
    told = [
        re.search(r"by (\S+) points in the mean and by (\S+) for", caption(_record(name)).see)
        for name in ("recipes_mnist-full", "recipes_cifar10-full")
    ]
    means, most = zip(*(found.groups() for found in told if found), strict=True)
    yield (
        "finds {} points more in the mean on MNIST and {} on CIFAR-10 (at most {} and {}) of "
        "networks that have any left."
    ).format(*means, *most)
    limits = _reached("noisy_images", 1.5)
    yield (
        "keeps more than {} under attack, {} turned, or {} in the mean of both. Bayes rules keep "
        "up to {} in the mean under PGD ({} and {}), the best trained network, a standard CNN on a "
        "mixture half and half, {} ({} and {}, one seed)."
    ).format(*limits, *_best_on_noise("noisy_digits-full", 1.5))
    limits = _reached("noisy_images_all", 1.5)
    yield (
        "the ceilings are {}, {} and {}; a Bayes rule keeps {} in the mean, the best network, "
        "again on half and half, {} ({} and {}, one seed)."
    ).format(*limits[:4], *_best_on_noise("noisy_digits_all-full", 1.5))


def test_numbers_in_the_text_are_of_the_records():
    assert [claim for claim in _claims() if claim not in PROSE] == []
