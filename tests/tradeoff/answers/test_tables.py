import sys

import pytest

from tradeoff.answers.tables import counts_table, render, table_lines


def test_unknown_format():
    with pytest.raises(ValueError, match="format must be one of text, json, csv, got 'xml'"):
        render({}, "bounds", "xml")


@pytest.mark.parametrize("value", [0.2538488, 1.0 / 3.0, 0.99999949, 1e-12 / 3.0])
def test_text_rounds_bounds_to_the_sound_side(value):
    report = {"setting": {}, "rows": [{"x_at_least": value, "x_at_most": value}]}
    lower, upper = map(float, render(report, "rows", "text").split()[-2:])
    assert lower < value < upper
    assert upper - lower <= 1.1e-5 * value


def test_a_status_is_told_of_the_numbers_it_is_about():
    rows = [{"x_at_most": 0.5, "x_at_most_status": "certified", "y": 0.5, "y_status": "estimate"}]
    facts = {"z_at_least": 0.5, "z_status": "certified", "w": 1}
    text = render({"setting": facts, "rows": rows}, "rows", "text")
    assert "z at least 0.5 (certified), w 1\n" in text
    assert "x at most (certified)  y (estimate)" in text


@pytest.mark.parametrize("first", [0, 1])
def test_rows_may_lack_columns_of_others(first):
    rows = [{"a": 1, "b": 2}, {"a": 3}]
    report = {"rows": rows[first:] + rows[:first]}
    lines = render(report, "rows", "text").split()
    assert lines[1:3] == ["a", "b"]
    assert "-" in lines
    assert sorted(render(report, "rows", "csv").splitlines()) == ["1,2", "3,", "a,b"]


def row(**changes: object) -> dict[str, object]:
    return {
        "dataset": "mnist", "network": "stdcnn", "recipe": "augmented", "degrees": 30.0,
        "epsilon": 0.0, "weight": None, "seed": 0, "measure": "rotation", "level": 60.0,
        "successes": 90, "trials": 100, **changes,
    }  # fmt: skip


def test_seeds_are_pooled_and_columns_aligned() -> None:
    rows = [row(), row(seed=1, successes=70), row(measure="clean", level=0.0)]
    head, _, first, second = counts_table(rows)
    assert head.split() == [
        "dataset", "network", "recipe", "measure", "n", "rate", "95", "%", "interval",
    ]  # fmt: skip
    assert first.split()[:8] == [
        "mnist", "stdcnn", "augmented", "degrees=30", "rotation", "60", "200", "0.800",
    ]  # fmt: skip
    assert second.split()[:7] == [
        "mnist", "stdcnn", "augmented", "degrees=30", "clean", "100", "0.900",
    ]  # fmt: skip
    assert len({line.index("[") for line in (first, second)}) == 1


def test_radii_are_fractions_of_255_where_that_is_shorter() -> None:
    (*_, line) = counts_table([row(measure="adversarial", level=8 / 255, epsilon=2 / 255)])
    assert "epsilon=2/255" in line
    assert "adversarial 8/255" in line


def test_distances_are_told_beside_their_counts() -> None:
    far = row(measure="boundary_distance", level=0.5, successes=80, mean=0.25)
    near = row(measure="boundary_distance", level=0.5, successes=20, mean=0.05, seed=1)
    head, _, distance, plain = counts_table([far, near, row()])
    assert head.endswith("mean distance found")
    assert distance.split()[-1] == "0.21"
    assert plain.split()[-1] == "-"


def test_no_rows_no_lines() -> None:
    assert list(counts_table([])) == []


ROWS = [
    {"kind": "first of all", "spatial_error_at_least": 0.123456789, "spatial_error_status": "sure",
     "n": 10, "right": True, "none": None},
    {"kind": "second", "spatial_error_at_least": 0.5, "spatial_error_status": "sure",
     "n": 2000, "right": False, "none": 0.25},
]  # fmt: skip


def test_what_a_number_is_stands_in_its_head():
    head, rule, first, second = table_lines(ROWS)
    assert "spatial error at least (sure)" in head
    assert set(rule.strip()) == {"\u2500"}
    assert first.split() == ["first", "of", "all", "0.123456", "10", "yes", "-"]
    assert second.split() == ["second", "0.5", "2000", "no", "0.25"]


@pytest.mark.parametrize("columns", [30, 50, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_number_broken(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    lines = list(table_lines(ROWS))
    assert max(map(len, lines)) <= columns
    text = " ".join(" ".join(lines).split())
    assert all(cell in text for cell in ("0.123456", "2000", "second", "first of all"))


def test_what_all_rows_share_is_told_once_where_the_terminal_is_narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    rows = [{"network": "the same network", "rate": k / 10, "measure": f"m{k}"} for k in range(3)]
    lines = list(table_lines([{**row, "dataset": "the same data"} for row in rows]))
    assert lines[:2] == ["  network the same network, dataset", "    the same data"]
    assert len([line for line in lines if "m2" in line]) == 1
