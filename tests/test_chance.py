import numpy as np

from tests.chance import (
    converges_like,
    follows,
    has_covariance,
    proportion_agrees,
    proportion_at_least,
    same_law,
    same_proportion,
)

RNG = np.random.default_rng(61)


def test_proportions():
    assert proportion_agrees(5000, 10_000, 0.5)
    assert not proportion_agrees(5400, 10_000, 0.5)
    assert proportion_at_least(4900, 10_000, 0.5)
    assert proportion_at_least(9000, 10_000, 0.5)
    assert not proportion_at_least(4600, 10_000, 0.5)
    assert same_proportion((500, 1000), (5200, 10_000))
    assert not same_proportion((500, 1000), (7500, 10_000))


def test_laws():
    sample, other = RNG.normal(1.0, 2.0, size=(2, 20_000))
    assert follows(sample, 1.0, 2.0)
    assert not follows(sample, 1.2, 2.0)
    assert not follows(sample, 1.0, 2.3)
    assert same_law(sample, other)
    assert not same_law(sample, other + 0.2)


def test_covariances():
    covariance = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.3], [0.0, -0.3, 0.7]])
    sample = RNG.multivariate_normal([1.0, 2.0, 3.0], covariance, size=20_000)
    assert has_covariance(sample, covariance)
    for i, j in ((0, 0), (0, 1), (0, 2)):
        wrong = covariance.copy()
        wrong[i, j] = wrong[j, i] = wrong[i, j] + 0.15
        assert not has_covariance(sample, wrong)


def test_levels_are_kept():
    alarms = sum(
        not has_covariance(RNG.normal(size=(500, 2)), np.eye(2), level=0.05) for _ in range(1000)
    )
    assert proportion_at_least(1000 - alarms, 1000, 0.93)
    alarms = sum(not follows(RNG.normal(size=200), 0.0, 1.0, level=0.05) for _ in range(1000))
    assert proportion_agrees(alarms, 1000, 0.05)


def test_rates():
    sizes = [10, 100, 1000]
    assert converges_like(sizes, [1.0, 0.1, 0.01], -1.0, 0.1)
    assert not converges_like(sizes, [1.0, 0.3, 0.1], -1.0, 0.1)
