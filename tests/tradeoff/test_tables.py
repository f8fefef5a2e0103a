"""Rows as lines of text."""

from tradeoff.tables import table


def row(**changes: object) -> dict[str, object]:
    return {
        "dataset": "mnist", "network": "stdcnn", "recipe": "augmented", "degrees": 30.0,
        "epsilon": 0.0, "weight": None, "seed": 0, "measure": "rotation", "level": 60.0,
        "successes": 90, "trials": 100, **changes,
    }  # fmt: skip


def test_seeds_are_pooled_and_columns_aligned() -> None:
    lines = list(table([row(), row(seed=1, successes=70), row(measure="clean", level=0.0)]))
    assert lines[0].startswith("mnist  stdcnn  augmented degrees=30  rotation 60  0.800 [")
    assert lines[1].startswith("mnist  stdcnn  augmented degrees=30  clean        0.900 [")
    assert len(lines) == 2


def test_no_rows_no_lines() -> None:
    assert list(table([])) == []
