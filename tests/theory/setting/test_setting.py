"""Mixtures and settings: defaults, whitening, admissible transformations, bad input."""

import time
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy.special import ndtr

from theory.bounds.joint import joint_bound
from theory.bounds.pairwise import pairwise_bound
from theory.bounds.two_class import two_class_bound
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.residual.attack import residuals
from theory.setting.catalogue import orientation_texture
from theory.setting.setting import GaussianMixture, Setting, images
from theory.setting.transformation_models import RotatedMeans
from theory.setting.transformations import Transformations, cyclic_shifts, quarter_turns

MEANS = np.array([[1.0, 0.0, 0.0, 0.0], [-1.0, 0.5, 0.0, 2.0], [0.0, 0.0, 3.0, 0.0]])


def circulant(*row: float) -> np.ndarray:
    return np.stack([np.roll(row, k) for k in range(len(row))])


def test_mixture_defaults() -> None:
    mixture = GaussianMixture(MEANS, [7, -2, 7])
    assert (mixture.components, mixture.dimension, mixture.sigma) == (3, 4, 1.0)
    assert mixture.classes.tolist() == [-2, 7]
    assert mixture.weights.tolist() == [1 / 3] * 3
    assert mixture.covariance is None


def test_whitening_makes_mahalanobis_norms() -> None:
    covariance = circulant(2.0, 0.5, 0.1, 0.5)
    mixture = GaussianMixture(MEANS, [0, 1, 1], covariance=covariance)
    x = np.random.default_rng(3).normal(size=(5, 2, 4))
    expected = np.einsum("...i,ij,...j->...", x, np.linalg.inv(covariance), x)
    assert np.allclose((mixture.whiten(x) ** 2).sum(axis=-1), expected, rtol=1e-12)
    isotropic = GaussianMixture(MEANS, [0, 1, 1], sigma=2.0)
    assert (isotropic.whiten(x) == x / 2.0).all()
    with pytest.raises(ValueError, match=r"^x must have shape \(\.\.\., 4\), got shape \(3,\)$"):
        mixture.whiten(np.ones(3))
    fine = GaussianMixture(MEANS, [0, 1, 1], sigma=1e-9)
    with pytest.raises(ValueError, match=r"^x must be finite in units of the noise, got 1e\+300$"):
        fine.whiten(np.full(4, 1e300))


def test_setting_rotates_means() -> None:
    setting = Setting(
        GaussianMixture(MEANS, [0, 1, 1]), cyclic_shifts(4, [0, 1], [0.25, 0.75]), 0.1
    )
    assert setting.transformed_means.shape == (2, 3, 4)
    assert (setting.transformed_means[1] == np.roll(MEANS, 1, axis=1)).all()
    assert setting.probabilities.tolist() == [0.25, 0.75]
    wider = setting.with_epsilon(0.3)
    assert (wider.epsilon, wider.norm, wider.name) == (0.3, "linf", "custom")
    assert setting.epsilon == 0.1


def test_covariance_must_be_invariant() -> None:
    shifts = cyclic_shifts(4, [0, 1])
    Setting(GaussianMixture(MEANS, [0, 1, 1], covariance=circulant(2, 0.5, 0.1, 0.5)), shifts, 0.1)
    diagonal = GaussianMixture(MEANS, [0, 1, 1], covariance=np.diag([1.0, 2.0, 1.0, 2.0]))
    Setting(diagonal, cyclic_shifts(4, [0, 2]), 0.1)
    with pytest.raises(
        ValueError,
        match=r"^transformations\[1\] must leave the covariance unchanged, got a change of 0\.79",
    ):
        Setting(diagonal, shifts, 0.1)


