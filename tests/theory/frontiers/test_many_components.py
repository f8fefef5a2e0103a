import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import ndtr
from scipy.stats import binom

from tests.theory.settings import random_setting
from theory.bounds.joint import joint_bound
from theory.confidence import lower_limit
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.frontiers.many_components import (
    joint_bound_of_shifts,
    optimised_joint_bounds,
    optimised_shifts,
)
from theory.setting.setting import GaussianMixture, Setting, images, transform
from theory.setting.transformation_models import RotatedMeans
from theory.setting.transformations import Transformations, quarter_turns

NORMS = {"linf": np.inf, "l2": 2, "l1": 1}


def fresh(seed=0):
    return np.random.default_rng(seed)


def pair(gap, epsilon, norm="linf"):
    mixture = GaussianMixture([[gap / 2, 0.0], [-gap / 2, 0.0]], [1, 0])
    return Setting(mixture, Transformations([[0, 1]]), epsilon, norm)


def strokes(count=24, *, sigma=0.6, epsilon=0.2, norm="linf", unit=1.0, model=None):
    """Images of 4 x 4 pixels in two classes: bright above, bright below, each in its own way."""
    rng = fresh(8)
    pixels = rng.random((count, 4, 4)) ** 2
    labels = np.arange(count) % 2
    pixels[labels == 0, :2] += 0.6
    pixels[labels == 1, 2:] += 0.6
    mixture = GaussianMixture(unit * pixels.reshape(count, 16), labels, sigma=unit * sigma)
    return Setting(mixture, model or quarter_turns(4, [0, 1]), unit * epsilon, norm)


def bayes_rule(setting, weight, shifts, inputs):
    """Return the likeliest labels under the attacked mixture, by the definition (7.1)."""
    mixture, classes = setting.mixture, setting.mixture.classes
    totals = np.zeros((len(inputs), len(classes)))
    for k, label in enumerate(classes):
        for i in np.flatnonzero(mixture.labels == label):
            centres = [*setting.transformed_means[:, i], mixture.means[i] + shifts[i]]
            shares = [*(weight * setting.probabilities), 1.0 - weight]
            for centre, share in zip(centres, shares, strict=True):
                distance = ((inputs - centre) ** 2).sum(axis=1) / mixture.sigma**2
                totals[:, k] += mixture.weights[i] * share * np.exp(-0.5 * distance)
    return classes[totals.argmax(axis=1)]


def accuracy(setting, weight, shifts, count):
    """Return how often that rule is right on the attacked mixture itself."""
    rng = fresh(11)
    inputs, labels = images(setting, count, rng=rng)
    mixture = setting.mixture
    chosen = rng.choice(mixture.components, size=count, p=mixture.weights)
    noise = mixture.sigma * rng.standard_normal(inputs.shape)
    attacked = mixture.means[chosen] + shifts[chosen] + noise
    turned = transform(setting, inputs, rng=rng)
    spatial = rng.random(count) < weight
    given = np.where(spatial[:, None], turned, attacked)
    truth = np.where(spatial, labels, mixture.labels[chosen])
    return int((bayes_rule(setting, weight, shifts, given) == truth).sum())


def test_one_pair_under_attack_alone_is_the_known_optimum():
    bound = optimised_joint_bounds(pair(3.0, 0.5), [0.0], rng=0, samples=1 << 17)[0]
    assert np.abs(bound.shifts[:, 0]) == pytest.approx(0.5, abs=0.02)
    assert ndtr(1.0) - 0.003 < bound.estimate <= bound.upper < ndtr(1.0) + 0.01
    assert bound.upper >= ndtr(1.0)
    assert "confidence limit at 1 - 1e-06" in bound.kind


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_the_bayes_rule_attains_the_limit_on_its_mixture(weight):
    """At weight 1 this is its S: the limit on S alone is exact, whatever the shifts."""
    setting = strokes()
    bound = optimised_joint_bounds(setting, [weight], rng=0, samples=1 << 16)[0]
    right = accuracy(setting, weight, bound.shifts, 100_000)
    assert abs(right / 100_000 - bound.estimate) < 6 * np.sqrt(0.25 / 100_000)
    assert lower_limit(right, 100_000, 1 - 1e-9) <= bound.upper


