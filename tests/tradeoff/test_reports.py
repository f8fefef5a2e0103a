import csv
import io
import json

import numpy as np
import pytest

from tests.theory.settings import random_setting
from tradeoff.reports import bound_report, render, setting_summary


@pytest.fixture(scope="module")
def report():
    return bound_report(random_setting(0), np.array([0.2, 0.5]), None)


def test_summary_names_the_setting():
    summary = setting_summary(random_setting(0))
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
