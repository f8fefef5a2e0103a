from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.special import ndtri_exp

from theory import catalogue
from theory.bounds.two_class import invariance_bound, two_class_bound
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.residual.attack import residuals
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

ERRORS = np.array([0.0, 0.01, 0.1, 0.3, 0.5, 0.8])


def skewed(seed=0, share=0.3):
    rng = np.random.default_rng(seed)
    mixture = GaussianMixture(rng.normal(size=(2, 5)), [0, 1], [share, 1 - share])
    permutations = [np.arange(5), rng.permutation(5), rng.permutation(5)]
    return Setting(mixture, Transformations(permutations, [0.5, 0.2, 0.3]), 0.4)


def test_symmetric_formula():
    setting = catalogue.defaults()["rotating-bump"]
    means = setting.mixture.means
    values = residuals(setting.transformed_means[:, 1] - means[0], setting.epsilon, sigma=0.5)
    expected = [
        np.sum(setting.probabilities * gaussian_tradeoff(error, values)) for error in ERRORS
    ]
    assert np.allclose(two_class_bound(setting, ERRORS), expected, rtol=1e-12)


def test_even_split_is_optimal_where_the_symmetric_formula_is_used():
    setting = catalogue.defaults()["rotating-bump"]
    values = residuals(
        setting.transformed_means - setting.mixture.means[::-1], setting.epsilon, sigma=0.5
    )
    for error in (0.1, 0.4):
        for first in np.linspace(max(0, 2 * error - 1), min(1, 2 * error), 41):
            pairs = gaussian_tradeoff(np.array([2 * error - first, first]), values)
            split = float(setting.probabilities @ pairs.mean(axis=1))
            assert split >= two_class_bound(setting, error) - 1e-12


@pytest.mark.parametrize("seed", range(4))
def test_general_split_against_a_fine_grid(seed):
    setting = skewed(seed)
    values = residuals(setting.transformed_means - setting.mixture.means[::-1], 0.4)
    for error in (0.05, 0.2, 0.6):
        firsts = np.linspace(max(0.0, (error - 0.7) / 0.3), min(1.0, error / 0.3), 20001)
        seconds = np.clip((error - 0.3 * firsts) / 0.7, 0, 1)
        curve = 0.3 * gaussian_tradeoff(seconds[:, None], values[:, 0])
        curve += 0.7 * gaussian_tradeoff(firsts[:, None], values[:, 1])
        least = (curve @ setting.probabilities).min()
        assert two_class_bound(setting, error) == pytest.approx(least, abs=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 100), st.integers(0, 100), st.floats(0.1, 0.9))
def test_every_halfspace_obeys_theorem_2(seed, direction, share):
    setting = skewed(seed, share)
    rng = np.random.default_rng(direction)
    spatial, adversarial = halfspace_accuracies(setting, rng.normal(size=5), rng.normal())
    assert 1 - spatial >= two_class_bound(setting, 1 - adversarial) - 1e-12


def test_invariance():
    assert invariance_bound(0.3, 0.1) == pytest.approx(0.8)
    assert invariance_bound(0.0, 0.2) == 1.0
    rng = np.random.default_rng(0)
    for spatial, adversarial in rng.random((200, 2)):
        exact = 1 - Fraction(spatial) + Fraction(adversarial)
        assert min(1, exact) <= Fraction(float(invariance_bound(spatial, adversarial)))


def test_invariance_of_halfspaces_by_simulation():
    setting = skewed(1)
    rng = np.random.default_rng(0)
    normal, offset = rng.normal(size=5), 0.1
    component = (rng.random(100_000) < 0.7).astype(int)
    x = setting.mixture.means[component] + rng.normal(size=(100_000, 5))
    turn = rng.choice(3, size=100_000, p=setting.probabilities)
    moved = setting.transformations.apply(x)[turn, np.arange(100_000)]
    rate = np.mean((x @ normal + offset > 0) == (moved @ normal + offset > 0))
    spatial, adversarial = halfspace_accuracies(setting, normal, offset)
    assert rate <= invariance_bound(1 - spatial, 1 - adversarial) + 0.0112