def test_simulation_rejects_planted_limits():
    """A limit one per cent too low, and one from shifts that leave the ball, are found out."""
    setting = strokes()
    bound = optimised_joint_bounds(setting, [1.0], rng=0, samples=1 << 16)[0]
    right = accuracy(setting, 1.0, bound.shifts, 100_000)
    assert lower_limit(right, 100_000, 1 - 1e-9) > 0.99 * bound.upper
    near, far = pair(3.0, 0.5), pair(3.0, 0.7)
    best = halfspace_frontier(near, 0.0).value[0]
    too_low = optimised_joint_bounds(far, [0.0], rng=0, samples=1 << 15)[0].upper
    assert best > too_low
    with pytest.raises(ValueError, match=r"shifts must have linf norms <= epsilon = 0.5, got 0.7"):
        joint_bound_of_shifts(near, 0.0, [[-0.7, 0.0], [0.7, 0.0]], rng=0)


@settings(max_examples=5)
@given(st.integers(0, 1000), st.integers(0, 1000), st.floats(0.0, 1.0))
def test_no_halfspace_beats_it(seed, direction, weight):
    setting = random_setting(seed)
    rng = fresh(direction)
    spatial, adversarial = halfspace_accuracies(setting, rng.normal(size=6), rng.normal())
    bound = optimised_joint_bounds(setting, [weight], rng=rng, samples=1 << 13, steps=20)[0]
    assert weight * spatial + (1 - weight) * adversarial <= bound.upper


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("norm", NORMS)
def test_few_components_agree_with_the_joint_bound(weight, norm):
    setting = strokes(6, norm=norm, epsilon={"linf": 0.2, "l2": 0.6, "l1": 1.2}[norm])
    known = joint_bound(setting, weight, rng=0, samples=1 << 16)
    found = optimised_joint_bounds(setting, [weight], rng=0, samples=1 << 16)[0]
    if weight == 1.0:
        assert found.estimate == pytest.approx(known.estimate, abs=0.003)
    # one good shift for each does as well as weights on the natural ones, or better
    assert found.estimate < known.estimate + 0.005
    assert found.upper - found.estimate < 0.01


def test_searching_beats_where_it_starts():
    setting = strokes(40, sigma=0.8)
    first = optimised_shifts(setting, 0.0, rng=0, steps=0)
    found = optimised_shifts(setting, 0.0, rng=0, steps=60)
    start, end = (
        joint_bound_of_shifts(setting, 0.0, one, rng=1, samples=1 << 15) for one in (first, found)
    )
    assert end.upper < start.estimate - 0.01


def test_weights_are_taken_in_turn_and_returned_in_order():
    setting = strokes()
    calls = []
    bounds = optimised_joint_bounds(
        setting, [1.0, 0.0, 0.5], rng=0, steps=5, samples=4096, confidence=0.97,
        progress=lambda done, total: calls.append((done, total)),
    )  # fmt: skip
    assert [bound.weight for bound in bounds] == [1.0, 0.0, 0.5]
    assert all(bound.confidence == pytest.approx(0.99) for bound in bounds)
    assert all(bound.samples == 4096 for bound in bounds)
    assert calls == sorted(calls)
    assert calls[-1] == (6000, 6000)
    assert bounds[2].estimate <= (bounds[0].upper + bounds[1].upper) / 2


def test_it_goes_on_from_given_shifts():
    setting = strokes()
    kept = optimised_shifts(setting, 0.0, rng=0, steps=3)
    assert (optimised_shifts(setting, 0.0, rng=0, steps=0, start=kept) == kept).all()
    bound = optimised_joint_bounds(setting, [0.0], rng=0, steps=0, samples=4096, start=kept)[0]
    assert (bound.shifts == kept).all()


def test_each_weight_goes_on_from_its_own_shifts_and_tells_what_it_found():
    setting, told = strokes(), []
    starts = {w: optimised_shifts(setting, w, rng=1, steps=2) for w in (0.0, 0.5)}
    options = {"rng": 0, "samples": 1024, "found": lambda *pair: told.append(pair)}
    bounds = optimised_joint_bounds(setting, [0.5, 1.0, 0.0], steps=0, start=starts, **options)
    for bound, weight in zip(bounds, (0.5, 0.5, 0.0), strict=True):
        assert (bound.shifts == starts[weight]).all()
    assert [weight for weight, _ in told] == [0.0, 0.5]
    assert all((shifts == starts[weight]).all() for weight, shifts in told)
    # a weight that has none goes on from those of the weight before
    alone = {0.0: starts[0.0]}
    bounds = optimised_joint_bounds(setting, [0.0, 0.5], steps=0, start=alone, **options)
    assert (bounds[1].shifts == starts[0.0]).all()
    with pytest.raises(ValueError, match=r"weights of start must lie in \[0, 1\], got 2"):
        optimised_joint_bounds(setting, [0.5], start={2.0: starts[0.0]}, **options)
    with pytest.raises(ValueError, match="found must be callable, got 1"):
        optimised_joint_bounds(setting, [0.5], **(options | {"found": 1}))


