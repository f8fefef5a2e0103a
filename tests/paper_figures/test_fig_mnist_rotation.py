import numpy as np
import pytest

from paper_figures.fig_mnist_rotation import draw
from paper_figures.measurements import rows
from simulations.records import Record
from tests.paper_figures import synthetic


def test_curves_are_the_means_of_the_record():
    record = synthetic.mnist_rotation()
    (axes,) = draw(record).axes
    for container, measure in zip(axes.containers, ("rotation", "adversarial"), strict=True):
        drawn = container.lines[0]
        for degrees, mean in zip(drawn.get_xdata(), drawn.get_ydata(), strict=True):
            counted = rows(record, measure=measure, degrees=degrees)
            assert mean == pytest.approx(np.mean([row["successes"] for row in counted]) / 1000)
        assert list(drawn.get_xdata()) == [0.0, 30.0, 60.0, 180.0]


def test_every_seed_is_a_dot():
    (axes,) = draw(synthetic.mnist_rotation(seeds=4)).axes
    dots = [line for line in axes.lines if line.get_marker() == "."]
    assert sum(len(line.get_ydata()) for line in dots) == 2 * 4 * 4


def test_labels_name_units_and_levels():
    (axes,) = draw(synthetic.mnist_rotation(1)).axes
    assert "degrees" in axes.get_xlabel()
    assert [text.get_text() for text in axes.texts] == [
        "random rotation up to ±60°",
        "PGD, $\\epsilon$ = 0.1",
    ]


def test_refuses_a_measure_at_two_levels():
    record = synthetic.mnist_rotation(1)
    mixed = [*record.rows, {**record.rows[0], "level": 90.0, "degrees": 90.0}]
    with pytest.raises(ValueError, match=r"level must be the same .* got \[60.0, 90.0\]"):
        draw(Record("mnist_rotation", {}, mixed))
