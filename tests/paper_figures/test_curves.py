import numpy as np

from paper_figures.curves import inner_curve, levels, outer_curve, reached_curve
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound

BUMP = catalogue.rotating_bump(
    8, 2, alpha=0.9, eta=0.1, width=0.6, sigma=0.5, epsilon=0.1, max_degrees=180.0
)


def test_levels_are_symmetric_and_increase():
    values = levels(9)
    assert values[0] == 0.0
    assert values[-1] == 1.0
    assert (np.diff(values) > 0).all()
    np.testing.assert_allclose(values + values[::-1], 1.0, atol=1e-15)


def test_outer_curve_is_the_pairwise_bound():
    accuracy, bound = outer_curve(BUMP, 9)
    assert (np.diff(accuracy) > 0).all()
    expected = pairwise_bound(BUMP, levels(9)[::-1])
    np.testing.assert_array_equal(bound, expected.spatial_accuracy[expected.attainable])


def test_inner_curve_lies_below_the_outer_one():
    accuracy, bound = outer_curve(BUMP, 9)
    x, y = inner_curve(BUMP, 5)
    reached = np.interp(accuracy, x, y, right=0.0)
    assert (reached <= bound + 1e-7).all()
    assert reached.max() > 0.5


def test_reached_curve_is_level_up_to_its_first_corner():
    x, y = reached_curve(np.array([0.4, 0.9]), np.array([0.8, 0.5]))
    assert x.tolist() == [0.0, 0.4, 0.9]
    assert y.tolist() == [0.8, 0.8, 0.5]
