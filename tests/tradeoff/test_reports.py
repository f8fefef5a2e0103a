import csv
import io
import json

import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from theory.frontiers.frontier import frontier
from tradeoff.reports import (
    bound_report,
    counts_table,
    frontier_report,
    render,
    setting_summary,
)


@pytest.fixture(scope="module")
def report():
    return bound_report(random_setting(0), np.array([0.2, 0.5]), {})


def test_summary_names_the_setting():
    summary = setting_summary(random_setting(0), {})
    assert summary["components"] == 4
    assert summary["transformations"] == 3


def test_every_number_has_a_status(report):
    for row in report["bounds"]:
        assert row["spatial_error_status"] == row["invariance_status"] == "certified"
        assert row["spatial_accuracy_at_most"] >= 1 - row["spatial_error_at_least"]
        assert "closed_form" not in row
    assert all(row["status"] == "attained" for row in report["residuals"])


def test_forms_carry_the_same_numbers(report):
    assert json.loads(render(report, "bounds", "json")) == report
    rows = list(csv.DictReader(io.StringIO(render(report, "bounds", "csv"))))
    assert [float(row["adversarial_error"]) for row in rows] == [0.2, 0.5]
    text = render(report, "bounds", "text")
    assert f"{report['bounds'][0]['spatial_error_at_least']:.6g}" in text


def test_unknown_format(report):
    with pytest.raises(ValueError, match="format must be one of text, json, csv, got 'xml'"):
        render(report, "bounds", "xml")


@pytest.mark.parametrize("value", [0.2538488, 1.0 / 3.0, 0.99999949, 1e-12 / 3.0])
def test_text_rounds_bounds_to_the_sound_side(value):
    report = {"setting": {}, "rows": [{"x_at_least": value, "x_at_most": value}]}
    lower, upper = map(float, render(report, "rows", "text").split()[-2:])
    assert lower < value < upper
    assert upper - lower <= 1.1e-5 * value


@pytest.fixture(scope="module")
def enclosed():
    setting = catalogue.rotating_bump(4, 1)
    return frontier(setting, rng=np.random.default_rng(0), points=3, weights=1, samples=1024)


def test_rows_are_the_curves(enclosed):
    report = frontier_report(enclosed, {})
    for index, row in enumerate(report["frontier"]):
        assert row["adversarial_accuracy"] == enclosed.adversarial_accuracy[index]
        assert row["pairwise_at_most"] == enclosed.pairwise[index]
        assert row["joint_at_most"] == enclosed.joint[index]
        assert row["reached_at_least"] == enclosed.inner[index]
    assert [row["gap"] for row in report["gaps"]] == enclosed.gap.tolist()


def test_every_number_says_what_it_is(enclosed):
    row = frontier_report(enclosed, {})["frontier"][0]
    assert row["pairwise_status"] == "certified"
    assert row["joint_status"] == enclosed.joint_bounds[0].kind
    assert row["reached_status"] == "achieved"


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_renders_in_every_form(enclosed, form):
    text = render(frontier_report(enclosed, {}), "frontier", form)
    assert "pairwise_at_most" in text


def row(**changes: object) -> dict[str, object]:
    return {
        "dataset": "mnist", "network": "stdcnn", "recipe": "augmented", "degrees": 30.0,
        "epsilon": 0.0, "weight": None, "seed": 0, "measure": "rotation", "level": 60.0,
        "successes": 90, "trials": 100, **changes,
    }  # fmt: skip


def test_seeds_are_pooled_and_columns_aligned() -> None:
    lines = list(counts_table([row(), row(seed=1, successes=70), row(measure="clean", level=0.0)]))
    assert lines[0].startswith("mnist  stdcnn  augmented degrees=30  rotation 60  0.800 [")
    assert lines[1].startswith("mnist  stdcnn  augmented degrees=30  clean        0.900 [")
    assert len(lines) == 2


def test_no_rows_no_lines() -> None:
    assert list(counts_table([])) == []


def test_the_summary_tells_noise_weights_and_floor(report):
    assert report["setting"]["sigma"] == random_setting(0).mixture.sigma
    assert len(report["setting"]["weights"]) == 4
    assert report["setting"]["adversarial_error_at_least"] > 0.0
