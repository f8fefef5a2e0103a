import numpy as np
import pytest

from paper_figures.from_records.rotation_ranges import caption, draw
from paper_figures.measurements import rows
from simulations.records import Record
from tests.paper_figures import synthetic

MEASURES = ("rotation", "invariance_rotation", "translation", "adversarial")


def named(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_curves_are_the_means_of_the_record():
    record = synthetic.mnist_rotation()
    for axes, measure in zip(draw(record).axes, MEASURES, strict=True):
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
    spatial, _, shifted, attacked = draw(synthetic.mnist_rotation(1)).axes
    assert "degrees" in spatial.get_xlabel()
    assert named(spatial) == ["up to ±60°"]
    assert named(shifted) == ["up to 4 px"]
    assert named(attacked) == ["$\\epsilon$ = 0.1"]


def test_every_test_range_is_a_curve_of_its_own_colour():
    record = synthetic.mnist_rotation(3, (180.0, 60.0, 90.0))
    spatial = draw(record).axes[0]
    curves = [container.lines[0] for container in spatial.containers]
    assert len({curve.get_color() for curve in curves}) == 3
    counts = [r["successes"] for r in rows(record, measure="rotation", level=180.0, degrees=30.0)]
    assert curves[2].get_ydata()[1] == pytest.approx(np.mean(counts) / 1000)


def test_the_caption_tells_each_move_and_whether_the_paper_finds_it():
    record = synthetic.mnist_rotation()
    words = caption(record)
    for measure in ("rotation", "translation", "adversarial"):
        for degrees in (0.0, 180.0):
            counts = [r["successes"] for r in rows(record, measure=measure, degrees=degrees)]
            assert f"{np.mean(counts) / 10:.1f} %" in words.see
    assert "up to 4 pixels it falls from" in words.see
    assert "our measurement agrees" in words.paper


def test_the_caption_says_where_the_measurement_disagrees():
    record = synthetic.mnist_rotation()
    turned = [{**row, "degrees": 180.0 - row["degrees"]} for row in record.rows]
    words = caption(Record("mnist_rotation", {}, turned))
    assert "our measurement disagrees" in words.paper
