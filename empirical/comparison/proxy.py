"""The Gaussian proxy of real images: a prediction, never a bound.

Real images are replaced by a Gaussian mixture: one component per class at the mean image, and
one noise level, chosen so that the rule of the nearest mean errs on the mixture as often as on
the images.  Rotations are replaced by the four quarter turns, which permute pixels exactly.
What theory then says of the mixture is compared with what networks do on the images.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from empirical.data.dataset import Dataset, ordered_batches
from simulations.estimates import Estimate
from theory.bounds.pairwise import pairwise_bound
from theory.checks import FloatArray, InputError, generator, instance, nonnegative, positive
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns

__all__ = ["Prediction", "fit_proxy", "predict"]

DRAWS = 20_000
MOST_NOISE = 1e6
"""In units of pixels; beyond it noise alone decides."""
LEVELS = np.linspace(0.0, 1.0, 65)


@dataclass(frozen=True)
class Prediction:
    """What the proxy predicts for a network of known accuracy on one side, and what it did.

    ``spatial`` is predicted from the measured adversarial accuracy and the other way round; a
    network on the proxy's Pareto front would have both equal to the measured ones.
    """

    spatial: float
    adversarial: float
    measured_spatial: Estimate
    measured_adversarial: Estimate


def fit_proxy(dataset: Dataset, *, epsilon: float, rng: np.random.Generator | int) -> Setting:
    """Fit the Gaussian proxy of square grey images under quarter turns (THEORY.md, section 10).

    Parameters
    ----------
    dataset : Dataset
        Images (N, 1, n, n) of the training set.
    epsilon : float
        Radius of the attack, in units of the images.
    rng : numpy.random.Generator or int seed
        Source of the draws that match the noise level.

    Raises
    ------
    ValueError
        If the images are not grey and square, or a class has no image.
    """
    nonnegative("epsilon", epsilon)
    instance("dataset", dataset, Dataset)
    source = generator("rng", rng)
    channels, height, width = dataset.shape
    if channels != 1 or height != width:
        raise InputError(f"images must be grey and square, got shape {dataset.shape}")
    means = _class_means(dataset)
    error = _nearest_mean_error(dataset, means)
    sigma = _matching_sigma(means, error, source)
    mixture = GaussianMixture(means, np.arange(dataset.classes), sigma=sigma)
    name = f"proxy of {dataset.name}"
    turns = quarter_turns(height)
    return Setting(mixture, turns, epsilon, name=name, image_shape=(height, width))


def predict(
    proxy: Setting, spatial: Estimate, adversarial: Estimate, *, tolerance: float = 1e-4
) -> Prediction:
    """Predict each accuracy of a network from the other, as if it were on the proxy's front.

    The front is the pairwise curve of the proxy (THEORY.md, Theorem 3), computed to
    `tolerance`; the adversarial accuracy is read off it at 65 equally spaced levels.  A
    prediction of 0 means that the proxy holds the measured accuracy to be out of reach.

    Parameters
    ----------
    proxy : Setting
        As `fit_proxy` returns it.
    spatial, adversarial : Estimate
        Measured accuracies of one network.
    tolerance : float >= 1e-9
        Of the spatial error on the curve.

    Raises
    ------
    ValueError
        If an argument is of another type, or ``tolerance`` below 1e-9.
    """
    instance("proxy", proxy, Setting)
    instance("spatial", spatial, Estimate)
    instance("adversarial", adversarial, Estimate)
    if positive("tolerance", tolerance) < 1e-9:
        raise InputError(f"tolerance must be >= 1e-9, got {tolerance:g}")
    error = (adversarial.trials - adversarial.successes + 0.5) / (adversarial.trials + 1)
    ahead = float(pairwise_bound(proxy, error, tolerance=tolerance).spatial_accuracy)
    target = (spatial.successes + 0.5) / (spatial.trials + 1)
    enough = np.flatnonzero(_front(proxy, tolerance) >= target)
    back = 1.0 - float(LEVELS[enough[0]]) if enough.size else 0.0
    return Prediction(ahead, back, spatial, adversarial)


@lru_cache(maxsize=4)
def _front(proxy: Setting, tolerance: float) -> FloatArray:
    """Spatial accuracies of the pairwise curve at the adversarial errors `LEVELS`."""
    return pairwise_bound(proxy, LEVELS, tolerance=tolerance).spatial_accuracy


def _class_means(dataset: Dataset) -> FloatArray:
    """Mean image of each class, (K, pixels)."""
    sums = torch.zeros(dataset.classes, dataset.images[0].numel(), dtype=torch.float64)
    for images, labels in ordered_batches(dataset, 1000):
        sums.index_add_(0, labels.cpu(), images.flatten(1).double().cpu())
    counts = torch.bincount(dataset.labels.cpu(), minlength=dataset.classes)
    if (counts == 0).any():
        empty = int((counts == 0).nonzero()[0])
        raise InputError(f"every class must have an image, got none of class {empty}")
    means: FloatArray = (sums / counts[:, None]).numpy()
    return means


def _nearest_mean_error(dataset: Dataset, means: FloatArray) -> float:
    """Share of the images that are nearest to the mean of another class."""
    centres = torch.from_numpy(means)
    wrong = 0
    for images, labels in ordered_batches(dataset, 1000):
        distances = torch.cdist(images.flatten(1).double().cpu(), centres)
        wrong += int((distances.argmin(1) != labels.cpu()).sum())
    return wrong / len(dataset)


def _matching_sigma(means: FloatArray, error: float, rng: np.random.Generator) -> float:
    """Noise level at which the nearest-mean rule errs as often on the mixture.

    Differences of squared distances are linear in the noise, whose projections on the means
    have covariance sigma^2 M M^T: the simulation needs as many dimensions as classes.
    """
    gram = means @ means.T
    values, vectors = np.linalg.eigh(gram)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    noise = rng.standard_normal((DRAWS, len(means))) @ root.T
    labels = np.arange(DRAWS) % len(means)
    half = 0.5 * np.diag(gram)

    def errs(sigma: float) -> float:
        scores = gram[labels] + sigma * noise - half
        return float((scores.argmax(1) != labels).mean())

    low, high = 0.0, 1.0
    while errs(high) < error:
        low, high = high, 2.0 * high
        if high > MOST_NOISE:
            raise InputError(
                "dataset must have images nearer to the mean of their class than chance has it, "
                f"got an error of {error:.3g}, which no noise explains"
            )
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (middle, high) if errs(middle) < error else (low, middle)
    return high
