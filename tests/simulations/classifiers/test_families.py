import numpy as np
import pytest

from simulations.classifiers.families import families, halfspaces
from tests.simulations.settings import small_setting
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.setting.catalogue import defaults


def test_every_family_is_present():
    members = families(small_setting(), training=200, rng=np.random.default_rng(1))
    kinds = {name.split(",")[0] for name in members}
    assert kinds == {
        "halfspace",
        "likelihood ratio",
        "logistic regression",
        "nearest mean",
        "nearest transformed mean",
    }
    assert len(members) == 16
    assert all(member.normals.shape[1] == 8 for member in members.values())


def test_halfspaces_are_those_of_the_inner_curve():
    setting = defaults()["robust-feature"]
    frontier = halfspace_frontier(setting, [0.5])
    halfspace = halfspaces(setting)["halfspace, weight 0.5"]
    spatial, adversarial = halfspace_accuracies(setting, halfspace.normal, halfspace.offset)
    assert 0.5 * (spatial + adversarial) == pytest.approx(frontier.value[0], abs=1e-6)


def test_labels_of_halfspaces_are_those_of_the_setting():
    halfspace = halfspaces(small_setting(labels=(7, 3, 3)))["halfspace, weight 1"]
    assert (halfspace.positive, halfspace.negative) == (7, 3)