def test_bad_input():
    with pytest.raises(ValueError, match="setting must have two components, got 8"):
        two_class_bound(catalogue.defaults()["cyclic-code"], 0.1)
    with pytest.raises(ValueError, match=r"adversarial_error must lie in \[0, 1\], got 1.2"):
        two_class_bound(skewed(), 1.2)


def least_split_in_60_digits(setting, error):
    """The minimum over the split, by bisection of its slope in the log odds."""
    w = [mp.mpf(float(weight)) for weight in setting.mixture.weights]
    r = residuals(setting.transformed_means - setting.mixture.means[::-1], setting.epsilon)
    shares = setting.probabilities

    def quantile(a):
        z = -mp.mpf(float(ndtri_exp(float(mp.log(a)))))
        for _ in range(5):
            z += (mp.ncdf(-z) - a) / mp.npdf(z)
        return z

    def side(a, values):
        if a == 0:
            return mp.mpf(1), mp.inf
        z = quantile(a) if a < 1 else -mp.inf
        pairs = [(mp.mpf(float(s)), mp.mpf(float(x))) for s, x in zip(shares, values, strict=True)]
        value = sum(s * mp.ncdf(z - x) for s, x in pairs)
        return value, sum(s * (mp.exp(x * z - x * x / 2) if x else 1) for s, x in pairs)

    def at(u):
        s = 1 / (1 + mp.exp(-u))
        a, b = min(1, error / w[0] * s), min(1, error / w[1] * (1 - s))
        (fall_value, fall), (rise_value, rise) = side(b, r[:, 0]), side(a, r[:, 1])
        return w[0] * fall_value + w[1] * rise_value, w[0] ** 2 * fall - w[1] ** 2 * rise

    with mp.workdps(60):
        error = mp.mpf(error)
        low = -mp.log(w[1] / (error - w[1])) if error > w[1] else mp.mpf(-750)
        high = mp.log(w[0] / (error - w[0])) if error > w[0] else mp.mpf(750)
        ends = [at(low)[0], at(high)[0]]
        for _ in range(220):
            middle = (low + high) / 2
            low, high = (low, middle) if at(middle)[1] > 0 else (middle, high)
        return min(at((low + high) / 2)[0], *ends)


@pytest.mark.parametrize("error", [1e-300, 1e-60, 1e-15, 1e-6, 0.01, 0.7])
@pytest.mark.parametrize("share", [0.03, 0.3, 0.9])
def test_the_minimum_is_that_of_60_digits_from_below(error, share):
    setting = skewed(3, share)
    least = least_split_in_60_digits(setting, error)
    found = two_class_bound(setting, error)
    assert found <= least
    assert float(least - mp.mpf(float(found))) <= 1e-9 * float(least)


def test_every_error_and_weight_is_valid_input():
    rng = np.random.default_rng(5)
    for share in rng.uniform(0.001, 0.999, 300):
        bound = two_class_bound(skewed(0, share), [0.0, 5e-324, 1e-15, 0.5, 1.0 - 2**-53, 1.0])
        assert bound[0] == 1.0
        assert (np.diff(bound) <= 1e-12).all()
        assert bound[-1] == 0.0


def test_invariance_is_a_probability_and_refuses_what_is_none():
    with pytest.raises(ValueError, match=r"spatial_error must lie in \[0, 1\], got 2"):
        invariance_bound(2.0, 0.1)
    with pytest.raises(ValueError, match=r"^spatial_error and adversarial_error must broadcast, g"):
        invariance_bound([0.1, 0.2], [0.1, 0.2, 0.3])
    assert (invariance_bound([0.0, 1.0], [[0.0], [1.0]]) == [[1.0, 0.0], [1.0, 1.0]]).all()
