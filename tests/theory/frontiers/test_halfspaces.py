import mpmath as mp
import numpy as np
import pytest

from tests.theory.settings import random_setting
from theory import catalogue
from theory.frontiers.halfspace_search import HalfspaceProblem
from theory.frontiers.halfspaces import halfspace_accuracies, halfspace_frontier
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.residual.attack import attack_residual
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations


def simulated(setting, normal, offset, count, rng):
    """Accuracies by drawing inputs and attacking each with the worst corner of the ball."""
    mixture = setting.mixture
    component = rng.choice(mixture.components, size=count, p=mixture.weights)
    turn = rng.choice(setting.transformations.size, size=count, p=setting.probabilities)
    noise = mixture.sigma * rng.normal(size=(count, mixture.dimension))
    signs = np.where(mixture.labels == mixture.classes[1], 1.0, -1.0)[component]
    x = mixture.means[component] + noise
    moved = setting.transformations.apply(x)[turn, np.arange(count)]
    attacked = x - setting.epsilon * signs[:, None] * np.sign(normal)
    return np.mean(signs * (moved @ normal + offset) > 0), np.mean(
        signs * (attacked @ normal + offset) > 0
    )


@pytest.mark.parametrize("seed", range(3))
def test_accuracies_agree_with_simulation(seed):
    setting = random_setting(seed)
    rng = np.random.default_rng(seed)
    normal, offset = rng.normal(size=6), 0.3 * rng.normal()
    measured = simulated(setting, normal, offset, 100_000, rng)
    # seven standard deviations: a correct program fails with probability below 1e-11
    assert np.allclose(halfspace_accuracies(setting, normal, offset), measured, atol=0.0112)


def test_the_residual_direction_attains_theorem_1():
    means = np.array([[0.9, -0.3, 0.1, 0.0], [-0.4, 0.2, 0.0, 0.3]])
    setting = Setting(GaussianMixture(means, [1, 0], sigma=0.5), Transformations([range(4)]), 0.2)
    residual = attack_residual(means[0] - means[1], 0.2, sigma=0.5)
    normal = means[0] - means[1] - residual.perturbation
    _, adversarial = halfspace_accuracies(setting, normal, 0.1)
    problem = HalfspaceProblem(setting)
    spatial, attacked = problem.arguments(normal, 0.1)
    from scipy.special import ndtr

    missed = ndtr(-attacked[1])
    assert ndtr(-spatial[0, 0]) == pytest.approx(gaussian_tradeoff(missed, residual.value))
    assert 0.0 < adversarial < 1.0


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("level", [0.2, 0.7])
def test_the_search_beats_random_perturbations_of_its_answer(norm, level):
    base = random_setting(5)
    setting = Setting(base.mixture, base.transformations, 0.3, norm)
    found = halfspace_frontier(setting, level)
    rng = np.random.default_rng(8)
    for scale in (1e-4, 1e-2, 0.3):
        for _ in range(50):
            normal = found.normals[0] + scale * rng.normal(size=6)
            spatial, adversarial = halfspace_accuracies(
                setting, normal, found.offsets[0] + scale * rng.normal()
            )
            assert level * spatial + (1 - level) * adversarial <= found.value[0] + 1e-6


def test_orientation_texture_frontier():
    setting = catalogue.defaults()["orientation-texture"]
    found = halfspace_frontier(setting, [0.0, 0.5, 1.0])
    assert found.value[1] > 0.86
    assert (np.diff(found.spatial_accuracy) >= -1e-9).all()
    assert (np.diff(found.adversarial_accuracy) <= 1e-9).all()
    for k in range(3):
        again = halfspace_accuracies(setting, found.normals[k], found.offsets[k])
        assert again == (found.spatial_accuracy[k], found.adversarial_accuracy[k])


def test_constant_classifiers():
    setting = random_setting(0)
    share = setting.mixture.weights[setting.mixture.labels == 1].sum()
    assert halfspace_accuracies(setting, np.zeros(6), 2.0) == pytest.approx((share, share))


def test_bad_input():
    setting = random_setting(0)
    with pytest.raises(ValueError, match=r"normal must have shape \(6,\), got shape \(5,\)"):
        halfspace_accuracies(setting, np.ones(5), 0.0)
    with pytest.raises(ValueError, match="normal must not be zero where the offset is"):
        halfspace_accuracies(setting, np.zeros(6), 0.0)
    with pytest.raises(ValueError, match="setting must have two classes for a halfspace, got 3"):
        halfspace_frontier(random_setting(0, classes=3), 0.5)
    with pytest.raises(ValueError, match=r"weights must be numbers in \[0, 1\], got 1.5"):
        halfspace_frontier(setting, 1.5)
    with pytest.raises(ValueError, match=r"^starts must be >= 1, got 0$"):
        halfspace_frontier(setting, 0.5, starts=0)


@pytest.mark.parametrize("offset", [2.0**20, 2.0**40, 2.0**47])
def test_what_all_means_share_costs_no_digits(offset):
    """The means keep all their bits there, and the normal meets them exactly."""
    means = np.array([[1.0, 0.25, 0.5], [-0.25, 0.75, -0.5]])
    normal, threshold = np.array([1.0, -0.5, 0.25]), 0.125

    def accuracies(shift):
        mixture = GaussianMixture(means + shift, [1, 0], sigma=0.5)
        setting = Setting(mixture, Transformations([[0, 1, 2], [1, 2, 0]]), 0.125)
        return halfspace_accuracies(setting, normal, threshold - normal.sum() * shift)

    assert accuracies(offset) == accuracies(0.0)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("scale", [1e3, 1e10, 1e15])
def test_attacks_that_cancel_the_means_cost_no_digits(scale, norm):
    """Against the formula of Theorem 5 in 60 digits, where the ball nearly covers the distance."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        w = rng.normal(size=3)
        dual = {"linf": np.abs(w).sum(), "l2": np.linalg.norm(w), "l1": np.abs(w).max()}[norm]
        left = rng.uniform(-1, 1) * np.linalg.norm(w)
        epsilon = float((scale * w @ w - left) / dual)
        mixture = GaussianMixture(np.array([-scale * w, scale * w]), [0, 1])
        setting = Setting(mixture, Transformations([[0, 1, 2]]), epsilon, norm)
        _, found = halfspace_accuracies(setting, w, 0.0)
        with mp.workdps(60):
            exact = [mp.mpf(value) for value in w.tolist()]
            length = mp.sqrt(mp.fsum(value**2 for value in exact))
            size = {"linf": mp.fsum(map(abs, exact)), "l2": length, "l1": max(map(abs, exact))}
            mean = [mp.mpf(value) for value in (scale * w).tolist()]
            margin = mp.fdot(exact, mean) - mp.mpf(epsilon) * size[norm]
            truth = float(mp.ncdf(margin / length))
        assert found == pytest.approx(truth, abs=1e-12)
