import pytest

from paper_figures.from_records.profiles import draw
from paper_figures.pooling import groups
from tests.paper_figures import sweeps


@pytest.fixture(scope="module")
def record():
    return sweeps.recipes_mnist(seeds=2)


def test_lines_are_the_means_of_the_record(record):
    axes = draw(record).axes
    assert len(axes) == 6
    natural = groups(record)[0]
    for panel, measure in zip(axes, ("rotation", "invariance_rotation"), strict=False):
        x, y = panel.containers[0].lines[0].get_data()
        assert list(x) == [0.0, 60.0, 120.0, 180.0]
        assert y == pytest.approx([natural.at(measure, level).mean for level in x])
    assert all(len(panel.containers) == len(sweeps.RECIPES) for panel in axes)


def test_the_attack_of_radius_zero_is_clean_accuracy(record):
    panel = draw(record).axes[2]
    x, y = panel.containers[0].lines[0].get_data()
    natural = groups(record)[0]
    assert list(x) == [0.0, 0.05, 0.1]
    assert y[0] == natural.at("clean", 0.0).mean
    assert y[2] == natural.at("adversarial", 0.1).mean


def test_one_row_for_each_architecture():
    figure = draw(sweeps.recipes_mnist(1, networks=("p4cnn",)))
    assert figure.axes[0].get_title(loc="left") == ("small rotation-equivariant CNN (p4)")
    assert len(figure.axes) == 3
