"""Sweeps: every experiment runs, repeats, resumes, and leaves one record."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from empirical.evaluation.measures import Flags
from empirical.experiments.sweep import EXPERIMENTS, perform, sweep
from simulations.records import Record
from tradeoff.application import app


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("swept")
    sweep("orientation_texture", profile="smoke", seed=2, out=out)
    return out


def test_a_sweep_is_one_record(swept: Path) -> None:
    record = Record.load(swept / "orientation_texture-smoke.json")
    assert {row["seed"] for row in record.rows} == {2}
    assert {row["measure"] for row in record.rows} == {
        "clean",
        "spatial",
        "invariance",
        "adversarial",
        "adversarial_pgd",
    }
    assert {row["recipe"] for row in record.rows} == {
        "natural",
        "augmented",
        "adversarial",
        "mixture",
    }


def test_flags_of_every_image_are_kept(swept: Path) -> None:
    record = Record.load(swept / "orientation_texture-smoke.json")
    files = list((swept / "orientation_texture-smoke" / "checkpoints").glob("*.npz"))
    counts = sorted(
        int(flags.sum()) for file in files for flags in Flags.load(file).outcomes.values()
    )
    assert counts == sorted(row["successes"] for row in record.rows)


def test_finished_networks_are_kept_and_broken_records_redone(swept: Path, tmp_path: Path) -> None:
    before = Record.load(swept / "orientation_texture-smoke.json")
    out = tmp_path / "copy"
    shutil.copytree(swept, out)
    folder = out / "orientation_texture-smoke"
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("*.json")}
    broken = folder / "mixture-2.json"
    broken.write_text(broken.read_text()[:-40])
    again = sweep("orientation_texture", profile="smoke", seed=2, out=out)
    assert again.content == before.content
    changed = {path for path, time in kept.items() if path.stat().st_mtime_ns != time}
    assert changed == {broken}


def test_a_run_is_the_same_alone_and_in_a_sweep(swept: Path) -> None:
    record = Record.load(swept / "orientation_texture-smoke.json")
    plan = EXPERIMENTS["orientation_texture"].plan("smoke")
    run = plan.tasks(2)["augmented-2"].to_json()
    alone = perform(run, np.random.SeedSequence(99))
    assert [row for row in record.rows if row["recipe"] == "augmented"] == alone
    other = plan.tasks(3)["augmented-3"].to_json()
    assert [row["successes"] for row in perform(other, np.random.SeedSequence(99))] != [
        row["successes"] for row in alone
    ]


def test_reduced_precision_is_another_network(swept: Path, tmp_path: Path) -> None:
    """In bfloat16 weights differ, rows are labelled alike, and the run says what it was."""
    record = Record.load(swept / "orientation_texture-smoke.json")
    other = sweep(
        "orientation_texture", profile="smoke", seed=2, out=tmp_path, precision="bfloat16"
    )
    tasks = other.config["tasks"].values()
    assert {task["precision"] for task in tasks} == {"bfloat16"}
    assert len(other.rows) == len(record.rows)
    assert other.config != record.config
    names = [{p.name for p in out.glob("*/checkpoints/*.pt")} for out in (swept, tmp_path)]
    assert len(names[0]) == len(names[1]) == len(tasks)
    assert not names[0] & names[1]


def test_the_command_prints_a_finished_sweep(swept: Path) -> None:
    arguments = ["sweep", "orientation_texture", "--profile", "smoke", "--seed", "2"]
    result = CliRunner().invoke(app, [*arguments, "--out", str(swept)])
    assert result.exit_code == 0, result.output
    assert f"record: {swept / 'orientation_texture-smoke.json'}" in result.stdout
    assert "mixture epsilon=0.12 weight=0.5" in result.stdout


@pytest.mark.parametrize("run", ["stdcnn-natural", "p4cnn-mixture-0.5", "stdcnn-cusp_trades"])
def test_runs_of_the_sweep_of_recipes(run: str) -> None:
    task = EXPERIMENTS["recipes_mnist"].plan("smoke").runs[run]
    rows = perform(task.to_json(), np.random.SeedSequence(0))
    measures = {row["measure"] for row in rows}
    assert measures >= {
        "clean", "rotation", "invariance_rotation", "translation", "adversarial",
        "worst_rotation", "joint", "boundary_distance",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(EXPERIMENTS) - {"recipes_cifar10"}))
def test_every_experiment_runs(name: str, tmp_path: Path) -> None:
    plan = EXPERIMENTS[name].plan("smoke")
    record = sweep(name, profile="smoke", seed=0, out=tmp_path)
    assert len({(row["network"], row["recipe"], row["degrees"], row["weight"])
                for row in record.rows}) == len(plan.runs)  # fmt: skip


def test_bad_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"experiment must be one of .*, got 'nothing'"):
        sweep("nothing", profile="smoke", seed=0, out=tmp_path)
    with pytest.raises(ValueError, match=r"profile must be one of .*, got 'huge'"):
        sweep("mnist_rotation", profile="huge", seed=0, out=tmp_path)
