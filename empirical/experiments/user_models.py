"""Models of the user: any factory of a torch module, with weights from a file."""

import importlib
import inspect
from pathlib import Path

from torch import nn

from empirical.training.checkpoints import CheckpointError, load_weights
from simulations.files import reason
from theory.checks import InputError

__all__ = ["load_model"]


def load_model(reference: str, weights: Path | None = None) -> nn.Module:
    """Return the model that ``package.module:factory`` makes, in evaluation mode.

    The factory is called without arguments.  It must return a module that maps images in
    [0, 1], (N, C, H, W), to logits: standardise inside the model.

    Parameters
    ----------
    reference : str
        Importable name of the factory.
    weights : Path, optional
        State dict of tensors, read without running code from the file.

    Raises
    ------
    ValueError
        If the factory cannot be imported or called, does not return a module, or the weights
        do not fit.
    """
    module_name, colon, factory_name = reference.partition(":")
    if not (module_name and colon and factory_name):
        raise InputError(f"model must be written package.module:factory, got {reference!r}")
    try:
        factory = getattr(importlib.import_module(module_name), factory_name)
    except (ImportError, AttributeError) as error:
        raise InputError(f"model {reference!r} cannot be imported: {error}") from None
    if not callable(factory):
        raise InputError(f"model {reference!r} must be callable, got {type(factory).__name__}")
    try:
        inspect.signature(factory).bind()
    except TypeError as error:
        raise InputError(f"model {reference!r} must need no arguments: {error}") from None
    model = factory()
    if not isinstance(model, nn.Module):
        raise InputError(f"model {reference!r} must be a torch module, got {type(model).__name__}")
    if weights is not None:
        try:
            model.load_state_dict(load_weights(weights))
        except RuntimeError as error:
            raise CheckpointError(
                f"weights {weights} do not fit {reference!r}: {reason(error)}"
            ) from None
    return model.eval()
