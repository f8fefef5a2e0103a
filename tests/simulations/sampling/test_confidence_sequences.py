import numpy as np
import pytest

from simulations.estimates import Estimate
from simulations.sampling.confidence_sequences import Side, anytime_interval, decide_crossing
from tests.chance import proportion_at_least


def coin(probability, rng):
    return lambda count: Estimate(int(rng.binomial(count, probability)), count)


@pytest.mark.parametrize("probability", [0.02, 0.5])
def test_few_runs_ever_leave_the_interval(probability):
    rng = np.random.default_rng(51)
    runs, horizon, confidence = 10_000, 1000, 0.9
    paths = np.cumsum(rng.random((runs, horizon)) < probability, axis=1)
    sizes = np.unique(np.geomspace(1, horizon, 40).astype(int))
    inside = np.ones(runs, dtype=bool)
    fixed = np.ones(runs, dtype=bool)
    for n in sizes:
        counts = paths[:, n - 1]
        for k in np.unique(counts):
            chosen = counts == k
            lower, upper = anytime_interval(Estimate(int(k), int(n)), confidence)
            inside[chosen] &= lower <= probability <= upper
            lower, upper = Estimate(int(k), int(n)).interval(confidence)
            fixed[chosen] &= lower <= probability <= upper
    assert proportion_at_least(int(inside.sum()), runs, confidence)
    # an interval for one look is left far too often when looked at forty times
    assert not proportion_at_least(int(fixed.sum()), runs, confidence)


@pytest.mark.parametrize(("successes", "trials"), [(0, 5), (5, 5), (1, 1), (3, 10), (10**6, 10**9)])
def test_the_interval_holds_the_estimate_and_little_else(successes, trials):
    estimate = Estimate(successes, trials)
    lower, upper = anytime_interval(estimate, 0.95)
    assert 0.0 <= lower <= estimate.value <= upper <= 1.0
    exact = estimate.interval(0.95)
    assert lower <= exact[0] + 1e-12
    assert exact[1] <= upper + 1e-12
    assert upper - lower < 3.0 * (exact[1] - exact[0])


def test_symmetry():
    lower, upper = anytime_interval(Estimate(30, 100), 0.95)
    mirrored = anytime_interval(Estimate(70, 100), 0.95)
    assert (1 - upper, 1 - lower) == pytest.approx(mirrored, rel=1e-9)


def curve(adversarial):
    return 1.0 - adversarial / 2.0


@pytest.mark.parametrize(("spatial", "expected"), [(0.62, Side.above), (0.58, Side.below)])
def test_crossings_are_decided(spatial, expected):
    rng = np.random.default_rng(54)
    verdict, S, A = decide_crossing(coin(spatial, rng), coin(0.8, rng), curve, 1 - 1e-9)
    assert verdict is expected
    assert S.trials == A.trials < 100_000


def test_a_point_on_the_curve_stays_undecided():
    rng = np.random.default_rng(55)
    verdict, S, _ = decide_crossing(coin(0.6, rng), coin(0.8, rng), curve, 1 - 1e-9, limit=200_000)
    assert verdict is Side.undecided
    assert S.trials == 200_000


def test_an_easy_decision_takes_few_samples():
    rng = np.random.default_rng(56)
    _, easy, _ = decide_crossing(coin(0.9, rng), coin(0.8, rng), curve, 0.999)
    _, hard, _ = decide_crossing(coin(0.61, rng), coin(0.8, rng), curve, 0.999)
    assert easy.trials == 1000
    assert hard.trials > 10_000


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda draw: decide_crossing(draw, draw, curve, 0.0),
            r"confidence must lie in \(0, 1\), got 0",
        ),
        (
            lambda draw: decide_crossing(draw, draw, curve, 0.9, limit=0),
            "limit must be >= 1, got 0",
        ),
        (
            lambda draw: decide_crossing(lambda n: draw(n + 1), draw, curve, 0.9),
            r"draw_spatial\(1000\) must be of 1000 trials, got 1001",
        ),
        (
            lambda draw: decide_crossing(draw, lambda n: n, curve, 0.9),
            r"draw_adversarial\(1000\) must be a Estimate",
        ),
        (
            lambda draw: decide_crossing(draw, draw, lambda a: float("nan"), 0.9),
            r"curve\(0\.\d+\) must be a real number, got nan",
        ),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(coin(0.5, np.random.default_rng(0)))
