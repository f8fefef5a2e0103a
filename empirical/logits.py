"""What a model must return: one finite logit per image and class."""

import torch
from torch import Tensor, nn

from theory.checks import InputError, shown

__all__ = ["answers", "check_logits", "full", "outputs"]


def answers(
    model: nn.Module, images: Tensor, labels: Tensor, *, classes: int | None = None
) -> Tensor:
    """Return what a model says of images of classes ``labels``, checked by `check_logits`.

    Raises
    ------
    ValueError
        If the model cannot take the images, or as `check_logits`.
    """
    return check_logits(outputs(model, images), labels, classes=classes)


def outputs(model: nn.Module, images: Tensor) -> Tensor:
    """Return what a model says of images, as it is.

    Raises
    ------
    ValueError
        If the model cannot take the images, or changes them.
    """
    given = images.clone()
    try:
        logits: Tensor = model(given)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as error:
        reason = str(error).strip().partition("\n")[0][:200]
        raise InputError(
            f"model must take images {tuple(images.shape)} of {images.dtype}, got: {reason}"
        ) from error
    if not given.is_inference() and given._version:
        raise InputError("model must not change its images in place, as x.sub_() and x -= 1 do")
    return logits


def full(logits: Tensor) -> Tensor:
    """Return logits in float32 at least, so that losses and their gradients are not rounded."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def check_logits(logits: Tensor, labels: Tensor, *, classes: int | None = None) -> Tensor:
    """Return the outputs of a model for images of classes ``labels``, after checking them.

    Raises
    ------
    ValueError
        If the outputs are not (N, K) with K above every label, or not with K = `classes` where
        that is given; if they are of reduced precision, not finite, or probabilities (rows of
        numbers in [0, 1] that sum to 1), which blunt gradients.
    """
    if not isinstance(logits, Tensor):
        raise InputError(f"model must return a tensor of logits, got {shown(logits)}")
    if logits.ndim != 2 or len(logits) != len(labels):
        raise InputError(
            f"model must return logits of shape ({len(labels)}, classes), got {tuple(logits.shape)}"
        )
    if logits.dtype not in {torch.float32, torch.float64}:
        raise InputError(
            f"model must return float32 or float64 logits, got {logits.dtype}; "
            "reduced precision is for training only"
        )
    if classes is not None and logits.shape[1] != classes:
        raise InputError(
            f"model must return {classes} logits, one for each class, got {logits.shape[1]}"
        )
    if not len(labels):
        return logits
    if int(labels.max()) >= logits.shape[1]:
        raise InputError(
            f"model must return at least {int(labels.max()) + 1} logits for these labels, "
            f"got {logits.shape[1]}"
        )
    if not torch.isfinite(logits).all():
        raise InputError("model must return finite logits, got NaN or infinity")
    sums = logits.sum(1)
    if (logits >= 0).all() and torch.allclose(sums, torch.ones_like(sums), atol=1e-4, rtol=0):
        raise InputError("model must return logits, got probabilities; leave out the softmax")
    return logits
