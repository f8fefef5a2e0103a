import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from simulations.validation import bounds
from simulations.validation.bounds import closed_forms, no_crossing
from tests.simulations.settings import wrong_accuracies
from theory.bounds.joint import joint_bounds
from theory.bounds.pairwise import pairwise_bound
from theory.setting.catalogue import defaults

SETTING = defaults()["robust-feature"]


def failed(check, samples):
    rows = check(SETTING, samples, np.random.SeedSequence(4))
    return [row for row in rows if not row["passed"]]


@pytest.mark.parametrize("side", [0, 1])
def test_a_wrong_closed_form_is_found_on_both_roads(side, monkeypatch):
    monkeypatch.setattr(bounds, "halfspace_accuracies", wrong_accuracies(side))
    rows = failed(closed_forms, 200_000)
    assert {row["road"] for row in rows} == {"StatisticLaw", "FullLaw"}
    assert {row["quantity"] for row in rows} == {("spatial", "adversarial")[side]}


def test_rows_do_not_change_with_the_names_of_classes(monkeypatch):
    before = closed_forms(SETTING, 1000, np.random.SeedSequence(1))

    class Renamed(bounds.ScoreSampler):
        pass

    monkeypatch.setattr(bounds, "ScoreSampler", Renamed)
    assert closed_forms(SETTING, 1000, np.random.SeedSequence(1)) == before


def test_a_wrong_outer_curve_is_found(monkeypatch):
    def wrong(setting, error, **options):
        right = pairwise_bound(setting, error, **options)
        return SimpleNamespace(spatial_accuracy=0.95 * right.spatial_accuracy)

    monkeypatch.setattr(bounds, "pairwise_bound", wrong)
    rows = failed(no_crossing, 20_000)
    assert {row["side"] for row in rows} >= {"exact", "certificate"}


def test_an_attack_that_does_nothing_is_found(monkeypatch):
    monkeypatch.setattr(bounds, "attack", lambda classifier, epsilon, norm: classifier.correct)
    rows = failed(no_crossing, 20_000)
    assert rows
    assert {row["side"] for row in rows} == {"attack"}


def test_a_wrong_joint_bound_is_found(monkeypatch):
    def wrong(*arguments, **options):
        right = joint_bounds(*arguments, **options)
        return [dataclasses.replace(bound, upper=0.9 * bound.upper) for bound in right]

    monkeypatch.setattr(bounds, "joint_bounds", wrong)
    assert {row["side"] for row in failed(no_crossing, 100_000)} >= {"exact"}
