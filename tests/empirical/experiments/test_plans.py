"""What the named experiments train."""

import pytest

from empirical.experiments.catalogue import EXPERIMENTS
from empirical.experiments.plans import PROFILES
from empirical.experiments.runs import Run
from empirical.training.recipes import RECIPES
from empirical.training.schedules import SgdSteps


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
