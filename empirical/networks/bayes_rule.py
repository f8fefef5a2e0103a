"""The Bayes rule of an attacked mixture as a network: the reference for what is attainable."""

import numpy as np
import torch
from torch import Tensor, nn

from theory.checks import FloatArray, InputError, probability
from theory.setting.setting import Setting

__all__ = ["BayesRule"]


class BayesRule(nn.Module):
    """Logits log F_c(x) of THEORY.md (7.9), over a temperature: the best rule for that mixture.

    Knowing all components and the shifts, it is what training against these shifts would come
    to with endless data; attacked by gradients it gives accuracies that some classifier has.

    Parameters
    ----------
    setting
        Noise of one sigma; inputs are images with as many values as it has dimensions.
    weight
        Of the transformed components, in [0, 1].
    shifts
        (J, d), in units of the inputs.
    temperature
        Of the logits. It changes no decision, and keeps the cross-entropy, whose gradients
        attacks follow, from saturating.

    Raises
    ------
    ValueError
        If the noise has a covariance, or the shifts another shape.
    """

    centres: Tensor
    offsets: Tensor
    origin: Tensor

    def __init__(
        self, setting: Setting, weight: float, shifts: FloatArray, *, temperature: float = 8.0
    ) -> None:
        super().__init__()
        level = probability("weight", weight)
        mixture = setting.mixture
        if mixture.covariance is not None:
            raise InputError("setting must have noise of one sigma, got a covariance")
        if np.shape(shifts) != mixture.means.shape:
            raise InputError(
                f"shifts must have shape {mixture.means.shape}, got shape {np.shape(shifts)}"
            )
        places = [*setting.transformed_means, mixture.means + shifts]
        shares = [*(level * setting.probabilities), 1.0 - level]
        used = [k for k, share in enumerate(shares) if share > 0.0]
        centres = np.concatenate([places[k] for k in used])
        mass = np.concatenate([shares[k] * mixture.weights for k in used])
        labels = mixture.class_numbers
        classes = np.tile(labels, len(used))
        order = np.argsort(classes, kind="stable")
        origin = mixture.means.mean(axis=0)
        whole = (centres - origin)[order] / mixture.sigma
        offsets = np.log(mass[order]) - 0.5 * (whole * whole).sum(axis=1)
        self.sizes = np.bincount(classes).tolist()
        self.sigma, self.temperature = mixture.sigma, temperature
        for name, array in (("centres", whole), ("offsets", offsets), ("origin", origin)):
            self.register_buffer(name, torch.from_numpy(array.astype(np.float32)))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (N, classes), those of a class up to one number for all."""
        inputs = (images.flatten(1) - self.origin) / self.sigma
        scores = torch.addmm(self.offsets, inputs, self.centres.T)
        parts = [part.logsumexp(1) for part in torch.split(scores, self.sizes, dim=1)]
        return torch.stack(parts, 1) / self.temperature
