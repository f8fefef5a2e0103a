"""Learning rates are chosen on held-out training images, and plans use what was chosen."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from empirical.experiments.plans_recipes import RATES as PLANNED
from empirical.experiments.sweep import EXPERIMENTS
from empirical.experiments.tuning import PROBES, chosen, held_out_rows, tune
from simulations.records import Record
from tests import ROOT
from tradeoff.application import app

RESULTS = ROOT / "empirical" / "results"


def row(network: str, recipe: str, rate: float, loss: float | None) -> dict[str, object]:
    return {"network": network, "recipe": recipe, "rate": rate, "held_out_loss": loss}


def test_the_choice_has_the_lowest_mean_and_no_divergence() -> None:
    rows = [
        row("a", "one", 0.01, 0.2), row("a", "one", 0.1, 0.1),
        row("a", "two", 0.01, 1.0), row("a", "two", 0.1, 1.05),
        row("b", "one", 0.01, 0.3), row("b", "one", 0.1, 0.1),
        row("b", "two", 0.01, 0.3), row("b", "two", 0.1, None),
    ]  # fmt: skip
    assert chosen(rows) == {"a": 0.1, "b": 0.01}
    assert chosen(reversed(rows)) == {"a": 0.1, "b": 0.01}
    with pytest.raises(ValueError, match="rates must let c converge"):
        chosen([row("c", "one", 0.1, None)])


def test_of_equal_rates_the_smaller_is_chosen() -> None:
    assert chosen([row("a", "one", 0.1, 0.2), row("a", "one", 0.01, 0.2)]) == {"a": 0.01}


def test_no_test_image_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss is that of held-out training images: other test images leave it as it is."""
    from empirical.experiments import runs

    run = EXPERIMENTS["recipes_mnist"].plan("smoke").runs["stdcnn-augmented"].to_json()
    before = held_out_rows(run, np.random.SeedSequence(0))
    loader = runs.load

    def without_test(name: str, **options: object) -> object:
        images, test = loader(name, **options)  # type: ignore[arg-type]
        return images, test.take(slice(0, 1))

    monkeypatch.setattr(runs, "load", without_test)
    assert held_out_rows(run, np.random.SeedSequence(1)) == before
    assert before[0]["held_out_loss"] > 0


def test_the_command_prints_every_loss_and_the_choice(tmp_path: Path) -> None:
    arguments = ["tune", "recipes_mnist", "--profile", "smoke", "--rate", "0.01", "--rate", "1e30"]
    result = CliRunner().invoke(app, [*arguments, "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    record = Record.load(tmp_path / "recipes_mnist-smoke-rates.json")
    assert len(record.rows) == 2 * len(PROBES) * 2
    assert {r["seed"] for r in record.rows} == {1000}
    assert {r["held_out_loss"] is None for r in record.rows if r["rate"] == 1e30} == {True}
    assert "rate 1e+30: held out diverged" in result.stdout
    assert "chosen for p4cnn: 0.01" in result.stdout


def test_experiments_that_hold_nothing_out_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold images out, got mnist_rotation"):
        tune("mnist_rotation", profile="smoke", out=tmp_path)
    with pytest.raises(ValueError, match="rate must be"):
        tune("recipes_mnist", profile="smoke", out=tmp_path, rates=[-1.0])


@pytest.mark.parametrize("name", sorted(PLANNED))
def test_plans_use_the_recorded_choice(name: str) -> None:
    record = Record.load(RESULTS / f"{name}-quick-rates.json")
    assert chosen(record.rows) == PLANNED[name]
    for run in EXPERIMENTS[name].plan("quick").runs.values():
        assert run.schedule.peak == PLANNED[name][run.network]
        twin = record.config["tasks"].get(f"{run.network}-{run.recipe.name}-0.01")
        assert twin is None or twin["train"] == run.train
