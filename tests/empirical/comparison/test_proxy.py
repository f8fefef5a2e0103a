"""The Gaussian proxy recovers a mixture it is given, and says when it predicts nothing."""

import numpy as np
import pytest
import torch

from empirical.comparison.proxy import fit_proxy, predict
from empirical.data.dataset import Dataset
from empirical.data.gaussian import gaussian_images
from empirical.data.mnist import load_mnist
from simulations.estimates import Estimate
from theory.bounds.pairwise import pairwise_bound
from theory.setting.catalogue import defaults
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns


def test_a_gaussian_mixture_is_its_own_proxy() -> None:
    rng = np.random.default_rng(0)
    means = rng.standard_normal((3, 36))
    mixture = GaussianMixture(means, [0, 1, 2], sigma=3.0)
    setting = Setting(mixture, quarter_turns(6), 0.1, image_shape=(6, 6))
    proxy = fit_proxy(gaussian_images(setting, 20_000, rng=rng), epsilon=0.1, rng=rng)
    assert np.abs(proxy.mixture.means - means).max() < 0.2  # 5 deviations of a mean are 0.18
    assert proxy.mixture.sigma == pytest.approx(3.0, rel=0.05)


def test_the_proxy_of_digits_errs_as_the_nearest_mean_does() -> None:
    digits = load_mnist("train").take(slice(0, 4000))
    rng = np.random.default_rng(1)
    proxy = fit_proxy(digits, epsilon=0.1, rng=rng)
    assert proxy.mixture.classes.tolist() == list(range(10))
    drawn = gaussian_images(proxy, 4000, rng=rng)
    errors = []
    for data in (digits, drawn):
        images = data.images.flatten(1).double() / (255 if data is digits else 1)
        means = torch.from_numpy(np.array(proxy.mixture.means))
        nearest = torch.cdist(images, means).argmin(1)
        errors.append((nearest != data.labels).double().mean().item())
    assert errors[1] == pytest.approx(errors[0], abs=0.04)
    assert 0.1 < errors[0] < 0.3


def test_predictions_read_the_front_both_ways() -> None:
    proxy = defaults()["orientation-texture"]  # its front falls steadily, unlike a cliff
    error = 0.3
    spatial = float(pairwise_bound(proxy, error).spatial_accuracy)
    counts = Estimate(round(10_000 * spatial), 10_000), Estimate(7000, 10_000)
    prediction = predict(proxy, *counts)
    assert prediction.spatial == pytest.approx(spatial, abs=1e-3)
    assert prediction.adversarial == pytest.approx(0.7, abs=1 / 64 + 1e-3)
    beyond = predict(proxy, Estimate(10_000, 10_000), Estimate(10_000, 10_000))
    assert beyond.adversarial == 0.0


def test_bad_input_is_refused() -> None:
    rng = np.random.default_rng(0)
    colour = Dataset(torch.zeros(4, 3, 6, 6), torch.tensor([0, 1, 0, 1]), 2)
    with pytest.raises(ValueError, match=r"grey and square, got shape \(3, 6, 6\)"):
        fit_proxy(colour, epsilon=0.1, rng=rng)
    missing = Dataset(torch.zeros(2, 1, 6, 6), torch.tensor([0, 2]), 3)
    with pytest.raises(ValueError, match="every class must have an image, got none of class 1"):
        fit_proxy(missing, epsilon=0.1, rng=rng)
    wrong = [0.55] * 9 + [0.0], [0.45] * 9 + [1.0]  # nine tenths lie nearer to the other mean
    pixels = torch.tensor(wrong).view(-1, 1, 1, 1).expand(-1, 1, 2, 2)
    with pytest.raises(ValueError, match=r"got an error of 0\.9, which no noise explains"):
        fit_proxy(Dataset(pixels, torch.arange(2).repeat_interleave(10), 2), epsilon=0.1, rng=rng)
    with pytest.raises(ValueError, match="epsilon must be >= 0, got -1"):
        fit_proxy(missing, epsilon=-1.0, rng=rng)


@pytest.mark.parametrize("sigma", [0.3, 1.2, 2.0])
def test_the_front_of_digits_is_nearly_a_rectangle(sigma: float) -> None:
    """As THEORY.md, section 10, says: mean images of digits do not explain a trade-off."""
    digits = load_mnist("train").take(slice(0, 4000))
    fitted = fit_proxy(digits, epsilon=0.1, rng=np.random.default_rng(2))
    mixture = GaussianMixture(fitted.mixture.means, fitted.mixture.labels, sigma=sigma)
    proxy = Setting(mixture, fitted.transformations, 0.1, image_shape=(28, 28))
    errors = np.linspace(0.0, 1.0, 101)
    front = pairwise_bound(proxy, errors, tolerance=1e-4).spatial_accuracy
    ceiling = np.flatnonzero(front > 0.0)[0]
    assert 0 < ceiling < 40
    assert front[ceiling] > front[-1] - 0.02