def test_the_sample_is_not_that_of_a_search_with_the_same_seed(monkeypatch):
    """Shifts that were found on the noise of the limit would make it too low."""
    import theory.frontiers.many_components as module

    seen = []
    known = module.sample_batches
    monkeypatch.setattr(
        module, "sample_batches", lambda *given: seen.append(given[3].random()) or known(*given)
    )
    setting = strokes()
    for _ in range(2):
        joint_bound_of_shifts(setting, 0.5, np.zeros((24, 16)), rng=0, samples=1024)
    assert seen[0] == seen[1] != fresh(0).random()


@pytest.mark.parametrize(("confidence", "least"), [(0.9, 1), (0.5, 10)])
def test_coverage_of_the_limit(confidence, least):
    """A known value lies above the limit in as many of 200 runs as the confidence allows."""
    setting, shifts = pair(2.0, 0.3), np.array([[-0.3, 0.0], [0.3, 0.0]])
    runs = [
        joint_bound_of_shifts(setting, 0.0, shifts, rng=seed, samples=8192, confidence=confidence)
        for seed in range(200)
    ]
    failures = sum(run.upper < ndtr(0.7) for run in runs)
    # the limit is not idle either: some runs do fail
    assert least <= failures <= binom.ppf(1 - 1e-6, 200, 1.0 - confidence)
    assert np.mean([run.estimate for run in runs]) == pytest.approx(ndtr(0.7), abs=1e-3)


@pytest.mark.parametrize("norm", NORMS)
@given(st.integers(0, 1000), st.floats(0.0, 0.99), st.floats(0.0, 3.0))
@settings(max_examples=10, deadline=None)
def test_shifts_stay_in_the_ball(norm, seed, weight, epsilon):
    known = random_setting(seed, components=6, classes=3)
    setting = Setting(known.mixture, known.transformations, epsilon, norm)
    shifts = optimised_shifts(setting, weight, rng=seed, steps=6)
    assert shifts.shape == known.mixture.means.shape
    assert (np.linalg.norm(shifts, ord=NORMS[norm], axis=1) <= epsilon).all()


@pytest.mark.parametrize("norm", NORMS)
def test_units_change_nothing(norm):
    one = strokes(norm=norm)
    other = strokes(norm=norm, unit=2.0**40)
    bounds = [
        optimised_joint_bounds(setting, [0.5], rng=0, steps=10, samples=4096)[0]
        for setting in (one, other)
    ]
    assert bounds[0].upper == bounds[1].upper
    assert (np.ldexp(bounds[0].shifts, 40) == bounds[1].shifts).all()
    third = optimised_joint_bounds(strokes(norm=norm, unit=0.3), [0.5], rng=0, steps=10)[0]
    assert third.estimate == pytest.approx(bounds[0].estimate, abs=0.02)


def test_rotations_by_any_angle():
    """Means turned by matrices; those of a permutation give what the permutation gives."""
    turns = quarter_turns(4, [0, 1])
    matrices = np.eye(16)[turns.permutations]
    by_rows, by_matrix = strokes(), strokes(model=RotatedMeans(matrices))
    shifts = optimised_shifts(by_rows, 0.5, rng=0, steps=4)
    same = [
        joint_bound_of_shifts(setting, 0.5, shifts, rng=0, samples=4096)
        for setting in (by_rows, by_matrix)
    ]
    assert same[0].estimate == pytest.approx(same[1].estimate, abs=1e-9)
    blurred = strokes(model=RotatedMeans([np.eye(16), 0.5 * (matrices[0] + matrices[1])]))
    bound = optimised_joint_bounds(blurred, [0.5], rng=0, steps=10, samples=4096)[0]
    assert 0.5 < bound.upper < 1.0


def test_a_transformation_without_mass_is_left_out():
    model = Transformations(quarter_turns(4, [0, 1]).permutations, [1.0, 0.0])
    plain, with_idle = strokes(model=quarter_turns(4, [0])), strokes(model=model)
    bounds = [
        optimised_joint_bounds(one, [0.5], rng=0, steps=3, samples=4096)[0].upper
        for one in (plain, with_idle)
    ]
    assert bounds[0] == bounds[1]


