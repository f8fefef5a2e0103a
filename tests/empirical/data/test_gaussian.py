"""Images drawn from settings follow the mixture."""

import numpy as np
import pytest
import torch

from empirical.data.gaussian import gaussian_images
from tests import chance
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns


def tiny(covariance: np.ndarray | None = None) -> Setting:
    means = [[3.0, 0, 0, 0], [0, -3.0, 0, 0], [0, 0, 0.5, 0]]
    mixture = GaussianMixture(
        means,
        labels=[7, -2, 7],
        weights=[0.5, 0.3, 0.2],
        sigma=0.5 if covariance is None else 1.0,
        covariance=covariance,
    )
    return Setting(mixture, quarter_turns(2), 0.1, name="tiny", image_shape=(2, 2))


def test_weights_labels_and_noise_follow_the_mixture() -> None:
    dataset = gaussian_images(tiny(), 20_000, rng=np.random.default_rng(1))
    assert dataset.images.shape == (20_000, 1, 2, 2)
    assert dataset.images.dtype == torch.float32
    assert (dataset.classes, dataset.bounds, dataset.name) == (2, None, "tiny")
    lower = int((dataset.labels == 0).sum())  # label -2, the smaller
    assert chance.proportion_agrees(lower, 20_000, 0.3)
    assert not chance.proportion_agrees(lower, 20_000, 0.33)
    pixels = dataset.images[dataset.labels == 0].flatten(1).numpy().astype(np.float64)
    assert chance.follows(pixels[:, 1], -3.0, 0.5)
    assert not chance.follows(pixels[:, 1], -3.0, 0.6)


def test_a_covariance_is_respected() -> None:
    covariance = 0.3 * np.eye(4) + 0.2
    dataset = gaussian_images(tiny(covariance), 20_000, rng=np.random.default_rng(2))
    pixels = dataset.images[dataset.labels == 0].flatten(1).numpy().astype(np.float64)
    centred = pixels - np.array([0, -3.0, 0, 0])
    assert chance.has_covariance(centred, covariance)
    assert not chance.has_covariance(centred, 0.4 * np.eye(4) + 0.1)


def test_the_group_comes_with_the_images() -> None:
    setting = tiny()
    dataset = gaussian_images(setting, 3, rng=np.random.default_rng(3))
    assert dataset.setting is setting
    assert dataset.take(slice(0, 2)).setting is setting


def test_the_same_seed_gives_the_same_images() -> None:
    first, again = (gaussian_images(tiny(), 5, rng=np.random.default_rng(4)) for _ in range(2))
    assert torch.equal(first.images, again.images)


def test_bad_requests_are_refused() -> None:
    with pytest.raises(ValueError, match="count must be >= 1, got 0"):
        gaussian_images(tiny(), 0, rng=np.random.default_rng(5))
    flat = Setting(tiny().mixture, tiny().transformations, 0.1, name="flat")
    with pytest.raises(ValueError, match="setting must have an image_shape, got none in 'flat'"):
        gaussian_images(flat, 1, rng=np.random.default_rng(5))
    with pytest.raises(
        ValueError, match=r"shape must be \(channels, height, width\) of 4 values, got"
    ):
        gaussian_images(tiny(), 1, shape=(3, 2, 2), rng=np.random.default_rng(5))
