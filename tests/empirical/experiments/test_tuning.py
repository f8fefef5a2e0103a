"""Learning rates are chosen on held-out training images, and plans use what was chosen."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from empirical.experiments import tuning
from empirical.experiments.catalogue import EXPERIMENTS
from empirical.experiments.plans import Experiment, Plan
from empirical.experiments.runs import Run
from empirical.experiments.tuning import best_rates, held_out_rows, trial_name, tune
from empirical.training.recipes import Recipe
from empirical.training.schedules import AdamOneCycle
from simulations.records import Record
from tests import ROOT
from tradeoff.application import app

RESULTS = ROOT / "empirical" / "results"
PLAN = Plan(
    {"run": Run("mnist", "stdcnn", Recipe("composed"), schedule=AdamOneCycle(1, peak=0.1))}, 1
)


def in_process(function: Any, tasks: dict[str, Any], **options: Any) -> list[Record]:
    """Do as `execute` does, here: what has its place in the folder is not made again."""
    folder = options["folder"]
    folder.mkdir(parents=True, exist_ok=True)
    records = []
    for place, (name, config) in enumerate(tasks.items()):
        path = folder / f"{name}.json"
        if path.exists() and Record.load(path).config == {"stream": place}:
            records.append(Record.load(path))
            continue
        rows = function(config, np.random.SeedSequence(0))
        records.append(Record("x", {"stream": place}, rows, {"seconds": 0.0}))
        records[-1].save(path)
    return records


def row(network: str, recipe: str, rate: float, loss: float | None) -> dict[str, object]:
    return {
        "dataset": "x", "network": network, "recipe": recipe, "rate": rate, "held_out_loss": loss
    }  # fmt: skip


def test_the_choice_is_each_recipe_s_own_and_does_not_diverge() -> None:
    rows = [
        row("a", "one", 0.01, 0.2), row("a", "one", 0.1, 0.1),
        row("a", "two", 0.01, 1.0), row("a", "two", 0.1, 1.05),
        row("b", "one", 0.01, 0.3), row("b", "one", 0.1, None),
    ]  # fmt: skip
    expected = {"x a one": 0.1, "x a two": 0.01, "x b one": 0.01}
    assert best_rates(rows) == best_rates(reversed(rows)) == expected
    with pytest.raises(ValueError, match=r"rates must let x c one converge, got 0\.1"):
        best_rates([row("c", "one", 0.1, None)])


def test_of_equal_rates_the_smaller_is_chosen() -> None:
    rows = [row("a", "one", 0.1, 0.2), row("a", "one", 0.01, 0.2)]
    assert best_rates(rows) == {"x a one": 0.01}


@pytest.mark.parametrize("column", ["weight", "degrees", "pixels", "epsilon"])
def test_runs_that_differ_in_one_number_have_rates_of_their_own(column: str) -> None:
    rows = [
        row("a", "one", rate, loss) | {column: number}
        for number, losses in ((0.25, (0.9, 0.7)), (0.5, (0.2, 0.3)))
        for rate, loss in zip((0.01, 0.1), losses, strict=True)
    ]
    assert list(best_rates(rows).values()) == [0.1, 0.01]


@pytest.mark.parametrize(("best", "tried"), [(0.1, 3), (0.35, 5), (0.02, 5), (1e9, 7)])
def test_rates_are_widened_until_the_best_is_inside(
    best: float, tried: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With losses that are least at a known rate, in the place of training."""

    def losses(
        config: dict[str, Any], _stream: np.random.SeedSequence, *, device: str, remote: bool
    ) -> list[dict[str, Any]]:
        assert (device, remote) == ("cpu", False)
        rate = config["schedule"]["peak"]
        return [row(config["network"], config["recipe"]["name"], rate, abs(math.log(rate / best)))]

    def at_once(
        function: Any, tasks: dict[str, Any], *, experiment: str, **_options: object
    ) -> list[Record]:
        return [
            Record(experiment, {}, function(config, np.random.SeedSequence(0)), {"seconds": 0.0})
            for config in tasks.values()
        ]

    monkeypatch.setattr(tuning, "held_out_rows", losses)
    monkeypatch.setattr(tuning, "execute", at_once)
    monkeypatch.setattr(tuning, "experiment", lambda _name: Experiment("x", "?", lambda _p: PLAN))
    record = tune("x", profile="smoke", out=tmp_path)
    assert len(record.rows) == tried
    (found,) = best_rates(record.rows).values()
    assert abs(math.log2(found / best)) <= 0.5 or best > 100
    grid = sorted(float(item["rate"]) for item in record.rows)
    assert grid[0] < found < grid[-1] or best > 100


