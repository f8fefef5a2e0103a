"""What the named experiments train."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from empirical.data.mnist import load_mnist
from empirical.data.noisy import image_turns, of_classes
from empirical.experiments.catalogue import EXPERIMENTS
from empirical.experiments.plans import PROFILES
from empirical.experiments.runs import Run
from empirical.training.recipes import RECIPES
from empirical.training.schedules import SgdSteps
from simulations.records import Record

RESULTS = Path(__file__).parents[3] / "empirical" / "results"
PARTS = sorted((RESULTS / "parts").glob("*/*.json"))


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
@pytest.mark.parametrize("profile", PROFILES)
def test_every_run_survives_json_and_has_its_own_name(name: str, profile: str) -> None:
    plan = EXPERIMENTS[name].plan(profile)
    tasks = plan.tasks(5)
    assert len(tasks) == len(plan.runs) * plan.seeds
    assert len({run.digest for run in tasks.values()}) == len(tasks)
    for run in tasks.values():
        assert Run.from_json(run.to_json()) == run
        assert run.seed >= 5


def test_recorded_networks_are_still_those_of_the_plans() -> None:
    assert len(PARTS) > 50
    for path in PARTS:
        name, _, profile = path.parent.name.rpartition("-")
        record = Record.load(path)
        run = EXPERIMENTS[name].plan(profile).tasks(record.config["seed"])[path.stem]
        assert run.to_json() == record.config["parameters"]
        assert run.digest == Run.from_json(record.config["parameters"]).digest


@pytest.mark.parametrize(
    ("name", "network", "unit", "ranges"),
    [
        (f"{data}_{kind}", network, unit, ranges)
        for data, network in (("mnist", "cnn5"), ("cifar10", "resnet7"))
        for kind, unit, ranges in (
            ("rotation", "degrees", (0, 30, 60, 90, 120, 150, 180)),
            ("translation", "pixels", (0, 1, 2, 3, 4)),
        )
    ],
)
def test_standard_and_equivariant_networks_are_trained_on_the_same_ranges(
    name: str, network: str, unit: str, ranges: tuple[int, ...]
) -> None:
    runs = EXPERIMENTS[name].plan("full").runs
    assert len(runs) == 2 * len(ranges)
    standard = runs["natural"]
    assert standard.network == network
    for limit in ranges:
        run = runs[f"augmented-{limit}"] if limit else standard
        assert run == replace(standard, recipe=run.recipe)
        assert getattr(run.recipe, unit) == limit
        assert run.recipe.degrees * run.recipe.pixels == run.recipe.epsilon == 0
        other = f"p4{network}-augmented-{limit}" if limit else f"p4{network}-natural"
        assert runs[other] == replace(run, network=f"p4{network}")
    assert standard.train == 0
    assert standard.measures.boundary > max(standard.measures.epsilons)
    if name == "cifar10_translation":  # crops are translations
        assert standard.crop == 0
    elif name == "cifar10_rotation":
        assert standard.crop == 4
        assert (
            standard.schedule
            == EXPERIMENTS["recipes_cifar10"].plan("full").runs["resnet7-natural"].schedule
        )


@pytest.mark.parametrize(
    ("name", "radii", "sweep"),
    [
        ("mnist_epsilon", (0.05, 0.1, 0.2, 0.3), "recipes_mnist"),
        ("cifar10_epsilon", (2 / 255, 4 / 255, 8 / 255), "recipes_cifar10"),
    ],
)
def test_training_radii_are_those_of_pgd_and_of_trades(
    name: str, radii: tuple[float, ...], sweep: str
) -> None:
    runs = EXPERIMENTS[name].plan("full").runs
    recipes = EXPERIMENTS[sweep].plan("full").runs
    families = {(run.network, run.recipe.name) for run in runs.values()}
    for network, recipe in families:
        # at 0 TRADES, like PGD, is natural training, which is there once
        least = (0.0,) if recipe == "adversarial" else ()
        own = [run for run in runs.values() if (run.network, run.recipe.name) == (network, recipe)]
        assert tuple(run.recipe.epsilon for run in own) == (*least, *radii)
        like = recipes[f"{network}-{recipe}"]
        # the largest is trained as in the sweep over recipes
        assert replace(own[-1], measures=like.measures) == like
    assert {recipe for _, recipe in families} == {"adversarial", "trades"}


SWEEPS = sorted(name for name in EXPERIMENTS if name.startswith("recipes_"))


@pytest.mark.parametrize("profile", ["quick", "full"])
@pytest.mark.parametrize("name", SWEEPS)
def test_sweeps_hold_every_recipe(name: str, profile: str) -> None:
    runs = EXPERIMENTS[name].plan(profile).runs.values()
    for network in {run.network for run in runs}:
        if profile == "full" and network.endswith("half"):
            continue
        own = [run.recipe for run in runs if run.network == network]
        assert {recipe.name for recipe in own} == set(RECIPES)
        weights = {recipe.weight for recipe in own if recipe.name == "mixture"}
        assert weights == {0.1, 0.25, 0.5, 0.75, 0.9}
    assert all(bool(run.held_out) is (profile == "quick") for run in runs)


@pytest.mark.parametrize("name", SWEEPS)
def test_full_sweeps_leave_no_training_image_out_and_compare_fairly(name: str) -> None:
    plan = EXPERIMENTS[name].plan("full")
    assert plan.seeds >= 3
    for run in plan.runs.values():
        assert run.train == (55_000 if "gaussian" in name else 0)
        assert run.precision == "bfloat16"
        # an odd number of angles that are distinct modulo 90 degrees, or p4 networks look invariant
        assert run.measures.angles == 31
        assert run.measures.attacked in {0, 1000, 2000}
        paper = run.recipe.name in {"cusp", "cusp_trades"}
        assert isinstance(run.schedule, SgdSteps) is paper
        assert bool(run.recipe.warmup) is (run.recipe.epsilon > 0 and not paper)
    networks = {run.network for run in plan.runs.values()}
    standard = min(networks, key=len)
    assert networks == {standard, f"{standard}half", f"p4{standard}"}
    assert len({run.schedule.epochs for run in plan.runs.values()}) == 1


def test_the_main_question_comes_first_with_all_its_seeds() -> None:
    plan = EXPERIMENTS["recipes_mnist"].plan("full")
    tasks = plan.tasks(7)
    names = list(tasks)
    assert names[:4] == [
        "cnn5-mixture-0.5-7", "p4cnn5-mixture-0.5-7", "cnn5-mixture-0.25-7",
        "p4cnn5-mixture-0.25-7",
    ]  # fmt: skip
    main = len(plan.runs) - len(plan.later)
    assert {run.seed for run in list(tasks.values())[: 5 * main]} == {7, 8, 9, 10, 11}
    assert {name.rpartition("-")[0] for name in names[: 5 * main]}.isdisjoint(plan.later)
    checked = {run.seed: run.measures.checked for run in tasks.values()}
    assert checked == {7: 200, 8: 0, 9: 0, 10: 0, 11: 0}


def test_the_paper_profile_of_cifar_is_the_paper_s() -> None:
    run = EXPERIMENTS["recipes_cifar10"].plan("paper").runs["vgg16-cusp"]
    schedule = run.schedule
    assert schedule == SgdSteps(120, batch_size=128, peak=0.1)
    assert (schedule.epochs, schedule.batch_size, schedule.peak) == (120, 128, 0.1)
    assert (run.crop, run.recipe.steps, run.recipe.epsilon) == (4, 10, 8 / 255)
    assert run.train == 0


def test_seeds_come_one_after_another_so_that_a_part_is_a_whole() -> None:
    tasks = list(EXPERIMENTS["recipes_mnist"].plan("quick").tasks(0))
    assert all(name.endswith("-0") for name in tasks[: len(tasks) // 3])


@pytest.mark.parametrize(
    ("images", "networks"),
    [("noisy_images", "noisy_digits"), ("noisy_images_all", "noisy_digits_all")],
)
def test_noisy_digits_are_those_of_the_recorded_limits(images: str, networks: str) -> None:
    limits = Record.load(RESULTS / f"{images}.json")
    runs = EXPERIMENTS[networks].plan("full").runs.values()
    deviations = {row["sigma"] for row in limits.rows}
    count, kind = limits.config["components"], limits.config["turns"]
    digits = load_mnist("test")
    if classes := limits.config["classes"]:
        digits = of_classes(digits, [int(name) for name in classes.split(",")])
    digits = digits.spaced(count)
    for run in {run.dataset: run for run in runs}.values():
        train, test = run.data()
        assert test.setting is not None
        mixture = test.setting.mixture
        assert (mixture.components, mixture.dimension) == (count, 784)
        assert mixture.sigma in deviations
        assert train.noise == mixture.sigma
        pixels = digits.images.flatten(1).numpy() / 255.0
        assert np.abs(mixture.means - pixels).max() < 1e-6
        turns = image_turns(digits.shape, [int(turn) for turn in kind.split(",")]).permutations
        assert (test.setting.transformations.permutations == turns).all()
    for run in runs:
        assert run.measures.epsilons == (limits.config["epsilon"],)
        assert run.recipe.epsilon in {0.0, limits.config["epsilon"]}
