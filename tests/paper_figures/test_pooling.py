import numpy as np
import pytest

from paper_figures.pooling import groups, handles, labels, shifts
from tests.paper_figures import sweeps


@pytest.fixture(scope="module")
def record():
    return sweeps.recipes_mnist()


def test_one_group_for_each_recipe_weight_and_architecture(record):
    found = groups(record)
    assert len(found) == 2 * (len(sweeps.RECIPES) + 2)
    labels = [group.label for group in found if group.network == "p4cnn"]
    assert labels[4:7] == ["mixture, λ = 0.25", "mixture, λ = 0.5", "mixture, λ = 0.75"]


def test_a_group_summarises_its_own_seeds(record):
    group = groups(record)[0]
    counts = [
        row["successes"]
        for row in record.rows
        if (row["network"], row["recipe"], row["measure"]) == ("stdcnn", "natural", "clean")
    ]
    assert group.at("clean", 0.0).values == tuple(np.array(counts) / 1000)
    assert group.levels("rotation") == [0.0, 60.0, 120.0, 180.0]
    with pytest.raises(ValueError, match="must have rows with measure='joint'"):
        group.rows("joint")


def test_fillings_tell_networks_apart_and_places_lie_side_by_side():
    record = sweeps.recipes_mnist(1, networks=("cnn5", "cnn5half", "p4cnn5"))
    chosen = groups(record)
    looks = {g.network: (g.marker["mfc"], g.marker.get("fillstyle")) for g in chosen}
    assert len(set(looks.values())) == 3
    assert list(shifts(chosen).values()) == [-0.25, 0.0, 0.25]
    assert shifts(groups(sweeps.recipes_mnist(1, networks=("cnn5",)))) == {"cnn5": 0.0}


def test_labels_keep_recipes_together_and_weights_in_order(record):
    names = labels(groups(record)[::-1])
    assert names.index("mixture, λ = 0.25") + 2 == names.index("mixture, λ = 0.75")
    assert len(names) == len(sweeps.RECIPES) + 2


def test_legend_names_recipes_then_architectures(record):
    labels = [entry.get_label() for entry in handles(groups(record))]
    assert labels[:2] == ["natural", "augmented"]
    assert labels[-2:] == ["small standard CNN", "small rotation-equivariant CNN (p4)"]
    assert len(labels) == len(sweeps.RECIPES) + 2
