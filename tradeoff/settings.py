"""Settings on the command line: one subcommand for each, with its own options only."""

import difflib
import functools
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from simulations.files import read_npz
from theory.checks import InputError
from theory.setting.catalogue import SETTINGS
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations
from tradeoff.answers.repetition import repetition
from tradeoff.options import parse_radius

__all__ = ["add_settings", "read_setting"]

_ARRAYS = (
    "means", "labels", "permutations", "weights", "sigma", "covariance", "probabilities",
)  # fmt: skip
# What others call them.
_MEANT = {
    "cov": "covariance", "std": "sigma", "prior": "weights", "priors": "weights", "y": "labels",
    "mu": "means", "nu": "probabilities",
}  # fmt: skip

_INVARIANT = inspect.Parameter(
    "invariant",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool,
        typer.Option(
            "--invariant",
            help="For invariant classifiers, such as equivariant networks (THEORY.md, 7.2).",
            rich_help_panel="Setting",
        ),
    ],
)


def read_setting(file: Path, *, epsilon: float, norm: str = "linf") -> Setting:
    """Read a setting of your own from an .npz file.

    The file holds ``means`` (J, d), ``labels`` (J,) and ``permutations`` (G, d) and may hold
    ``weights`` (J,), ``sigma`` or ``covariance`` (d, d), and ``probabilities`` (G,).

    Parameters
    ----------
    file : Path
        The .npz file: means, labels, permutations [weights, sigma, covariance, probabilities].
    epsilon : float
        Radius of the attack.
    norm : str
        Norm of the attack: linf, l2 or l1.

    Raises
    ------
    ValueError
        If the file is not one, lacks an array, or an array breaks a rule of its setting.
    """
    content = read_npz(file)
    for name in sorted(set(content) - set(_ARRAYS)):
        near = difflib.get_close_matches(name.lower(), _ARRAYS, n=1, cutoff=0.5)
        meant = _MEANT.get(name.lower(), near[0] if near else None)
        hint = f"; is it {meant}?" if meant else ""
        raise InputError(f"file must hold {', '.join(_ARRAYS)} only, got {name}{hint}")
    missing = sorted({"means", "labels", "permutations"} - set(content))
    if missing:
        raise InputError(f"file must contain means, labels, permutations; lacks {missing[0]}")
    sigma: Any = content.get("sigma", np.array(1.0))
    mixture = GaussianMixture(
        content["means"],
        content["labels"],
        content.get("weights"),
        sigma.item() if sigma.ndim == 0 else sigma,
        content.get("covariance"),
    )
    transformations = Transformations(content["permutations"], content.get("probabilities"))
    return Setting(mixture, transformations, epsilon, norm, name=file.stem)


def add_settings(group: typer.Typer, command: Callable[..., None]) -> None:
    """Add to a group one subcommand for each named setting, and ``file`` for one's own.

    The command receives ``setting``, ``parameters``, what the setting was built from, and
    ``repeat``, what it takes to repeat it, before its own parameters, which must be keyword-only.
    """
    for name, build in (SETTINGS | {"file": read_setting}).items():
        text = inspect.getdoc(build) or ""
        group.command(name, help=text.partition("\n")[0])(_with_options(command, build))


def _with_options(command: Callable[..., None], build: Callable[..., Setting]) -> Any:
    """Return the command with the parameters of ``build`` as options in place of the setting."""
    own = [
        parameter
        for name, parameter in inspect.signature(command).parameters.items()
        if name not in {"setting", "parameters", "repeat"}
    ]
    texts = _parameter_texts(build)
    options = [
        inspect.Parameter(
            parameter.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=parameter.default,
            annotation=_option(parameter, texts[parameter.name]),
        )
        for parameter in inspect.signature(build).parameters.values()
        if parameter.annotation in (int, float, str, Path)
    ]

    @functools.wraps(command)
    def wrapper(context: typer.Context, **values: Any) -> None:
        parameters = {option.name: values.pop(option.name) for option in options}
        setting = build(**parameters)
        if values.pop(_INVARIANT.name):
            setting = setting.symmetrised()
        command(setting, parameters, repetition(context), **values)

    context = inspect.Parameter(
        "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    every = [context, *options, _INVARIANT, *own]
    wrapper.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {one.name: one.annotation for one in every}
    return wrapper


def _option(parameter: inspect.Parameter, text: str) -> Any:
    """Return the annotation that makes an option of a parameter; radii may be written 8/255."""
    details: dict[str, Any] = {"help": text, "rich_help_panel": "Setting"}
    if parameter.name == "epsilon":
        details |= {"parser": parse_radius, "metavar": "RADIUS"}
    flag = "--" + parameter.name.replace("_", "-")
    return Annotated[parameter.annotation, typer.Option(flag, **details)]


def _parameter_texts(build: Callable[..., Setting]) -> dict[str, str]:
    """Return the descriptions in the section Parameters of a docstring (numpydoc)."""
    _, _, section = (inspect.getdoc(build) or "").partition("Parameters\n----------\n")
    found = re.findall(r"^(\w+) : .*\n((?: {4}.*\n?)+)", section, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}