def test_one_line_descriptions() -> None:
    setting = Setting(GaussianMixture(MEANS, [0, 1, 1]), cyclic_shifts(4, [0, 1]), 0.1, name="a")
    assert repr(setting) == (
        "Setting('a', GaussianMixture(3 components of 2 classes in dimension 4, sigma=1), "
        "Transformations(2 permutations in dimension 4), epsilon=0.1 in linf)"
    )
    correlated = GaussianMixture(MEANS, [0, 1, 1], covariance=np.eye(4))
    assert repr(correlated).endswith("in dimension 4, general covariance)")


def test_settings_cannot_be_changed() -> None:
    setting = Setting(GaussianMixture(MEANS, [0, 1, 1]), cyclic_shifts(4, [0, 1]), 0.1)
    with pytest.raises(FrozenInstanceError):
        setting.epsilon = 0.2  # type: ignore[misc]
    for array in (setting.mixture.means, setting.transformed_means, setting.mixture.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"means": [1.0, 2.0]}, r"^means must have 2 dimensions, got shape \(2,\)$"),
        ({"means": np.empty((2, 0))}, r"^means must not be empty, got shape \(2, 0\)$"),
        ({"means": [[np.nan], [1.0]]}, r"^means must be finite, got nan$"),
        (
            {"means": [[1.5e308], [-1.5e308]]},
            r"^means must differ by at most 1\.8e\+308, got -1\.5e\+308 and 1\.5e\+308$",
        ),
        ({"labels": [0, 1, 2]}, r"^labels must have shape \(2,\), got shape \(3,\)$"),
        ({"labels": [0.0, 1.0]}, r"^labels must be an array of integers, got dtype float64$"),
        ({"labels": [3, 3]}, r"^labels must name at least two classes, got only 3$"),
        ({"weights": [1.0, 0.0]}, r"^weights must be > 0, got 0; leave the component out$"),
        ({"weights": [1.0, 1.0]}, r"^weights must sum to 1, got sum 2$"),
        ({"sigma": 0.0}, r"^sigma must be finite and > 0, got 0$"),
        (
            {"sigma": 2.0, "covariance": np.eye(2)},
            r"^sigma must be left out when covariance is given, got 2$",
        ),
        ({"covariance": np.eye(3)}, r"^covariance must have shape \(2, 2\), got shape \(3, 3\)$"),
        ({"covariance": [[1.0, 0.5], [0.4, 1.0]]}, r"^covariance must be symmetric, got"),
        (
            {"covariance": [[1.0, 0.0], [0.0, 1e13]]},
            r"^covariance must have a condition number <= 1e\+12, got 1.0e\+13; add noise to every",
        ),
        (
            {"covariance": [[1.0, 2.0], [2.0, 1.0]]},
            r"^covariance must be positive definite, got least eigenvalue -1$",
        ),
    ],
)
def test_mixture_refused(arguments: dict[str, object], message: str) -> None:
    good: dict[str, object] = {"means": [[1.0, 0.0], [0.0, 1.0]], "labels": [0, 1]}
    with pytest.raises(ValueError, match=message):
        GaussianMixture(**{**good, **arguments})  # type: ignore[arg-type]


def test_setting_refused() -> None:
    mixture = GaussianMixture(MEANS, [0, 1, 1])
    shifts = cyclic_shifts(4, [0])
    with pytest.raises(ValueError, match=r"^transformations must act on dimension 4, .* got 2$"):
        Setting(mixture, Transformations([[0, 1]]), 0.1)
    with pytest.raises(ValueError, match=r"^epsilon must be >= 0, got -0.1$"):
        Setting(mixture, shifts, -0.1)
    with pytest.raises(ValueError, match=r"^norm must be one of linf, l2, l1, got 'l3'$"):
        Setting(mixture, shifts, 0.1, "l3")
    with pytest.raises(ValueError, match=r"^epsilon must be >= 0, got -1$"):
        Setting(mixture, shifts, 0.1).with_epsilon(-1)
    with pytest.raises(
        ValueError, match=r"^means must stay finite under matrices\[0\], got an over"
    ):
        Setting(mixture, RotatedMeans([np.full((4, 4), 1e308)]), 0.1)
    grown = RotatedMeans([np.diag([1e308, 1e308, 1.0, 1.0])])
    with pytest.raises(ValueError, match=r"^transformed means must differ by at most 1\.8e\+308"):
        Setting(mixture, grown, 0.1)
    with pytest.raises(ValueError, match=r"^image_shape must have 4 pixels, got \(2, 3\)$"):
        Setting(mixture, shifts, 0.1, image_shape=(2, 3))
    with pytest.raises(ValueError, match=r"^image_shape must be integers, got 4$"):
        Setting(mixture, shifts, 0.1, image_shape=4)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"^name must be a string, got None$"):
        Setting(mixture, shifts, 0.1, name=None)  # type: ignore[arg-type]