def test_no_test_image_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss is that of held-out training images: other test images leave it as it is."""
    from empirical.experiments import runs

    run = EXPERIMENTS["recipes_mnist"].plan("smoke").runs["cnn5half-augmented"].to_json()
    before = held_out_rows(run, np.random.SeedSequence(0))
    loader = runs.load_dataset

    def without_test(name: str, **options: object) -> object:
        images, test = loader(name, **options)  # type: ignore[arg-type]
        return images, test.take(slice(0, 1))

    monkeypatch.setattr(runs, "load_dataset", without_test)
    assert held_out_rows(run, np.random.SeedSequence(1)) == before
    assert before[0]["held_out_loss"] > 0


def test_the_command_prints_every_loss_and_the_choice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = EXPERIMENTS["recipes_mnist"].plan("smoke").runs
    names = ("p4cnn5-cusp", "cnn5half-mixture-0.5", "cnn5half-mixture-0.25")
    plan = Plan({name: runs[name] for name in names}, 1)
    monkeypatch.setattr(tuning, "experiment", lambda name: Experiment(name, "?", lambda _p: plan))
    arguments = ["tune", "recipes_mnist", "--profile", "smoke", "--rate", "0.01", "--rate", "1e30"]
    result = CliRunner().invoke(app, [*arguments, "--epochs", "1", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    record = Record.load(tmp_path / "recipes_mnist-smoke-rates.json")
    assert len(record.rows) == 2 * 2
    assert {r["seed"] for r in record.rows} == {1000}
    assert {task["schedule"]["epochs"] for task in record.config["tasks"].values()} == {1}
    assert {r["held_out_loss"] is None for r in record.rows if r["rate"] == 1e30} == {True}
    assert "rate 1e+30: held out diverged" in result.stdout
    assert "chosen for mnist p4cnn5 cusp, degrees 180, epsilon 0.3: 0.01" in result.stdout


def test_plans_that_hold_nothing_out_are_tuned_on_held_out_images() -> None:
    runs = EXPERIMENTS["recipes_mnist"].plan("full").runs
    assert {run.held_out for run in runs.values()} == {0}
    trial = tuning._trial(runs["cnn5-mixture-0.5"], 0.01, None)
    assert trial.held_out == tuning.HELD_OUT
    assert trial.schedule.epochs == runs["cnn5-mixture-0.5"].schedule.epochs


def test_wider_rates_repeat_no_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs, of which the first asks for more rates: every trial is made once."""
    made: list[str] = []

    def losses(
        config: dict[str, Any], _stream: np.random.SeedSequence, *, device: str, remote: bool
    ) -> list[dict[str, Any]]:
        assert (device, remote) == ("cpu", False)
        rate, name = config["schedule"]["peak"], config["recipe"]["name"]
        made.append(f"{name}-{rate:g}")
        best = 0.4 if name == "composed" else 0.1
        return [row(config["network"], name, rate, abs(math.log(rate / best)))]

    first = PLAN.runs["run"]
    other = replace(first, recipe=Recipe("augmented"))
    plan = Plan({"one": first, "two": other, "three": replace(first, recipe=Recipe("natural"))}, 1)
    monkeypatch.setattr(tuning, "held_out_rows", losses)
    monkeypatch.setattr(tuning, "execute", in_process)
    monkeypatch.setattr(tuning, "experiment", lambda name: Experiment(name, "?", lambda _p: plan))
    tune("x", profile="smoke", out=tmp_path, only=["one", "two"])
    assert len(made) == len(set(made)) == 5 + 3
    with pytest.raises(ValueError, match=r"run must be one of one, three, two, got 'four'"):
        tune("x", profile="smoke", out=tmp_path, only=["four"])


def test_bad_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"experiment must be one of .*, got 'nothing'"):
        tune("nothing", profile="smoke", out=tmp_path)
    with pytest.raises(ValueError, match="rate must be"):
        tune("recipes_mnist", profile="smoke", out=tmp_path, rates=[-1.0])


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*-full-rates.json")), ids=lambda p: p.stem)
def test_plans_use_rates_no_worse_than_the_best_by_more_than_a_thirtieth(path: Path) -> None:
    record = Record.load(path)
    plan = EXPERIMENTS[record.experiment.removesuffix("-rates")].plan("full")
    used = {(run.network, run.recipe.name): run.schedule.peak for run in plan.runs.values()}
    losses = {(trial_name(row), row["rate"]): row["held_out_loss"] for row in record.rows}
    best = best_rates(record.rows)
    for row in record.rows:
        name, rate = trial_name(row), used[row["network"], row["recipe"]]
        assert losses[name, rate] <= (1 + 1 / 30) * losses[name, best[name]], name
