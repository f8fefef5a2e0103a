import numpy as np
import pytest

from paper_figures.from_records.distance import draw
from paper_figures.measurements import rows
from simulations.records import Record
from tests.paper_figures import synthetic


def test_points_are_the_mean_distances_of_the_seeds():
    record = synthetic.mnist_rotation()
    (axes,) = draw(record).axes
    (container,) = axes.containers
    for degrees, mean in container.lines[0].get_xydata():
        found = rows(record, measure="boundary_distance", degrees=degrees)
        assert mean == pytest.approx(np.mean([row["mean"] for row in found]))
    assert list(container.lines[0].get_xdata()) == [0.0, 30.0, 60.0, 180.0]
    dots = [line for line in axes.lines if line.get_marker() == "."]
    assert sum(len(line.get_ydata()) for line in dots) == 4 * 3


def test_axes_start_at_zero_and_name_their_units():
    (axes,) = draw(synthetic.mnist_rotation(1)).axes
    assert axes.get_ylim()[0] == 0
    assert "degrees" in axes.get_xlabel()
    assert "ell_\\infty" in axes.get_ylabel()


def test_refuses_networks_without_a_distance():
    record = synthetic.mnist_rotation()
    bare = [{k: v for k, v in row.items() if k != "mean"} for row in record.rows]
    with pytest.raises(ValueError, match="rows of natural must have a mean distance"):
        draw(Record("mnist_rotation", {}, bare))
