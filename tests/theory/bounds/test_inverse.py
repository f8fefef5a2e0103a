import numpy as np
import pytest
from scipy.special import ndtri

from theory import catalogue
from theory.bounds.inverse import _enclose, max_epsilon, min_texture
from theory.bounds.pairwise import pairwise_bound
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

PATTERN = np.kron([[1.0, -1.0], [-1.0, -1.0]], np.ones((2, 2)))


def textured(eta):
    return catalogue.orientation_texture(PATTERN, alpha=0.5, eta=eta, sigma=0.4, epsilon=0.1)


def test_the_radius_is_where_the_bound_starts_to_exclude():
    setting = textured(0.3)
    radius = max_epsilon(setting, spatial_accuracy=0.85, adversarial_accuracy=0.85)
    assert 0.0 < radius < 1.0
    for factor, possible in ((0.99, True), (1.01, False)):
        bound = pairwise_bound(setting.with_epsilon(factor * radius), 0.15)
        assert (bound.spatial_accuracy >= 0.85) == possible


def test_one_pair_in_closed_form():
    # Phi(1 - epsilon) is the best adversarial accuracy: 1/2 is lost beyond epsilon = 1
    mixture = GaussianMixture([[1.0], [-1.0]], [1, 0])
    setting = Setting(mixture, Transformations([[0]]), 0.0)
    radius = max_epsilon(setting, spatial_accuracy=0.5, adversarial_accuracy=0.5001)
    assert radius == pytest.approx(1.0, abs=1e-3)


def test_the_texture_is_where_the_bound_stops_to_exclude():
    eta = min_texture(textured, spatial_accuracy=0.9, adversarial_accuracy=0.9)
    assert 0.05 < eta < 5.0
    assert pairwise_bound(textured(0.99 * eta), 0.1).spatial_accuracy < 0.9
    assert pairwise_bound(textured(1.01 * eta), 0.1).spatial_accuracy >= 0.9


def test_ends():
    setting = textured(0.3)
    assert max_epsilon(setting, spatial_accuracy=1.0, adversarial_accuracy=1.0) == 0.0
    found = max_epsilon(setting, spatial_accuracy=0.2, adversarial_accuracy=0.2)
    assert found == float("inf")
    assert min_texture(textured, spatial_accuracy=0.2, adversarial_accuracy=0.2) == 0.0
    # nobody has that adversarial accuracy, whatever the spatial one
    hidden = [
        max_epsilon(setting, spatial_accuracy=s, adversarial_accuracy=0.999) for s in (0.0, 1e-9)
    ]
    assert hidden[0] == hidden[1] < float("inf")
    with pytest.raises(ValueError, match=r"spatial_accuracy must lie in \[0, 1\], got 2"):
        max_epsilon(setting, spatial_accuracy=2.0, adversarial_accuracy=0.5)
    with pytest.raises(ValueError, match="limit must be finite and > 0, got 0"):
        max_epsilon(setting, spatial_accuracy=0.9, adversarial_accuracy=0.9, limit=0.0)
    with pytest.raises(ValueError, match=r"^build must be callable, got 0.5$"):
        min_texture(0.5, spatial_accuracy=0.9, adversarial_accuracy=0.9)
    with pytest.raises(ValueError, match=r"^build\(eta\) must be a Setting, got 0.0$"):
        min_texture(lambda eta: eta, spatial_accuracy=0.9, adversarial_accuracy=0.9)


def pair(eta, sigma=1.0, epsilon=0.0):
    mixture = GaussianMixture([[eta], [-eta]], [1, 0], sigma=sigma)
    return Setting(mixture, Transformations([[0]]), epsilon)


def test_the_search_ends_at_neighbouring_doubles():
    for answer in (1e-300, 1.0 / 3.0, 7.0, 1e300):
        low, high = _enclose(lambda x, answer=answer: x >= answer, 1e-310, 1.7e308, 1e-300)
        assert (low, high) == (np.nextafter(answer, 0.0), answer)
    assert _enclose(lambda x: x >= 2.0, 1e-24, 1.0, 0.1) == (1.0, np.inf)
    assert _enclose(lambda x: x > 0.0, 1e-24, 1.0, 0.1) == (0.0, 1e-24)


@pytest.mark.parametrize("tolerance", [0.9, 100.0])
def test_a_wide_tolerance_ends_on_the_sound_side(tolerance):
    """Phi(eta - epsilon) is the best adversarial accuracy."""
    exact = ndtri(0.9)
    radius = max_epsilon(
        pair(3.0), spatial_accuracy=0.5, adversarial_accuracy=0.9, tolerance=tolerance
    )
    assert 3.0 - exact <= radius <= 6.1
    eta = min_texture(pair, spatial_accuracy=0.5, adversarial_accuracy=0.9, tolerance=tolerance)
    assert 0.0 <= eta <= exact
    if tolerance < 1.0:
        assert radius <= (3.0 - exact) / (1.0 - tolerance)
        assert eta >= exact * (1.0 - tolerance)


def test_a_far_component_does_not_blunt_the_radius():
    """The least length that matters is that of the noise, not that of the means."""
    means = [[1.0, 0.0], [-1.0, 0.0], [0.0, 1e25]]
    radius = max_epsilon(
        Setting(GaussianMixture(means, [1, 0, 1]), Transformations([[0, 1]]), 0.0),
        spatial_accuracy=0.5,
        adversarial_accuracy=2 / 3 + 0.5 / 3,
    )
    # of the two near components each errs in a quarter
    assert radius == pytest.approx(1.0 - ndtri(0.75), rel=1e-3)


def test_means_near_the_largest_double():
    radius = max_epsilon(pair(8e307, 1e307), spatial_accuracy=0.5, adversarial_accuracy=0.5001)
    assert radius == pytest.approx(8e307, rel=1e-3)