def test_a_change_of_weak_noise_is_seen_in_its_own_metric():
    """Far below the largest entry of the covariance, and plain to a likelihood classifier."""
    v = 1.02e-12
    variances = np.concatenate([[1.0], np.full(400, v), np.full(400, 1.95 * v)])
    swap = np.concatenate([[0], np.arange(401, 801), np.arange(1, 401)])
    mixture = GaussianMixture(
        np.stack([np.zeros(801), np.ones(801)]), [0, 1], covariance=np.diag(variances)
    )
    with pytest.raises(
        ValueError, match=r"transformations\[1\] must leave the covariance unchanged"
    ):
        Setting(mixture, Transformations([np.arange(801), swap]), 0.1)


def test_what_is_left_of_a_violation_is_carried_into_the_bounds():
    means, change = np.array([[1.0, -1.0], [-1.0, 1.0]]), 2e-8
    swap = Transformations([[0, 1], [1, 0]])
    exact = Setting(GaussianMixture(means, [0, 1], covariance=np.diag([2.0, 2.0])), swap, 0.1)
    nearly = Setting(
        GaussianMixture(means, [0, 1], covariance=np.diag([2.0, 2.0 + 2.0 * change])), swap, 0.1
    )
    assert exact.invariance_defect == 0.0
    # two eigenvalues of +-change, seen by one of two transformations
    assert nearly.invariance_defect == pytest.approx(0.5 * change / np.sqrt(2.0), rel=1e-6)
    assert two_class_bound(nearly, 0.2) <= two_class_bound(exact, 0.2)
    assert pairwise_bound(nearly, 0.2).spatial_error <= pairwise_bound(exact, 0.2).spatial_error
    bound = joint_bound(nearly, 1.0, rng=np.random.default_rng(0))
    assert bound.upper >= joint_bound(exact, 1.0, rng=np.random.default_rng(0)).upper


def test_the_symmetry_of_the_residuals_is_not_used_where_the_noise_breaks_it():
    """One side alone would exceed the average of both, which some classifier may attain."""
    means, change = np.array([[5.0, 1.0], [0.0, 0.0]]), 1.2e-6
    variances = np.array([1.0, 1.0 + change])
    for order in ([0, 1], [1, 0]):
        mixture = GaussianMixture(means[:, order], [0, 1], covariance=np.diag(variances))
        setting = Setting(mixture, Transformations([[0, 1], [1, 0]]), 0.0)
        assert setting.closed_under_inversion
        sides = residuals(
            setting.transformed_means - mixture.means[::-1], 0.0, covariance=variances
        )
        average = gaussian_tradeoff(0.01, sides).mean() - setting.invariance_defect
        assert two_class_bound(setting, 0.01) <= average * (1.0 + 1e-12)


