from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import minimize
from scipy.special import ndtr

from tests.theory.settings import random_setting
from theory import catalogue
from theory.bounds.comparisons import optimal_adversarial_error
from theory.bounds.constraints import pairwise_constraints
from theory.bounds.pairwise import error_of, pairwise_bound
from theory.bounds.two_class import two_class_bound
from theory.bounds.worst_transformation import worst_transformation_bound
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations, cyclic_shifts

LEVELS = np.array([0.02, 0.1, 0.25, 0.5])


def changed(setting, *, means=None, labels=None, permutations=None, epsilon=None):
    mixture = setting.mixture
    return Setting(
        GaussianMixture(
            mixture.means if means is None else means,
            mixture.labels if labels is None else labels,
            mixture.weights,
            mixture.sigma,
        ),
        setting.transformations
        if permutations is None
        else Transformations(permutations, setting.probabilities),
        setting.epsilon if epsilon is None else epsilon,
    )


def by_a_general_solver(setting, level):
    """The programme of Theorem 3 as SLSQP sees it: the second road."""
    network = pairwise_constraints(setting)

    def slack(x):
        return x[network.left] - gaussian_tradeoff(
            np.clip(x[network.right], 0, 1), network.residual
        )

    best = minimize(
        lambda x: network.cost @ x,
        np.full(len(network.cost), 0.5),
        jac=lambda x: network.cost,
        bounds=[(1e-9, 1 - 1e-9)] * len(network.cost),
        constraints=[
            {"type": "ineq", "fun": slack},
            {"type": "ineq", "fun": lambda x: level - network.budget @ x},
        ],
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )
    # SLSQP may stop at the optimum without calling it a success
    feasible = slack(best.x).min() > -1e-8 and network.budget @ best.x <= level + 1e-8
    return best.fun if feasible else None


@pytest.mark.parametrize("seed", range(5))
def test_a_general_solver_finds_the_same_value(seed):
    setting = random_setting(seed, components=3, group=2)
    bound = pairwise_bound(setting, 0.3)
    if bound.attainable:
        other = by_a_general_solver(setting, 0.3)
        assert other is not None
        assert bound.spatial_error == pytest.approx(other, abs=2e-6)
        assert bound.spatial_error <= other + 1e-9


@pytest.mark.parametrize("name", ["orientation-texture", "rotating-bump"])
def test_never_below_theorem_2(name):
    setting = catalogue.defaults()[name]
    bound = pairwise_bound(setting, LEVELS)
    assert (bound.spatial_error >= two_class_bound(setting, LEVELS) - 1e-7).all()


def test_one_pair_and_no_attack_is_the_bayes_error():
    means = np.array([[1.0, 0.2], [-1.0, 0.0]])
    setting = Setting(GaussianMixture(means, [1, 0]), Transformations([[0, 1]]), 0.0)
    bound = pairwise_bound(setting, LEVELS)
    bayes = ndtr(-np.linalg.norm(means[0] - means[1]) / 2)
    assert np.array_equal(bound.attainable, bayes <= LEVELS)
    assert np.allclose(bound.spatial_error[bound.attainable], bayes, atol=3e-7)


def test_array_and_scalar_agree_and_keep_their_shape():
    setting = random_setting(1)
    grid = pairwise_bound(setting, LEVELS.reshape(2, 2))
    assert grid.spatial_error.shape == (2, 2)
    single = pairwise_bound(setting, 0.25)
    assert single.spatial_error.shape == ()
    assert single.spatial_error == pytest.approx(grid.spatial_error[1, 0], abs=2e-7)
    assert grid.spatial_accuracy == pytest.approx(1 - grid.spatial_error)


