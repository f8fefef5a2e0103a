import json

import numpy as np
import pytest

from tests.simulations.validation.test_kernels import kernels, outcome
from tests.theory.settings import random_setting
from theory.frontiers.frontier import frontier
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.frontiers.measurements import check_measurement
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations, cyclic_shifts, quarter_turns


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(0)
    return frontier(random_setting(6), rng=rng, points=9, weights=2, samples=1 << 14, steps=20)


def test_inner_lies_below_outer_and_both_fall(small):
    reached = ~np.isnan(small.inner)
    assert (small.inner <= small.outer + 1e-9)[reached].all()
    assert (np.diff(small.outer) <= 1e-6).all()
    assert (np.diff(small.inner[reached]) <= 1e-12).all()
    # no classifier that was found has more adversarial accuracy than the best of them
    most = small.achieved[:, 1].max()
    assert np.array_equal(reached, small.adversarial_accuracy <= most)
    assert not reached.all()
    assert (small.gap >= 0).all()


def test_achieved_points_lie_below_the_curve(small):
    for spatial, robust in small.achieved:
        assert spatial <= small.max_spatial_accuracy(robust) + 1e-9


def test_questions_invert_each_other(small):
    level = 0.5 * (small.adversarial_accuracy[0] + small.adversarial_accuracy[-1])
    spatial = small.max_spatial_accuracy(level)
    back = small.max_adversarial_accuracy(spatial)
    assert back >= level - 1e-9
    assert small.max_spatial_accuracy(min(1.0, back + 1e-3)) <= spatial + 1e-6
    assert small.max_adversarial_accuracy(0.0) == small.adversarial_ceiling < 1.0


def test_measurements(small):
    rng = np.random.default_rng(1)
    spatial, robust = halfspace_accuracies(small.setting, rng.normal(size=6), 0.0)
    n = 10_000
    truth = (rng.binomial(n, spatial), n), (rng.binomial(n, robust), n)
    assert not small.violates(*truth)
    assert small.violates((n, n), (n, n))
    verdict = small.check(*truth)
    certified = check_measurement(small.setting, spatial=truth[0], adversarial=truth[1])
    if verdict.limit < certified.limit:
        assert "(confidence limit at 1 - 1e-06)" in str(verdict)
        assert verdict.confidence == pytest.approx(certified.confidence - 1e-6)
    else:
        assert verdict == certified
    verdict = small.check((n, n), (n, n))
    assert verdict.limit <= small.max_spatial_accuracy(verdict.adversarial_lower) + 1e-9


def test_all_lines_of_the_joint_bound_hold_at_once(small):
    assert [bound.failure for bound in small.joint_bounds] == pytest.approx([5e-7] * 2)
    assert small.joint_bounds[0].kind == "confidence limit at 1 - 5e-07"
    assert small.to_dict()["status"]["joint"] == "confidence limit at 1 - 1e-06"


@pytest.mark.parametrize("offset", [0.0, 3e7, 1e10])
def test_nothing_is_reached_by_rounding(offset):
    """Scores at means far from zero cancel: their last bits must not name the component."""
    means = np.array([[1.0, 0.2, 0.2, 0.2], [-0.2, 0.8, -0.2, -0.2]]) + offset
    mixture = GaussianMixture(means, [1, 0], sigma=0.5)
    setting = Setting(mixture, cyclic_shifts(4, [0, 1]), 0.3)
    found = frontier(setting, points=5, weights=1, samples=1024, steps=0)
    reached = ~np.isnan(found.inner)
    assert (found.inner <= found.pairwise + 1e-9)[reached].all()
    assert found.inner[0] > 0.7


def test_forms(small):
    assert repr(small).startswith("Frontier(custom, epsilon=")
    assert "\n" not in repr(small)
    frame = small.columns()
    assert {len(column) for column in frame.values()} == {9}
    content = json.loads(json.dumps(small.to_dict()))
    assert content["status"]["pairwise"] == "certified"
    assert content["curves"]["outer"] == frame["outer"].tolist()


