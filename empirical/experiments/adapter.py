"""A model of the user as the measurements need it: pixels in, logits out, errors in one line."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import replace

import torch
from torch import Tensor, nn

from empirical.data.dataset import Dataset, ordered_batches
from empirical.experiments.user_models import described
from empirical.logits import check_logits
from empirical.networks.layers import Standardize, attack_mode
from theory.checks import InputError, instance, shown

__all__ = ["STATISTICS", "Adapter", "channel_values", "check_model"]

STATISTICS = {
    "mnist": ((0.1307,), (0.3081,)),
    "cifar10": ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}
"""Means and deviations, per channel and in pixel units, that models are usually trained with."""


class Adapter(nn.Module):
    """A model of the user, of images (N, C, H, W) in [0, 1] of float32.

    The model gets a copy of the images, standardised if `mean` and `std` are given, in the
    precision of its weights where that is one.  A model through which no gradient flows has
    gradient zero.

    Parameters
    ----------
    model : nn.Module
    mean, std : sequence of float, optional
        One number per channel, in pixel units; both or neither.
    logits : int or str, optional
        Which entry of a tuple, list or dictionary that the model returns holds the logits.

    Raises
    ------
    ValueError
        If only one of mean and std is given or a std is not positive; when it is called, if the
        model fails or does not return a tensor.
    """

    def __init__(
        self,
        model: nn.Module,
        *,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        logits: int | str | None = None,
    ) -> None:
        super().__init__()
        if (mean is None) != (std is None):
            missing, given = ("std", "mean") if std is None else ("mean", "std")
            raise InputError(f"{missing} must be given too, got {given} alone")
        instance("model", model, nn.Module)
        if logits is not None and not isinstance(logits, (int, str)):
            raise InputError(f"logits must be an integer or a string, got {shown(logits)}")
        self.model = model
        self.logits = logits
        self.first = nn.Identity() if mean is None or std is None else Standardize(mean, std)
        dtypes = {weight.dtype for weight in model.parameters() if weight.is_floating_point()}
        self.dtype = dtypes.pop() if len(dtypes) == 1 else torch.float32

    def forward(self, images: Tensor) -> Tensor:
        """Return what the model says of images.

        Raises
        ------
        ValueError
            If the model fails on them, or its answers are no logits.
        """
        try:
            with redirect_stdout(sys.stderr):  # what it prints is no result
                outputs = self.model(self.first(images.clone()).to(self.dtype))
        except (InputError, MemoryError):
            raise
        except torch.cuda.OutOfMemoryError as error:
            raise MemoryError from error
        except (Exception, SystemExit) as error:  # whatever the user's code raises
            raise InputError(
                f"model must take images of shape {tuple(images.shape)}, got {described(error)}"
            ) from error
        found = self._chosen(outputs)
        if found.is_inference():  # which attacks may not change
            found = found.clone()
        if torch.is_grad_enabled() and images.requires_grad and not found.requires_grad:
            found = found + 0.0 * images.sum()
        return found

    def _chosen(self, outputs: object) -> Tensor:
        """Return the logits among the outputs."""
        if isinstance(outputs, Tensor):
            if self.logits is not None:
                raise InputError(f"logits must be left out for a tensor, got {shown(self.logits)}")
            return outputs
        names: Sequence[object] = ()
        if isinstance(outputs, Mapping):
            names = list(outputs)
        elif isinstance(outputs, (tuple, list)):
            names = range(len(outputs))
        if not names:
            raise InputError(f"model must return a tensor, got {type(outputs).__name__}")
        if self.logits not in names:
            given = "none" if self.logits is None else shown(self.logits)
            raise InputError(
                f"logits must name which entry of the model's {type(outputs).__name__} holds them, "
                f"one of {', '.join(map(str, names))}, got {given}"
            )
        found = outputs[self.logits]  # type: ignore[index]
        if not isinstance(found, Tensor):
            raise InputError(f"logits must be a tensor, got {type(found).__name__}")
        return found


def check_model(model: nn.Module, dataset: Dataset, *, more: bool = False) -> Dataset:
    """Try a model on one and on two images, forwards and backwards.

    Parameters
    ----------
    model : nn.Module
    dataset : Dataset
    more : bool
        Whether the model may know more classes than the images show.

    Returns
    -------
    Dataset
        The images with as many classes as the model has logits.

    Raises
    ------
    ValueError
        If the model does not return a finite logit per image and class, alone or in a batch, or
        has no gradient.
    """
    for size in (1, 2):
        images, labels = next(ordered_batches(dataset, size))
        with torch.no_grad():
            model.eval()(images)  # makes the weights of lazy layers
        with attack_mode(model):
            images = images.clone().requires_grad_(True)
            logits = check_logits(model(images), labels, classes=None if more else dataset.classes)
            if logits.shape[1] < dataset.classes:
                raise InputError(
                    f"model must return {dataset.classes} logits, one for each class, or more, "
                    f"got {logits.shape[1]}"
                )
            dataset = replace(dataset, classes=logits.shape[1])
            try:
                torch.autograd.grad(logits.sum(), images)
            except Exception as error:  # whatever the user's code raises
                raise InputError(
                    f"model must have gradients with respect to images, got {described(error)}"
                ) from error
    return dataset


def channel_values(name: str, text: str, channels: int) -> tuple[float, ...]:
    """Return the numbers per channel that a text stands for.

    Parameters
    ----------
    name : str
        ``mean`` or ``std``.
    text : str
        Numbers between commas, or a name of `STATISTICS`; one number is for every channel.
    channels : int
        Of the images.

    Raises
    ------
    ValueError
        If they are no finite numbers, no means of pixels, or not as many as channels.

    Examples
    --------
    >>> channel_values("std", "0.5", 3), channel_values("mean", "mnist", 1)
    ((0.5, 0.5, 0.5), (0.1307,))
    """
    if text in STATISTICS:
        values = STATISTICS[text][0 if name == "mean" else 1]
    else:
        try:
            values = tuple(float(part) for part in text.split(","))
        except ValueError:
            raise InputError(
                f"{name} must be numbers between commas or one of {', '.join(STATISTICS)}, "
                f"got {text!r}"
            ) from None
        if not all(abs(value) < float("inf") for value in values):
            raise InputError(f"{name} must be finite, got {text!r}")
        if name == "mean" and not all(0 <= value <= 1 for value in values):
            raise InputError(
                f"mean must be in units of pixels from 0 to 1, got {text!r}; divide 0 to 255 by 255"
            )
        if len(values) == 1:
            values *= channels
    if len(values) != channels:
        raise InputError(
            f"{name} must have a number for each of {channels} channels, got {len(values)}"
        )
    return values