@settings(max_examples=10)
@given(st.integers(0, 1000), st.floats(0.0, 0.5))
def test_a_larger_epsilon_never_lowers_the_bound(seed, more):
    setting = random_setting(seed)
    larger = setting.with_epsilon(setting.epsilon + more)
    low = pairwise_bound(setting, LEVELS).spatial_error
    high = pairwise_bound(larger, LEVELS).spatial_error
    assert (high >= low - 3e-7).all()


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_names_of_labels_order_of_components_and_padding_do_not_matter(seed):
    setting = random_setting(seed, classes=3, components=5)
    reference = pairwise_bound(setting, LEVELS).spatial_error
    relabelled = changed(setting, labels=np.array([7, -2, 30])[setting.mixture.labels])
    padded = changed(
        setting,
        means=np.pad(setting.mixture.means, ((0, 0), (0, 2))),
        permutations=np.array([[*row, 6, 7] for row in setting.transformations.permutations]),
    )
    order = np.random.default_rng(seed).permutation(6)
    renamed = changed(
        setting,
        means=setting.mixture.means[:, order],
        permutations=np.array(
            [np.argsort(order)[row[order]] for row in setting.transformations.permutations]
        ),
    )
    for other in (relabelled, padded, renamed):
        assert np.allclose(pairwise_bound(other, LEVELS).spatial_error, reference, atol=3e-7)


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_the_bound_falls_with_the_error_and_is_convex(seed):
    errors = np.linspace(0.0, 1.0, 9)
    bound = pairwise_bound(random_setting(seed), errors)
    values = bound.spatial_error[bound.attainable]
    assert (np.diff(values) <= 3e-7).all()
    assert (np.diff(values, 2) >= -1e-6).all()
    assert (bound.gap <= 1e-6).all()


@settings(max_examples=20)
@given(st.integers(0, 1000), st.integers(0, 1000))
def test_no_halfspace_beats_it_and_one_beats_a_tighter_bound(seed, direction):
    setting = random_setting(seed)
    rng = np.random.default_rng(direction)
    spatial, adversarial = halfspace_accuracies(setting, rng.normal(size=6), rng.normal())
    bound = pairwise_bound(setting, 1.0 - adversarial)
    assert spatial <= bound.spatial_accuracy + 1e-12


def test_a_bound_one_per_cent_too_tight_is_rejected():
    # the halfspace along the residual attains Theorem 1, so nothing tighter can hold
    setting = Setting(
        GaussianMixture([[1.0, 0.0], [-1.0, 0.0]], [1, 0]), Transformations([[0, 1]]), 0.0
    )
    spatial, adversarial = halfspace_accuracies(setting, [1.0, 0.0], 0.0)
    bound = pairwise_bound(setting, 1.0 - adversarial)
    assert 1.0 - spatial >= bound.spatial_error
    assert 1.0 - spatial < 1.01 * bound.spatial_error


def test_errors_that_no_classifier_reaches_are_named():
    covered = random_setting(2).with_epsilon(50.0)
    bound = pairwise_bound(covered, [0.0, 0.01])
    assert not bound.attainable.any()
    assert (bound.spatial_error == 1.0).all()


def test_errors_below_the_floor_by_less_than_the_tolerance_are_named_too():
    """Five Gaussians almost on top of each other, one of another class and of weight 1e-7."""
    mixture = GaussianMixture(
        [[-0.001], [0.022], [0.049], [-0.207], [0.047]],
        [0, 1, 1, 1, 1],
        np.array([1e-7, 0.12, 1e-7, 0.1, 0.78 - 2e-7]),
        1.3,
    )
    bound = pairwise_bound(Setting(mixture, Transformations([[0]]), 0.0), [1e-9, 2e-8, 0.5])
    assert bound.attainable.tolist() == [False, False, True]
    assert bound.spatial_error[:2].tolist() == [1.0, 1.0]
    assert bound.spatial_accuracy[:2].tolist() == [0.0, 0.0]
    assert (bound.gap <= 1.0 - bound.spatial_error).all()


@pytest.mark.parametrize("error", [-0.1, 1.5])
def test_errors_outside_the_unit_interval(error):
    with pytest.raises(ValueError, match=r"adversarial_error must lie in \[0, 1\], got"):
        pairwise_bound(random_setting(0), error)


def test_bad_error_and_tolerance():
    with pytest.raises(ValueError, match="adversarial_error must be finite, got nan"):
        pairwise_bound(random_setting(0), np.nan)
    with pytest.raises(ValueError, match="tolerance must be finite and > 0, got 0"):
        pairwise_bound(random_setting(0), 0.1, tolerance=0.0)


