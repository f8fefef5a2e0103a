import numpy as np
import pytest

from paper_figures.from_records.rotation_ranges import draw
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
    figure = draw(synthetic.mnist_rotation(1))
    assert "degrees" in figure.axes[0].get_xlabel()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "rotated by up to ±60°",
        "attacked, $\\epsilon$ = 0.1",
    ]


def test_two_test_ranges_are_two_curves_told_apart():
    record = synthetic.mnist_rotation(3, (180.0, 60.0))
    figure = draw(record)
    (axes,) = figure.axes
    near, wide = (container.lines[0] for container in axes.containers[:2])
    assert (near.get_linestyle(), wide.get_linestyle()) == ("-", "--")
    counts = [r["successes"] for r in rows(record, measure="rotation", level=180.0, degrees=30.0)]
    assert wide.get_ydata()[1] == pytest.approx(np.mean(counts) / 1000)
    assert figure.legends[0].get_texts()[1].get_text() == "rotated by up to ±180°"


def test_refuses_more_levels_than_it_can_tell_apart():
    with pytest.raises(ValueError, match="rotation must be measured at 2 levels at most, got"):
        draw(synthetic.mnist_rotation(1, (60.0, 90.0, 180.0)))
    record = synthetic.mnist_rotation(1)
    attacked = [r for r in record.rows if r["measure"] == "adversarial"]
    mixed = [*record.rows, *({**row, "level": 0.2} for row in attacked)]
    with pytest.raises(ValueError, match="adversarial must be measured at 1 levels at most"):
        draw(Record("mnist_rotation", {}, mixed))
