"""Models of the user: any factory of a torch module, with weights from a file."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from unittest.mock import patch

import torch
from torch import Tensor, nn

from empirical.training.checkpoints import CheckpointError, load_weights
from simulations.files import checked_path, reason
from theory.checks import InputError, text

__all__ = ["RESERVED", "described", "load_model"]

RESERVED = ("theory", "simulations", "empirical", "paper_figures", "tradeoff")
"""Top-level names of this program's own packages, which no module of the user may have."""

_WRAPPERS = ("_orig_mod.", "module.")


def load_model(reference: str, weights: Path | None = None) -> nn.Module:
    """Return the model that ``package.module:factory`` makes, in evaluation mode.

    The factory is called without arguments and must return a torch module
    (`empirical.experiments.adapter.Adapter` says what of); it may be a module itself.  Modules are
    looked for where Python looks, and then in the current folder; a file is named
    ``./file.py:factory``, and finds the modules beside it.  The names in `RESERVED` are this
    program's own.

    Parameters
    ----------
    reference : str
        Importable name of the factory, or a file and the name of the factory in it.
    weights : Path, optional
        State dict of tensors, read without running code from the file.  Names may begin with what
        `torch.nn.DataParallel` or `torch.compile` put before them.

    Raises
    ------
    ValueError
        If the factory cannot be imported or fails, does not return a module, or the weights
        do not fit.
    """
    if weights is not None:
        weights = checked_path("weights", weights)
    place, colon, factory_name = text("reference", reference).rpartition(":")
    if not (place and colon and factory_name):
        raise InputError(
            f"model must be written package.module:factory or file.py:factory, got {reference!r}"
        )
    with _user_code(f"model {reference!r} cannot be imported", place):
        module = _run_file(Path(place)) if place.endswith(".py") else _import(place)
        factory = getattr(module, factory_name)
    if not callable(factory):
        raise InputError(f"model {reference!r} must be callable, got {type(factory).__name__}")
    model = factory
    if not isinstance(factory, nn.Module):
        try:
            inspect.signature(factory).bind()
        except TypeError as error:
            raise InputError(f"model {reference!r} must need no arguments: {error}") from None
        except ValueError:  # a callable without a signature that could be read
            pass
        with _user_code(f"model {reference!r} cannot be made", place):
            model = factory()
    if not isinstance(model, nn.Module):
        raise InputError(f"model {reference!r} must be a torch module, got {type(model).__name__}")
    if weights is not None:
        try:
            model.load_state_dict(_renamed(load_weights(weights), model))
        except RuntimeError as error:
            raise CheckpointError(
                f"weights {weights} do not fit {reference!r}: {reason(error)}"
            ) from None
    return model.eval()


def _renamed(state: dict[str, Tensor], model: nn.Module) -> dict[str, Tensor]:
    """Return weights without the prefix that a wrapper of the model put before every name."""
    own = model.state_dict()
    for prefix in _WRAPPERS * 2:  # each may hold the other
        if all(name.startswith(prefix) and name not in own for name in state):
            state = {name.removeprefix(prefix): value for name, value in state.items()}
    return state


def described(error: BaseException) -> str:
    """Return what an error of the user's code says, in one short line."""
    kind, said = type(error).__name__, reason(error)
    return kind if said == kind else f"{kind}: {said}"


@contextmanager
def _user_code(what: str, place: str) -> Iterator[None]:
    """Turn whatever the user's code raises into one line.

    What it prints is no result, the arguments of the command are not its own, and gradients that
    it turns off are turned on again.
    """
    try:
        with (
            redirect_stdout(sys.stderr),
            patch.object(sys, "argv", [place]),
            torch.enable_grad(),
        ):
            yield
    except (InputError, MemoryError):
        raise
    except (Exception, SystemExit) as error:
        name = error.name if isinstance(error, ImportError) else None
        names = {one.partition(".")[0] for one in (place, name or "")}
        ours = "".join(
            f"; {name} is a package of this program: give yours another name, or a file.py"
            for name in RESERVED
            if name in names
        )
        raise InputError(f"{what}: {described(error)}{ours}") from error


def _import(name: str) -> ModuleType:
    _look_in(Path.cwd())
    importlib.invalidate_caches()
    return importlib.import_module(name)


def _run_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise InputError(f"model must be in a file that exists, got {file}")
    _look_in(file.resolve().parent)
    name = f"_model_{file.stem}"  # not the stem alone, which may be the name of a library
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"model must be in a Python file, got {file}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # classes look themselves up there
    spec.loader.exec_module(module)
    return module


def _look_in(folder: Path) -> None:
    """Add a folder behind the others, for good: a model may import when it is first called."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
