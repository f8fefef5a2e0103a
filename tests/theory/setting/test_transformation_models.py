"""Admissible matrices, the model of rotated means, and why other matrices are refused."""

import numpy as np
import pytest
from scipy.special import ndtri

from theory.bounds.pairwise import pairwise_bound
from theory.bounds.two_class import two_class_bound
from theory.confidence import lower_limit
from theory.residual.attack import attack_residual
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformation_models import RotatedMeans, permutation_matrices
from theory.setting.transformations import Transformations

CENTRE = np.eye(3) - 1 / 3  # takes from an image what all its pixels share
SHIFT = np.roll(np.eye(4), 1, axis=0)


def test_permutation_matrices_are_permutations() -> None:
    turns = permutation_matrices([np.eye(4), SHIFT], [0.25, 0.75])
    assert isinstance(turns, Transformations)
    x = np.arange(4.0)
    assert (turns.apply(x) == [x, SHIFT @ x]).all()
    assert turns.probabilities.tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("matrix", "found"),
    [
        ([[0.8, 0.6], [-0.6, 0.8]], "entry 0.8"),
        ([[-1.0, 0.0], [0.0, 1.0]], "entry -1"),
        ([[1.0, 0.0], [1.0, 0.0]], "a row or column not of sum 1"),
        ([[0.0, 0.0], [0.0, 1.0]], "a row or column not of sum 1"),
    ],
)
def test_other_matrices_are_refused_with_the_reason(matrix: list[list[float]], found: str) -> None:
    with pytest.raises(
        ValueError,
        match=rf"^matrices\[1\] must be a permutation matrix, got {found}; it would change the "
        r"noise, .* RotatedMeans\(matrices\) rotates the mean and then adds the noise$",
    ):
        permutation_matrices([np.eye(2), matrix])


def test_rotated_means_agree_with_permutations() -> None:
    rng = np.random.default_rng(5)
    mixture = GaussianMixture(rng.normal(size=(3, 4)), [0, 1, 1], sigma=0.7)
    matrices = [np.eye(4), SHIFT, SHIFT @ SHIFT]
    exact = Setting(mixture, permutation_matrices(matrices), 0.2)
    model = Setting(mixture, RotatedMeans(matrices), 0.2)
    assert np.allclose(exact.transformed_means, model.transformed_means, atol=1e-15)
    levels = [0.05, 0.2]
    assert pairwise_bound(model, levels).spatial_error == pytest.approx(
        pairwise_bound(exact, levels).spatial_error, abs=1e-9
    )


def test_rotated_means_allow_any_matrix_and_covariance() -> None:
    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    mixture = GaussianMixture([[1.0, 0.5], [-1.0, 0.0]], [0, 1], covariance=np.diag([1.0, 4.0]))
    setting = Setting(mixture, RotatedMeans([np.eye(2), turn, 0.5 * turn]), 0.1)
    assert setting.transformed_means.shape == (3, 2, 2)
    assert np.allclose(setting.transformed_means[1, 0], turn @ [1.0, 0.5])
    assert setting.with_epsilon(0.2).epsilon == 0.2
    assert repr(setting.transformation_model) == "RotatedMeans(3 matrices in dimension 2)"


def test_symmetric_form_of_theorem_2_is_not_used() -> None:
    """A matrix and its inverse, equally likely, with residuals that differ: no symmetry."""
    stretch = np.diag([2.0, 0.5])
    model = RotatedMeans([stretch, np.linalg.inv(stretch)])
    assert not model.closed_under_inversion
    mixture = GaussianMixture([[1.0, 1.0], [-1.0, 0.5]], [1, 0])
    setting = Setting(mixture, model, 0.3)
    plus, minus = mixture.means
    forward = attack_residual(stretch @ plus - minus, 0.3).value
    back = attack_residual(np.linalg.inv(stretch) @ minus - plus, 0.3).value
    assert abs(forward - back) > 0.1
    pairwise = pairwise_bound(setting, 0.1).spatial_error
    assert two_class_bound(setting, 0.1) <= pairwise + 1e-6