def test_what_halfspaces_achieve_holds_for_the_noise_that_is_seen():
    means, variances = np.array([[1.0, -1.0], [-1.0, 1.0]]), np.array([2.0, 2.0 + 1e-6])
    swap = Transformations([[1, 0]])
    setting = Setting(GaussianMixture(means, [1, 0], covariance=np.diag(variances)), swap, 0.1)
    for normal in (np.array([-1.0, 0.1]), np.array([-0.1, 1.0])):
        # the coordinates of the noise are exchanged as well
        deviation = np.sqrt((normal * normal) @ variances[::-1])
        exact = ndtr(normal @ means[0, ::-1] / deviation)
        claimed = halfspace_accuracies(setting, normal, 0.0)[0]
        assert exact - 2.1 * setting.invariance_defect <= claimed <= exact


def test_the_rounding_of_the_metric_is_counted():
    """Two coordinates are exchanged whose variances differ by 1e-10, beside ill noise."""

    def beside(d: int) -> Setting:
        basis = np.linalg.qr(np.random.default_rng(0).normal(size=(d, d)))[0]
        ill = (basis * np.geomspace(2e-12, 1.0, d)) @ basis.T
        covariance = np.diag(np.append(np.zeros(d), [1.0, 1.0 + 1e-10]))
        covariance[:d, :d] = (ill + ill.T) / 2.0
        swap = [*range(d), d + 1, d]
        mixture = GaussianMixture(np.eye(2, d + 2), [0, 1], covariance=covariance)
        return Setting(mixture, Transformations([swap]), 0.1)

    exact = 1e-10 / np.sqrt(2.0)
    assert exact * (1.0 - 1e-6) <= beside(10).invariance_defect <= 1.01 * exact
    with pytest.raises(
        ValueError,
        match=r"^transformations\[0\] must leave the covariance unchanged to the last bit where "
        r"its condition is so bad, got a change of 7\..*e-11 in the units of the noise, known to",
    ):
        beside(250)


def test_in_units_of_the_noise():
    covariance = circulant(2.0, 0.5, 0.1, 0.5) * 1e-200
    mixture = GaussianMixture(MEANS * 1e-100, [0, 1, 1], covariance=covariance)
    setting = Setting(mixture, cyclic_shifts(4, [0, 1]), 1e-101)
    inside, unit = setting.in_noise_units
    assert 0.5 <= inside.mixture.deviation < 1.0
    assert np.array_equal(np.ldexp(inside.transformed_means, unit), setting.transformed_means)
    assert np.array_equal(np.ldexp(inside.mixture.covariance, 2 * unit), covariance)
    assert np.ldexp(inside.epsilon, unit) == setting.epsilon
    far = GaussianMixture(MEANS * 1e130, [0, 1, 1], sigma=1.0)
    with pytest.raises(
        ValueError,
        match=r"^means must be at most 1e\+120 deviations of the noise in size, got 3e\+130 with",
    ):
        Setting(far, cyclic_shifts(4, [0]), 0.1).in_noise_units  # noqa: B018


def test_noise_has_the_covariance():
    covariance = circulant(2.0, 0.5, 0.1, 0.5)
    for unit in (1.0, 2.0**-1000):
        mixture = GaussianMixture(MEANS * 2.0**-500, [0, 1, 1], covariance=covariance * unit)
        image = mixture.colour(np.eye(4)) / np.sqrt(unit)
        assert np.allclose(image.T @ image, covariance, rtol=1e-14)
        z = np.random.default_rng(0).normal(size=(5, 4))
        assert np.allclose(mixture.whiten(mixture.colour(z)), z, rtol=1e-12)
    setting = Setting(GaussianMixture(MEANS, [0, 1, 1], sigma=1e-9), cyclic_shifts(4, [0]), 0.1)
    drawn, labels = images(setting, 5, rng=3)
    near = np.abs(drawn[:, None] - MEANS).max(axis=2).argmin(axis=1)
    assert (setting.mixture.labels[near] == labels).all()


