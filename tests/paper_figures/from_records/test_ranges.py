import matplotlib.pyplot as plt
import pytest

from paper_figures.from_records.ranges import Curve, range_axes
from paper_figures.measurements import rows, spread
from tests.paper_figures import synthetic


@pytest.fixture
def axes():
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def test_ranges_come_in_order_whatever_the_rows():
    record = synthetic.mnist_rotation()
    measured = rows(record, measure="adversarial")
    curve = Curve.of(measured[::-1], spread)
    assert curve.ranges == (0.0, 30.0, 60.0, 180.0)
    assert curve.spreads == tuple(
        spread([row for row in measured[::-1] if row["degrees"] == degrees])
        for degrees in curve.ranges
    )


def test_the_name_goes_into_the_legend_once(axes):
    curve = Curve.of(rows(synthetic.mnist_rotation(1), measure="adversarial"), spread)
    curve.draw(axes, "attacked", colour="#123456")
    ((line, *_),), (name,) = axes.get_legend_handles_labels()
    assert name == "attacked"
    assert line.get_color() == "#123456"
    assert list(line.get_ydata()) == [item.mean for item in curve.spreads]


def test_marks_are_the_training_ranges(axes):
    range_axes(axes, (0.0, 30.0, 180.0))
    assert list(axes.get_xticks()) == [0.0, 30.0, 180.0]
    assert "training (degrees)" in axes.get_xlabel()
