import numpy as np
import pytest
from scipy.special import ndtri

from paper_figures.from_records.recipes import draw, front
from paper_figures.measurements import Spread
from paper_figures.pooling import groups
from tests.paper_figures import sweeps


@pytest.fixture(scope="module")
def record():
    return sweeps.recipes_mnist()


def test_markers_are_the_means_of_the_widest_levels(record):
    (axes,) = draw(record).axes
    for group, container in zip(groups(record), axes.containers, strict=True):
        (place,) = container.lines[0].get_xydata()
        expected = (group.at("adversarial", 0.1).mean, group.at("rotation", 180.0).mean)
        assert tuple(place) == pytest.approx(expected)
        assert container.lines[0].get_markerfacecolor() == group.marker["mfc"]
    assert "±180°" in axes.get_ylabel()
    assert "0.1" in axes.get_xlabel()


def test_every_marker_is_inside_the_axes(record):
    (axes,) = draw(record).axes
    for container in axes.containers:
        x, y = container.lines[0].get_xydata()[0]
        assert axes.get_xlim()[0] < x < axes.get_xlim()[1]
        assert axes.get_ylim()[0] < y < axes.get_ylim()[1]


def test_the_front_has_slope_minus_one_and_no_network_beyond():
    places = [(Spread(a, a, a, (a,)), Spread(s, s, s, (s,))) for a, s in ((0.2, 0.9), (0.7, 0.8))]
    x, y = front(places)
    np.testing.assert_allclose(ndtri(x) + ndtri(y), ndtri(0.7) + ndtri(0.8))
    assert ndtri(0.2) + ndtri(0.9) < ndtri(0.7) + ndtri(0.8)