def test_theorem_is_false_for_a_matrix_that_changes_the_noise() -> None:
    """X -> -X/2 swaps the classes and halves the noise; a classifier sees the noise.

    Were Theorem 1 to hold, the probits of the two accuracies would sum to at most the residual.
    """
    d, size, epsilon, count = 400, 2.5, 0.01, 4000
    mean = np.full(d, size / np.sqrt(d))
    residual = attack_residual(-0.5 * mean + mean, epsilon).value
    rng = np.random.default_rng(2)

    def vote(x: np.ndarray, slack: float) -> np.ndarray:
        """Vote for +, by a margin that no attack of this size in l_inf undoes."""
        turned = np.linalg.norm(x, axis=1) < 0.75 * np.sqrt(d)
        return np.where(turned, -1.0, 1.0) * (x @ mean) - slack * mean.sum() > 0.0

    plain = mean + rng.normal(size=(count, d))
    # an attack moves the norm by at most epsilon sqrt(d), far from the threshold
    assert (np.linalg.norm(plain, axis=1) - epsilon * np.sqrt(d) > 0.75 * np.sqrt(d)).all()
    adversarial = lower_limit(int(vote(plain, epsilon).sum()), count, 1 - 1e-9)
    spatial = lower_limit(
        int(vote(-0.5 * (mean + rng.normal(size=(count, d))), 0.0).sum()), count, 1 - 1e-9
    )
    assert ndtri(spatial) + ndtri(adversarial) > 2.0 * residual


def test_refused() -> None:
    with pytest.raises(ValueError, match=r"^matrices must have shape \(G, d, d\), got shape"):
        RotatedMeans(np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=r"^matrices must have 3 dimensions, got shape \(2, 2\)$"):
        RotatedMeans(np.eye(2))
    with pytest.raises(ValueError, match=r"^matrices must be finite, got nan$"):
        permutation_matrices([[[np.nan]]])
    with pytest.raises(ValueError, match=r"^probabilities must sum to 1, got sum 2$"):
        RotatedMeans([np.eye(2), np.eye(2)], [1.0, 1.0])
    turns = RotatedMeans([np.diag([1e300, 1.0])])
    with pytest.raises(ValueError, match=r"^g must be <= 0, got 1$"):
        turns.act(1, np.ones(2))
    with pytest.raises(
        ValueError, match=r"^means must stay finite under matrices\[0\], got an over"
    ):
        turns.apply(np.full(2, 1e9))
    mixture = GaussianMixture(np.eye(3), [0, 1, 1])
    with pytest.raises(ValueError, match=r"^transformations must act on dimension 3, .* got 2$"):
        Setting(mixture, RotatedMeans([np.eye(2)]), 0.1)
    with pytest.raises(ValueError, match=r"^transformations must be permutations to act on inpu"):
        _ = Setting(mixture, RotatedMeans([np.eye(3)]), 0.1).transformations


def test_images_that_rounding_moves_are_refused() -> None:
    means = 0.6 * np.eye(3)[:2]
    model = RotatedMeans([CENTRE])
    exact = model.act(0, means)
    for offset, most in ((0.0, 1e-15), (1e6, 1e-8)):
        moved = means + offset
        setting = Setting(GaussianMixture(moved, [0, 1], sigma=0.5), model, 0.1)
        error = np.abs(setting.transformed_means[0] - exact).max()
        assert error <= model.rounding(moved) + 2.0**-53 * 2 * offset <= most
    with pytest.raises(ValueError, match="means must keep their digits under the matrices, got a"):
        Setting(GaussianMixture(means + 1e12, [0, 1], sigma=0.5), model, 0.1)
    narrow = np.diag([1.0, 1.0, 1e-12])
    with pytest.raises(ValueError, match="means must keep their digits"):
        Setting(GaussianMixture(means + 1e4, [0, 1], covariance=narrow), model, 0.1)