def test_three_classes_have_no_halfspaces_but_a_frontier():
    setting = random_setting(3, components=3, classes=3)
    rng = np.random.default_rng(0)
    found = frontier(setting, rng=rng, points=3, weights=1, samples=1 << 12, steps=5)
    assert not (found.inner > found.outer + 1e-9).any()


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    rng = np.random.default_rng(0)
    frontier(random_setting(0), rng=rng, points=2, weights=1, samples=1024, steps=1)
    assert np.array_equal(before, np.random.get_state()[1])  # noqa: NPY002


def test_bad_input():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="points must be >= 2, got 1"):
        frontier(random_setting(0), rng=rng, points=1)
    with pytest.raises(ValueError, match="weights must be >= 1, got 0"):
        frontier(random_setting(0), rng=rng, weights=0)


def test_the_inner_curve_never_passes_the_outer_one_at_accuracies_near_one():
    """Means far apart: double precision cannot tell the reached accuracy from 1."""
    setting = Setting(
        GaussianMixture([[60.0, 0.0], [-60.0, 0.0]], [1, 0]), Transformations([[0, 1]]), 0.1
    )
    found = frontier(setting, rng=np.random.default_rng(0), points=5, weights=1, samples=1024)
    assert found.adversarial_ceiling == 1.0
    assert not (found.inner > found.pairwise).any()
    assert found.pairwise[-1] == 1.0


def test_progress_counts_curve_bounds_and_searches():
    calls = []
    frontier(
        random_setting(6, components=2),
        rng=0,
        points=3,
        weights=2,
        samples=1 << 10,
        steps=1,
        progress=lambda done, total: calls.append((done, total)),
    )
    done, totals = zip(*calls, strict=True)
    assert set(totals) == {5000}
    assert list(done) == sorted(done)
    assert done[-5:] == (1000, 2000, 3000, 4000, 5000)


SOME_POINTS = """
from theory.frontiers.frontier import frontier
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns
means = 0.2 * numpy.random.default_rng(3).normal(size=(8, 196))
setting = Setting(GaussianMixture(means, [0, 1, 2, 0, 1, 2, 0, 1]), quarter_turns(14), 0.06)
found = frontier(setting, points=3, weights=2, samples=1024, steps=24)
rows = [
    found.achieved.tolist(),
    [bound.shifts.tolist() for bound in found.joint_bounds],
    [float(bound.upper) for bound in found.joint_bounds],
    [int(bound.dimension) for bound in found.joint_bounds],
    found.gap.tolist(),
]
"""


@pytest.mark.slow
def test_few_long_components_have_one_frontier_on_every_machine():
    """Searches end at the same shifts and templates; means of samples differ in the last bits."""
    choices = kernels(most=2).values()
    (points, shifts, limits, dimensions, gap), again = (
        outcome(SOME_POINTS, **choice)[1] for choice in choices
    )
    assert again[:2] == [points, shifts]
    assert limits == pytest.approx(again[2], abs=1e-12)
    # one shift for each component, in the span of 40 centres
    assert np.shape(shifts) == (2, 8, 196)
    assert max(dimensions) == 39
    assert 0.0 < max(gap) < 0.2


@pytest.mark.parametrize(("epsilon", "shifts"), [(0.06, 1), (50.0, 2)])
def test_long_components_are_bounded_by_what_serves(epsilon, shifts):
    """One shift each, unless the ball reaches several rivals, between which weights hedge."""
    means = 0.2 * np.random.default_rng(3).normal(size=(6, 144))
    setting = Setting(
        GaussianMixture(means, np.arange(6) % 3), quarter_turns(12, [0, 1, 2]), epsilon
    )
    found = frontier(setting, points=2, weights=1, samples=1024, steps=0)
    bound = found.joint_bounds[0]
    assert (len(bound.owner) == 6) == (shifts == 1)
    if shifts > 1:
        # one shift for each reaches 0.537
        assert bound.estimate < 0.5
