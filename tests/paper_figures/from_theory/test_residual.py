import numpy as np
import pytest

from paper_figures.from_theory import residual
from theory.residual.attack import attack_residual

NAMES = ["mean of a class", "its turn", "turn − other mean", "attack removes", "left"]


@pytest.fixture(scope="module")
def setting():
    return residual.setting()


@pytest.fixture(scope="module")
def axes():
    return residual.draw().axes[: len(NAMES)]


def images(axes):
    return [np.asarray(place.images[0].get_array()) for place in axes]


def test_panels_are_the_setting_and_its_attack(axes, setting):
    assert [place.get_title(loc="left") for place in axes] == NAMES
    pattern, turn, difference, removed, left = images(axes)
    other = setting.mixture.means[0].reshape(pattern.shape)
    np.testing.assert_array_equal(pattern.ravel(), setting.mixture.means[1])
    assert any(np.array_equal(turn, np.rot90(pattern, k)) for k in (1, 2, 3))
    np.testing.assert_array_equal(difference, turn - other)
    found = attack_residual(difference.ravel(), setting.epsilon, sigma=setting.mixture.sigma)
    np.testing.assert_array_equal(removed.ravel(), found.perturbation)
    np.testing.assert_array_equal(left, difference - removed)
    assert np.abs(removed).max() <= setting.epsilon


def test_the_turn_is_the_one_that_leaves_least(axes, setting):
    left = np.linalg.norm(images(axes)[-1]) / setting.mixture.sigma
    others = [
        attack_residual(moved - setting.mixture.means[0], setting.epsilon, **setting.mixture.spread)
        for moved in setting.transformed_means[:, 1]
    ]
    assert left == pytest.approx(min(other.value for other in others), rel=1e-12)
    # the texture alone is left: 2 eta - eps in each of 256 pixels (THEORY.md, section 9.2)
    assert left == pytest.approx((2 * residual.ETA - residual.EPSILON) * 16 / residual.SIGMA)


def test_norms_stand_below_and_colours_are_common_and_symmetric(axes, setting):
    shown = images(axes)
    largest = max(np.abs(image).max() for image in shown)
    for place, image in zip(axes, shown, strict=True):
        euclidean, greatest = place.get_xlabel().split("\n")
        norm = np.linalg.norm(image) / setting.mixture.sigma
        assert float(euclidean.split()[2]) == pytest.approx(norm, abs=0.005)
        assert float(greatest.split()[2]) == pytest.approx(np.abs(image).max(), abs=0.005)
        assert place.images[0].get_clim() == (-largest, largest)


def test_the_caption_tells_what_is_left_with_the_turn_and_without():
    said = residual.caption().see
    assert "3.20 of 8.00 deviations" in said
    mixture = residual.setting().mixture
    kept = np.maximum(np.abs(mixture.means[1] - mixture.means[0]) - residual.EPSILON, 0.0)
    assert f"leaves {np.linalg.norm(kept) / residual.SIGMA:.2f} of" in said
