import numpy as np
import pytest

from paper_figures.from_theory.frontier_curve import outer_line, plot_frontier
from theory import catalogue
from theory.frontiers.frontier import frontier


@pytest.fixture(scope="module")
def enclosed():
    setting = catalogue.rotating_bump(
        4, 1, alpha=0.9, eta=0.1, width=0.6, sigma=0.5, epsilon=0.1, max_degrees=180.0
    )
    return frontier(setting, rng=np.random.default_rng(0), points=5, weights=1, samples=1 << 12)


def test_the_outer_line_is_the_frontiers_own(enclosed):
    accuracy, bound = outer_line(enclosed)
    assert accuracy[-1] == enclosed.adversarial_ceiling
    assert (np.diff(bound) <= 0.0).all()
    for a, s in zip(accuracy[:-1:3], bound[:-1:3], strict=True):
        assert 0.0 <= enclosed.max_spatial_accuracy(a) - s <= 1e-6


def test_no_classifier_found_lies_above_the_outer_line(enclosed):
    accuracy, bound = outer_line(enclosed)
    spatial, robust = enclosed.achieved.T
    assert (spatial <= np.interp(robust, accuracy, bound) + 1e-9).all()


def test_classifiers_and_units_are_drawn(enclosed):
    (axes,) = plot_frontier(enclosed).axes
    lines = {line.get_label(): line.get_xydata() for line in axes.lines}
    np.testing.assert_array_equal(lines["classifiers found"][:, ::-1], enclosed.achieved)
    assert "0.1" in axes.get_xlabel()
    assert axes.get_title(loc="left") == "rotating-bump"
