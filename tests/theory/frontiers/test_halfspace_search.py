import numpy as np
import pytest
from scipy.special import ndtr

from tests.theory.settings import random_setting
from theory.frontiers.halfspace_search import HalfspaceProblem, starting_points
from theory.setting.setting import Setting


def test_value_is_the_mixture_of_both_accuracies():
    problem = HalfspaceProblem(random_setting(0))
    w, b = np.arange(1.0, 7.0), 0.3
    spatial, robust = problem.arguments(w, b)
    weights = random_setting(0).mixture.weights
    total = 0.4 * np.sum(problem.spatial_weights * ndtr(spatial))
    total += 0.6 * np.sum(weights * ndtr(robust))
    assert problem.value(0.4, w, b) == pytest.approx(total)
    # the classifier does not change with the length of (w, b)
    assert problem.value(0.4, 7 * w, 7 * b) == pytest.approx(total)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_improvement_never_loses_and_ends_at_a_stationary_point(norm):
    base = random_setting(1)
    setting = Setting(base.mixture, base.transformations, 0.2, norm)
    problem = HalfspaceProblem(setting)
    for w, b in starting_points(problem)[:6]:
        better = problem.improve(0.5, w, b)
        assert problem.value(0.5, *better) >= problem.value(0.5, w, b) - 1e-12
        again = problem.improve(0.5, *better)
        assert problem.value(0.5, *again) == pytest.approx(problem.value(0.5, *better), abs=1e-4)


def test_starting_points_are_bounded_in_number_and_finite():
    setting = random_setting(2, components=12, group=8)
    starts = starting_points(HalfspaceProblem(setting))
    assert 10 < len(starts) <= 2 * 98
    assert all(np.isfinite(w).all() and np.isfinite(b) for w, b in starts)