def test_a_thousand_components_are_built_at_once():
    means = np.random.default_rng(0).normal(size=(1000, 784))
    start = time.process_time()
    setting = Setting(GaussianMixture(means, np.arange(1000) % 10), quarter_turns(28), 0.1)
    assert setting.transformed_means.shape == (4, 1000, 784)
    assert setting.in_noise_units[0].transformed_means.shape == (4, 1000, 784)
    assert time.process_time() - start < 1.0


def test_what_is_left_to_invariant_classifiers():
    pattern = np.sign(np.arange(36).reshape(6, 6) % 5 - 2.1)
    setting = orientation_texture(pattern, epsilon=0.04)
    symmetric = setting.symmetrised()
    assert (symmetric.mixture.components, symmetric.name) == (8, "orientation-texture-invariant")
    assert symmetric.mixture.weights.sum() == pytest.approx(1.0)
    texture = (0.06 - 0.04) * 6 / 0.4
    found = pairwise_bound(symmetric, [0.3, 0.4])
    assert ndtr(-texture) - 1e-9 <= found.floor <= ndtr(-texture)
    # that of the sum of all pixels, which is invariant, on the curve and in both settings the same
    for one in (setting, symmetric):
        reached = halfspace_accuracies(one, np.ones(36), -0.4 * pattern.sum())
        assert reached == pytest.approx([ndtr(0.9), ndtr(texture)], abs=1e-12)
    assert found(ndtr(-texture) + 1e-9) <= ndtr(-0.9) + 1e-9
    # a template of a class is not invariant, and more robust than any classifier that is
    template = setting.mixture.means[1] - setting.mixture.means[0]
    assert 1.0 - halfspace_accuracies(setting, template, 0.0)[1] < 0.5 * found.floor
    everyone = pairwise_bound(setting, [0.3, 0.4]).spatial_error
    assert (found.spatial_error >= everyone - 1e-6).all()


def test_an_invariant_classifier_has_the_same_accuracies_when_symmetrised():
    covariance = circulant(1.0, 0.3, 0.2, 0.3)
    setting = Setting(
        GaussianMixture(MEANS, [0, 1, 1], [0.5, 0.2, 0.3], covariance=covariance),
        cyclic_shifts(4, [0, 1, 2, 3, 5], [0.3, 0.3, 0.2, 0.1, 0.1]), 0.2,
    )  # fmt: skip
    symmetric = setting.symmetrised()
    assert symmetric.mixture.components == 3 * 4
    shares = []
    for number, one in enumerate((setting, symmetric)):
        x, labels = images(one, 200_000, rng=number)
        # the largest pixel: invariant, and attacked by pushing all of them down or up
        shares.append([((x.max(1) + shift > 1.2) == labels).mean() for shift in (-0.2, 0.0, 0.2)])
    assert np.allclose(*shares, atol=5e-3)


def test_symmetrised_refused():
    rotated = RotatedMeans(np.stack([np.eye(4), np.eye(4)[::-1]]))
    with pytest.raises(ValueError, match=r"^transformations must be permutations to act on inputs"):
        Setting(GaussianMixture(MEANS, [0, 1, 1]), rotated, 0.1).symmetrised()
    covariance = circulant(1.0, 0.3, 0.2, 0.3)
    covariance[0, 0] *= 1.0 + 1e-9
    shifts = cyclic_shifts(4, [0, 1])
    bent = Setting(GaussianMixture(MEANS, [0, 1, 1], covariance=covariance), shifts, 0.1)
    with pytest.raises(ValueError, match=r"^transformations must leave .* to the last bit, got a"):
        bent.symmetrised()


@pytest.mark.parametrize("unit", [1e-290, 1e-150, 1.0, 1e150, 1e290])
def test_squares_of_deviations_need_not_be_doubles(unit):
    mixture = GaussianMixture([[3.0 * unit, 0.0], [-unit, unit]], [0, 1], sigma=2.0 * unit)
    found = mixture.precision_times(mixture.means) * unit
    assert found == pytest.approx(np.array([[0.75, 0.0], [-0.25, 0.25]]), rel=1e-14)
