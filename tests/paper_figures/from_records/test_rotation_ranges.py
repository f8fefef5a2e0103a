import numpy as np
import pytest

from paper_figures.from_records.rotation_ranges import draw
from paper_figures.measurements import rows
from tests.paper_figures import synthetic


def test_curves_are_the_means_of_the_record():
    record = synthetic.mnist_rotation()
    for axes, measure in zip(draw(record).axes, ("rotation", "adversarial"), strict=True):
        (container,) = axes.containers
        drawn = container.lines[0]
        for degrees, mean in zip(drawn.get_xdata(), drawn.get_ydata(), strict=True):
            counted = rows(record, measure=measure, degrees=degrees)
            assert mean == pytest.approx(np.mean([row["successes"] for row in counted]) / 1000)
        assert list(drawn.get_xdata()) == [0.0, 30.0, 60.0, 180.0]


def test_every_seed_is_a_dot():
    for axes in draw(synthetic.mnist_rotation(seeds=4)).axes:
        dots = [line for line in axes.lines if line.get_marker() == "."]
        assert sum(len(line.get_ydata()) for line in dots) == 4 * 4


def test_labels_name_units_and_levels():
    spatial, attacked = draw(synthetic.mnist_rotation(1)).axes
    assert "degrees" in spatial.get_xlabel()
    assert [text.get_text() for text in spatial.get_legend().get_texts()] == [
        "rotated by up to ±60°"
    ]
    assert [text.get_text() for text in attacked.get_legend().get_texts()] == ["$\\epsilon$ = 0.1"]


def test_every_test_range_is_a_curve_of_its_own_colour():
    record = synthetic.mnist_rotation(3, (180.0, 60.0, 90.0))
    spatial = draw(record).axes[0]
    curves = [container.lines[0] for container in spatial.containers]
    assert len({curve.get_color() for curve in curves}) == 3
    counts = [r["successes"] for r in rows(record, measure="rotation", level=180.0, degrees=30.0)]
    assert curves[2].get_ydata()[1] == pytest.approx(np.mean(counts) / 1000)
