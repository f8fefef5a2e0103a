"""Settings from the command line: one argument and the options that belong to it."""

import functools
import inspect
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from theory import catalogue
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

__all__ = ["SETTINGS", "build_setting", "setting_options"]

# Every option of a setting with the value it has in catalogue.defaults().
SETTINGS: dict[str, dict[str, Any]] = {
    "cyclic-code": {
        "generator": "x^17+x^16+x^13+x^12+x^9+x^8+x^5+x^4+x+1",
        "length": 20,
        "alpha": 1.0,
        "eta": 0.25,
        "sigma": 0.5,
        "epsilon": 0.5,
    },
    "orientation-texture": {
        "side": 16,
        "blocks": 4,
        "seed": 2021,
        "alpha": 0.4,
        "eta": 0.06,
        "sigma": 0.4,
        "epsilon": 0.12,
    },
    "rotating-bump": {
        "angles": 24,
        "rings": 4,
        "alpha": 0.9,
        "eta": 0.1,
        "width": 0.6,
        "sigma": 0.5,
        "epsilon": 0.1,
        "max_degrees": 180.0,
    },
    "robust-feature": {
        "weak": 15,
        "alpha": 1.0,
        "reliability": 0.95,
        "eta": 0.25,
        "sigma": 0.5,
        "epsilon": 0.5,
        "positions": 4,
    },
    "file": {"file": None, "epsilon": None, "norm": "linf"},
}

_OPTIONS: dict[str, tuple[type, str]] = {
    "alpha": (float, "amplitude of the strong, orientation-dependent signal"),
    "eta": (float, "amplitude of the weak, invariant texture"),
    "sigma": (float, "standard deviation of the noise"),
    "epsilon": (float, "radius of the attack"),
    "length": (int, "length of the code"),
    "generator": (str, "generator polynomial of the code, e.g. 'x^3+x+1'"),
    "side": (int, "side of the image"),
    "blocks": (int, "blocks of the random pattern along a side"),
    "seed": (int, "seed of the random pattern"),
    "angles": (int, "angular steps"),
    "rings": (int, "rings"),
    "width": (float, "width of the bump in radians"),
    "max_degrees": (float, "largest rotation"),
    "weak": (int, "number of weak features"),
    "reliability": (float, "probability that the strong feature agrees with the label"),
    "positions": (int, "positions the strong feature moves to"),
    "file": (Path, "npz file: means, labels, permutations [weights, sigma, probabilities]"),
    "norm": (str, "norm of the attack for a file: linf, l2 or l1"),
}


def build_setting(name: str, **options: Any) -> Setting:
    """Return the setting ``name`` with the given options; None stands for the default.

    Raises
    ------
    ValueError
        If the name is unknown, an option does not belong to it, or a value breaks a rule.
    """
    if name not in SETTINGS:
        raise ValueError(f"setting must be one of {', '.join(SETTINGS)}, got {name!r}")
    values = dict(SETTINGS[name])
    for option, value in options.items():
        if value is None:
            continue
        if option not in values:
            known = ", ".join(_flag(one) for one in values)
            raise ValueError(f"{_flag(option)} does not apply to {name}; it takes {known}")
        values[option] = value
    if name == "cyclic-code":
        return catalogue.cyclic_code(**values)
    if name == "rotating-bump":
        return catalogue.rotating_bump(**values)
    if name == "robust-feature":
        return catalogue.robust_feature(**values)
    if name == "orientation-texture":
        seed = values.pop("seed")
        if seed < 0:
            raise ValueError(f"seed must be >= 0, got {seed}")
        rng = np.random.default_rng(seed)
        pattern = catalogue.block_pattern(values.pop("side"), values.pop("blocks"), rng=rng)
        return catalogue.orientation_texture(pattern, **values)
    return _from_file(**values)


def setting_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the argument SETTING and its options.

    The command receives ``setting: Setting`` and ``options: dict`` (those given by the user)
    before its own parameters, which must be keyword-only.
    """
    signature = inspect.signature(command)
    own = [p for name, p in signature.parameters.items() if name not in {"setting", "options"}]
    choices = "|".join(SETTINGS)
    argument = inspect.Parameter(
        "name",
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        annotation=Annotated[str, typer.Argument(metavar="SETTING", help=choices)],
    )
    shared = [
        inspect.Parameter(
            option,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[kind | None, typer.Option(help=text, rich_help_panel="Setting")],
        )
        for option, (kind, text) in _OPTIONS.items()
    ]

    @functools.wraps(command)
    def wrapper(name: str, **values: Any) -> None:
        options = {option: values.pop(option) for option in _OPTIONS}
        given = {option: value for option, value in options.items() if value is not None}
        command(build_setting(name, **given), given, **values)

    parameters = [argument, *shared, *own]
    wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapper


def _from_file(file: Path | None, epsilon: float | None, norm: str) -> Setting:
    if file is None or epsilon is None:
        missing_option = "--file" if file is None else "--epsilon"
        raise ValueError(f"setting file needs --file and --epsilon, got no {missing_option}")
    try:
        with np.load(file, allow_pickle=False) as arrays:
            content = {key: arrays[key] for key in arrays.files}
    except (zipfile.BadZipFile, ValueError, EOFError, AttributeError) as error:
        raise ValueError(f"file must be a readable npz file, got {file}") from error
    missing = sorted({"means", "labels", "permutations"} - set(content))
    if missing:
        raise ValueError(f"file must contain means, labels, permutations; lacks {missing[0]}")
    sigma = content.get("sigma", np.float64(1.0))
    mixture = GaussianMixture(
        content["means"],
        content["labels"],
        content.get("weights"),
        float(sigma) if sigma.ndim == 0 else sigma,
        content.get("covariance"),
    )
    transformations = Transformations(content["permutations"], content.get("probabilities"))
    return Setting(mixture, transformations, epsilon, norm, name=file.stem)


def _flag(option: str) -> str:
    return "--" + option.replace("_", "-")
