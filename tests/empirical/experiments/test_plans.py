"""What the named experiments train."""

import pytest

from empirical.experiments.plans import PROFILES
from empirical.experiments.runs import Run
from empirical.experiments.sweep import EXPERIMENTS
from empirical.networks.architectures import network
from empirical.training.recipes import RECIPES


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


@pytest.mark.parametrize("name", ["recipes_gaussian", "recipes_mnist", "recipes_cifar10"])
def test_sweeps_hold_every_recipe(name: str) -> None:
    runs = EXPERIMENTS[name].plan("quick").runs.values()
    assert {run.recipe.name for run in runs} == set(RECIPES)
    assert {run.network for run in runs} == {"stdcnn", "p4cnn"}
    assert all(run.held_out > 0 for run in runs)


def test_architectures_are_compared_at_equal_numbers_of_weights() -> None:
    import torch

    for name, shape, classes in (("gaussian", (1, 16, 16), 2), ("mnist", (1, 28, 28), 10)):
        for profile in ("quick", "paper"):
            runs = EXPERIMENTS[f"recipes_{name}"].plan(profile).runs
            sizes = {}
            for run in runs.values():
                model = network(
                    run.network, shape, classes, generator=torch.Generator(), width=run.width
                )
                sizes[run.network] = sum(weight.numel() for weight in model.parameters())
            assert sizes["p4cnn"] == pytest.approx(sizes["stdcnn"], rel=0.05)


def test_the_paper_profile_of_cifar_is_the_paper_s() -> None:
    run = EXPERIMENTS["recipes_cifar10"].plan("paper").runs["vgg16-cusp"]
    schedule = run.schedule
    assert (schedule.epochs, schedule.batch_size, schedule.peak) == (120, 128, 0.1)
    assert (run.crop, run.recipe.steps, run.recipe.epsilon) == (4, 10, 8 / 255)
    assert run.train == 0


def test_seeds_come_one_after_another_so_that_a_part_is_a_whole() -> None:
    tasks = list(EXPERIMENTS["recipes_mnist"].plan("quick").tasks(0))
    assert all(name.endswith("-0") for name in tasks[: len(tasks) // 3])