@pytest.mark.parametrize("seed", range(6))
def test_the_gap_is_true_for_levels_solved_together(seed):
    """No level may borrow a feasible point that spends more than it has."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0.05, 0.95)
    mixture = GaussianMixture(rng.uniform(0, 2, size=(2, 2)), [0, 1], [share, 1 - share])
    setting = Setting(mixture, Transformations([[0, 1], [1, 0]]), 0.5)
    levels = [1.0, 0.5, 0.2, 0.1415, 0.05]
    together = pairwise_bound(setting, levels)
    for level, error, gap in zip(levels, together.spatial_error, together.gap, strict=True):
        alone = pairwise_bound(setting, level)
        assert alone.spatial_error <= error + gap + 1e-9
        assert error <= alone.spatial_error + alone.gap + 1e-9


def test_two_levels_of_unequal_weights():
    mixture = GaussianMixture([[0.3, 0.5], [1.7, 0.9]], [0, 1], [0.14, 0.86])
    setting = Setting(mixture, Transformations([[0, 1], [1, 0]]), 0.5)
    assert pairwise_bound(setting, [1.0, 0.1415]).spatial_error[1] == pytest.approx(
        0.136702, abs=1e-6
    )


def test_the_floor_is_known_relative_to_itself():
    setting = catalogue.defaults()["orientation-texture"]
    least = optimal_adversarial_error(setting)
    assert least < 1e-11
    floor = pairwise_bound(setting, 0.1).floor
    assert floor <= least <= floor * (1 + 2e-6)
    below, above = pairwise_bound(setting, [0.5 * least, 2.0 * least]).attainable
    assert (below, above) == (False, True)


@pytest.mark.parametrize("error", [1e-300, 1e-60, 1e-20, 1e-6, 0.3])
def test_never_weaker_than_the_closed_form_however_small_the_error(error):
    means = np.array([[6.0, 0.1, -5.0, 0.1], [-6.0, -0.1, 5.0, -0.1]]) * 4
    setting = Setting(
        GaussianMixture(means, [1, 0], [0.4, 0.6]), cyclic_shifts(4, [0, 1, 2]), epsilon=0.3
    )
    bound = pairwise_bound(setting, error)
    assert bound.attainable
    assert bound.spatial_error >= two_class_bound(setting, error) * (1 - 2e-12)


def test_an_error_is_rounded_up():
    accuracies = np.random.default_rng(0).random(2000) ** 3
    for accuracy in (*accuracies.tolist(), 0.0, 0.5, 1.0):
        exact = 1 - Fraction(accuracy)
        assert exact <= Fraction(error_of(accuracy)) <= exact + Fraction(2, 10**16)
        if accuracy >= 0.5:
            assert exact == Fraction(error_of(accuracy))


@pytest.mark.parametrize("bound", [pairwise_bound, worst_transformation_bound])
def test_progress_rises_to_the_end(bound):
    """Within a level as well, so that one long programme shows that it lives."""
    calls = []
    setting = random_setting(6, components=8, classes=3)
    bound(setting, [0.6, 0.5, 1e-9], progress=lambda done, total: calls.append((done, total)))
    done, totals = zip(*calls, strict=True)
    assert set(totals) == {400}
    assert list(done) == sorted(done)
    assert {100, 200, 300, 400} <= set(done)
    assert done[-1] == 400
    assert len(set(done)) > 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"adversarial_error": [0.1, 1.5]}, r"^adversarial_error must lie in \[0, 1\], got 1.5"),
        (
            {"adversarial_error": 0.1, "tolerance": -1.0},
            r"^tolerance must be finite and > 0, got -1",
        ),
    ],
)
@pytest.mark.parametrize("bound", [pairwise_bound, worst_transformation_bound])
def test_arguments_are_looked_at_before_the_pairs(bound, arguments, message, monkeypatch):
    monkeypatch.setattr(f"{bound.__module__}.pairwise_constraints", pytest.fail, raising=False)
    monkeypatch.setattr(f"{bound.__module__}._network", pytest.fail, raising=False)
    with pytest.raises(ValueError, match=message):
        bound(random_setting(0), **arguments)