def test_more_shifts_for_a_component_are_copies_of_it():
    """Twice the same mean at half the weight is the same setting, with two shifts for it."""
    setting = strokes()
    mixture = setting.mixture
    doubled = Setting(
        GaussianMixture(
            np.repeat(mixture.means, 2, axis=0), np.repeat(mixture.labels, 2), sigma=mixture.sigma
        ),
        setting.transformations,
        setting.epsilon,
    )
    shifts = optimised_shifts(setting, 0.3, rng=0, steps=5)
    one = joint_bound_of_shifts(setting, 0.3, shifts, rng=0, samples=4096)
    two = joint_bound_of_shifts(doubled, 0.3, np.repeat(shifts, 2, axis=0), rng=0, samples=4096)
    assert one.estimate == pytest.approx(two.estimate, abs=0.01)


def test_components_far_apart_are_told_apart():
    mixture = GaussianMixture([[0.0, 0.0], [1e9, 0.0], [0.0, 1e100]], [0, 1, 1], sigma=1.0)
    setting = Setting(mixture, Transformations([[0, 1]]), 1.0)
    bound = optimised_joint_bounds(setting, [0.0], rng=0, samples=1024)[0]
    assert bound.upper == 1.0
    assert np.isfinite(bound.shifts).all()


def test_a_ball_that_holds_everything_leaves_a_coin():
    bound = optimised_joint_bounds(pair(3.0, 1e6), [0.0], rng=0, samples=1 << 14)[0]
    assert bound.estimate == pytest.approx(0.5, abs=0.02)


def test_bad_input():
    setting = strokes()
    with pytest.raises(ValueError, match=r"weights must lie in \[0, 1\], got 1.5"):
        optimised_joint_bounds(setting, [1.5], rng=0)
    with pytest.raises(ValueError, match="samples must be >= 1024, got 10"):
        joint_bound_of_shifts(setting, 0.5, np.zeros((24, 16)), rng=0, samples=10)
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 1.0"):
        optimised_joint_bounds(setting, [0.5], rng=0, confidence=1.0)
    with pytest.raises(ValueError, match="steps must be >= 0, got -1"):
        optimised_shifts(setting, 0.5, rng=0, steps=-1)
    with pytest.raises(ValueError, match=r"start must have shape \(24, 16\), got shape \(3, 16\)"):
        optimised_shifts(setting, 0.5, rng=0, start=np.zeros((3, 16)))
    with pytest.raises(ValueError, match="setting must be a Setting, got 3"):
        optimised_joint_bounds(3, [0.5], rng=0)
    spread = GaussianMixture(np.eye(2), [0, 1], covariance=np.eye(2))
    general = Setting(spread, Transformations([[0, 1]]), 0.1)
    with pytest.raises(ValueError, match="setting must have noise of one sigma, got a covariance"):
        optimised_joint_bounds(general, [0.5], rng=0)


def digits(count=5, *, norm="linf", epsilon=0.06, unit=1.0, equal=False):
    """Few components of three classes in many dimensions."""
    means = 0.0 if equal else 0.2 * fresh(3).normal(size=(count, 196))
    mixture = GaussianMixture(
        unit * (means + np.zeros((count, 196))), np.arange(count) % 3, sigma=unit
    )
    return Setting(mixture, quarter_turns(14), unit * epsilon, norm)


@pytest.mark.parametrize("norm", NORMS)
def test_few_long_components_are_bounded_in_their_span(norm):
    setting = digits(norm=norm, epsilon={"linf": 0.06, "l2": 0.8, "l1": 3.0}[norm])
    bound = optimised_joint_bounds(setting, [0.5], rng=0, samples=1 << 15)[0]
    # 25 centres about their mean
    assert bound.dimension == 24
    right = accuracy(setting, 0.5, bound.shifts, 30_000)
    assert abs(right / 30_000 - bound.estimate) < 6 * np.sqrt(0.25 / 30_000)
    # what is found in two seconds by weights on many shifts is no better
    assert bound.upper < joint_bound(setting, 0.5, rng=0, samples=1 << 13).upper


def test_few_long_components_without_differences():
    bound = optimised_joint_bounds(digits(equal=True), [0.5], rng=0, samples=1024)[0]
    assert bound.estimate == pytest.approx(0.4)
    assert not optimised_shifts(digits(epsilon=0.0), 0.5, rng=0, steps=2).any()


def test_few_long_components_in_any_unit():
    expected = optimised_joint_bounds(digits(), [0.5], rng=0, steps=10, samples=1024)[0]
    for unit in (2.0**-490, 2.0**490):
        found = optimised_joint_bounds(digits(unit=unit), [0.5], rng=0, steps=10, samples=1024)[0]
        assert found.upper == expected.upper
        assert np.array_equal(found.shifts / unit, expected.shifts)
