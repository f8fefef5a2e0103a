"""The records of the sweeps against the theory, in one record."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from empirical.comparison.record import connect, connect_records, summary
from simulations.records import Record
from tradeoff.application import app


def rows(dataset: str, measures: list[tuple[str, float, int]], weight: float) -> list[Any]:
    return [
        {
            "dataset": dataset, "network": "stdcnn", "recipe": "mixture", "degrees": 180.0,
            "epsilon": 0.1, "weight": weight, "seed": 0, "measure": measure, "level": level,
            "successes": successes, "trials": 1000,
        }
        for measure, level, successes in measures
    ]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    points = ((0.25, 700, 995), (0.5, 740, 950), (0.75, 900, 500))
    gaussian, digits = [], []
    for weight, spatial, adversarial in points:
        gaussian += rows(
            "orientation-texture",
            [("spatial", 0.0, spatial), ("adversarial", 0.12, adversarial)],
            weight,
        )
        digits += rows(
            "mnist", [("rotation", 180.0, spatial), ("adversarial", 0.1, adversarial)], weight
        )
    Record("recipes_gaussian", {}, gaussian).save(tmp_path / "recipes_gaussian-quick.json")
    Record("recipes_mnist", {}, digits).save(tmp_path / "recipes_mnist-quick.json")
    ranges = [
        {**row, "recipe": "augmented", "weight": None, "degrees": 100 * row["weight"]}
        for row in digits
    ]
    # without an attack in training little is left at the radius of the others
    ranges += [
        {**row, "level": 0.2, "successes": 10} for row in ranges if row["measure"] == "adversarial"
    ]
    Record("mnist_rotation", {}, ranges).save(tmp_path / "mnist_rotation-quick.json")
    return tmp_path


def test_every_comparison_is_made(folder: Path) -> None:
    command = CliRunner().invoke(app, ["connect", "--records", str(folder)])
    assert command.exit_code == 0, command.output
    stored = Record.load(folder / "connection-quick.json")
    record = connect(folder, profile="quick", seed=0)
    assert stored.content == record.content
    kinds = [row["kind"] for row in record.rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "gap": 3, "reach": 6, "probit": 3, "prediction": 3
    }  # fmt: skip
    lines = list(summary(record.rows))
    assert lines[0].startswith(
        "gap: orientation-texture stdcnn mixture weight 0.25 seed 0: S 0.700"
    )
    assert len(lines) == len(kinds)
    slopes = [line for line in lines if line.startswith("probit: mnist stdcnn")]
    assert [line.split(":")[1].split()[-1] for line in slopes] == ["mixture", "augmented"]
    # the same accuracies at the least radius, whatever is left at a larger one
    assert record.config["ranges_epsilon"] == 0.1
    assert record.config["digits"] == {"rotation": 180.0, "epsilon": 0.1}
    assert record.config["gaussian"] == {"epsilon": 0.12}
    mixture, augmented = (
        [row["slope"] for row in record.rows if row["kind"] == "probit" and row["family"] == family]
        for family in ("mixture", "augmented")
    )
    assert augmented == pytest.approx(mixture[1:])


def test_a_failed_attack_ends_the_command_with_1(folder: Path) -> None:
    record = Record.load(folder / "recipes_gaussian-quick.json")
    above = [
        {**row, "successes": 990} if row["measure"] == "spatial" else row for row in record.rows
    ]
    Record("recipes_gaussian", {}, above).save(folder / "recipes_gaussian-quick.json")
    failed = CliRunner().invoke(app, ["connect", "--records", str(folder)])
    assert failed.exit_code == 1
    assert "ABOVE THE FRONTIER: the attack failed" in failed.stdout


def test_a_missing_record_comes_with_the_command_that_makes_it(folder: Path) -> None:
    (folder / "recipes_mnist-quick.json").unlink()
    expected = r"got .* without it; make it with: tradeoff sweep recipes-mnist --profile quick"
    with pytest.raises(ValueError, match=expected):
        connect(folder, profile="quick", seed=0)


def test_a_record_of_something_else_is_refused(folder: Path) -> None:
    Record("other", {}, []).save(folder / "recipes_mnist-quick.json")
    with pytest.raises(ValueError, match="must be of experiment 'recipes_mnist', got 'other'"):
        connect(folder, profile="quick", seed=0)


def test_any_record_with_the_rows_is_compared(folder: Path, tmp_path: Path) -> None:
    stored = Record.load(folder / "recipes_gaussian-quick.json")
    whole = connect(folder, profile="quick", seed=0)
    found = connect_records([stored], seed=0)
    assert "digits" not in found.config
    mine = [row for row in whole.rows if row.get("dataset") == "orientation-texture"]
    assert [row for row in found.rows if row["kind"] in {"gap", "reach"}] == [
        row for row in mine if row["kind"] in {"gap", "reach"}
    ]
    assert [row["kind"] for row in found.rows].count("probit") == 1
    foreign = {"dataset": "orientation-texture", "network": "m:f", "recipe": "foreign", "seed": 3}
    own = [
        {**foreign, "measure": "spatial", "level": 0.0, "successes": 990, "trials": 1000},
        {**foreign, "measure": "adversarial", "level": 0.12, "successes": 990, "trials": 1000},
        {**foreign, "measure": "adversarial", "level": 0.001, "successes": 990, "trials": 1000},
        {**foreign, "seed": 4, "measure": "spatial", "level": 0.0, "successes": 9, "trials": 10},
    ]
    path = Record("evaluate", {}, own).save(tmp_path / "own.json")
    gaps = [row for row in connect_records([Record.load(path)], seed=0).rows
            if row["kind"] == "gap"]  # fmt: skip
    assert [row["possible"] for row in gaps] == [True, False], "at 0.001, at 0.12"
    out = tmp_path / "out.json"
    told = CliRunner().invoke(app, ["connect", "--record", str(path), "--out", str(out)])
    assert told.exit_code == 1
    assert "ABOVE THE FRONTIER" in told.stdout
    assert Record.load(out).config["records"] == [Record.load(path).digest]


def test_digits_of_any_record_are_compared(folder: Path) -> None:
    found = connect_records([Record.load(folder / "recipes_mnist-quick.json")], seed=0)
    assert found.config["digits"] == {"rotation": 180.0, "epsilon": 0.1}
    kinds = [row["kind"] for row in found.rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "reach": 3, "probit": 1, "prediction": 3
    }  # fmt: skip


def test_a_record_without_the_rows_is_refused() -> None:
    alone = rows("mnist", [("clean", 0.0, 900)], 0.5)
    message = r"accuracies on cyclic-code, .*, or rotation at 180 and adversarial at 0\.1 on mnist"
    with pytest.raises(ValueError, match=message):
        connect_records([Record("recipes_mnist", {}, alone)], seed=0)
