import dataclasses

import numpy as np
import pytest

from simulations.validation import inner
from simulations.validation.inner import inner_curve
from tests.simulations.settings import circulant, small_setting
from theory.frontiers.halfspaces import halfspace_frontier


def failed(setting):
    rows = inner_curve(setting, 400_000, np.random.SeedSequence(5))
    return [row for row in rows if not row["passed"]]


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_every_norm_and_a_covariance(norm):
    assert failed(small_setting(norm=norm, covariance=circulant(), labels=(4, 2, 2))) == []


@pytest.mark.parametrize("field", ["spatial_accuracy", "adversarial_accuracy"])
def test_a_curve_that_promises_too_much_is_found(field, monkeypatch):
    def boastful(setting, weights):
        frontier = halfspace_frontier(setting, weights)
        return dataclasses.replace(frontier, **{field: getattr(frontier, field) + 0.05})

    monkeypatch.setattr(inner, "halfspace_frontier", boastful)
    rows = failed(small_setting())
    assert {row["quantity"] for row in rows} == {field.removesuffix("_accuracy")}
    assert any(" or " in row["subject"] for row in rows)
