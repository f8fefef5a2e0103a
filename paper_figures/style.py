"""One look for every figure: sizes in inches, colours by method, files that do not change.

Colours are Okabe and Ito's (and three of Paul Tol's), told apart with every common kind of
colour blindness; each recipe has its own marker besides, so that grey prints stay readable.
"""

import io
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from simulations.files import checked_path, write_atomically
from theory.checks import InputError, instance, one_of

__all__ = [
    "BOUND",
    "COLUMN",
    "EXACT",
    "FAILED",
    "FORMATS",
    "GUIDE",
    "INNER",
    "NETWORKS",
    "PAGE",
    "RECIPES",
    "SETTINGS",
    "NetworkStyle",
    "Style",
    "check_format",
    "dataset_label",
    "label_line",
    "legend_outside",
    "network_style",
    "new_figure",
    "percent",
    "rendered",
    "save",
    "sequential_colours",
    "style_of",
    "styled",
]

COLUMN = 3.35
"""Width of one text column, in inches."""
PAGE = 6.9
"""Width of a page of two columns, in inches."""

BOUND = "#000000"
INNER = "#0072B2"
GUIDE = "#767676"
FAILED = "#CC0000"

FORMATS = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
}
"""Formats of files and the metadata that would otherwise differ from run to run."""


@dataclass(frozen=True)
class Style:
    """How one training recipe appears in every figure and table."""

    label: str
    colour: str
    marker: str


RECIPES = {
    "natural": Style("natural", "#555555", "o"),
    "augmented": Style("augmented", "#0072B2", "s"),
    "adversarial": Style("adversarial", "#D55E00", "^"),
    "mixture": Style("mixture", "#009E73", "D"),
    "mixture_trades": Style("mixture with TRADES", "#117733", "d"),
    "trades": Style("TRADES", "#E69F00", "v"),
    "composed": Style("composed", "#CC79A7", "p"),
    "adversarial_then_augmented": Style("adversarial, then augmented", "#56B4E9", "<"),
    "augmented_then_adversarial": Style("augmented, then adversarial", "#882255", ">"),
    "cusp": Style("CuSP", "#000000", "h"),
    "cusp_trades": Style("CuSP with TRADES", "#999933", "P"),
}


EXACT = "_exact"
"""End of the names of recipes whose rotations are exact quarter turns."""


@dataclass(frozen=True)
class NetworkStyle:
    """How one network appears: its name for strangers, its marker, how markers are filled.

    Where markers stand for recipes the filling tells networks of one sweep apart; elsewhere the
    marker does. ``fill`` is one of Matplotlib's fill styles, ``none`` for an open marker.
    """

    label: str
    marker: str
    fill: str


NETWORKS = {
    "cnn5": NetworkStyle("standard CNN", "o", "full"),
    "cnn5half": NetworkStyle("standard CNN, half as wide", "s", "bottom"),
    "p4cnn5": NetworkStyle("rotation-equivariant CNN (p4)", "D", "none"),
    "resnet7": NetworkStyle("standard ResNet-7", "^", "full"),
    "resnet7half": NetworkStyle("standard ResNet-7, half as wide", "v", "bottom"),
    "p4resnet7": NetworkStyle("rotation-equivariant ResNet-7 (p4)", "<", "none"),
    "stdcnn": NetworkStyle("small standard CNN", ">", "full"),
    "p4cnn": NetworkStyle("small rotation-equivariant CNN (p4)", "p", "none"),
    "p4mcnn": NetworkStyle("small roto-reflection-equivariant CNN (p4m)", "h", "left"),
    "vgg16": NetworkStyle("VGG16", "P", "full"),
    "resnet18": NetworkStyle("ResNet-18", "X", "bottom"),
    "p4mresnet18": NetworkStyle("roto-reflection-equivariant ResNet-18 (p4m)", "*", "none"),
    "dense": NetworkStyle("network of templates", "d", "left"),
}

_DATASETS = {"mnist": "MNIST", "cifar10": "CIFAR-10", "orientation-texture": "Gaussian images"}

SETTINGS = {
    "cyclic-code": ("#E69F00", "v"),
    "orientation-texture": ("#0072B2", "o"),
    "rotating-bump": ("#009E73", "s"),
    "robust-feature": ("#CC79A7", "D"),
}
"""Colour and marker of each setting of the theory's catalogue."""

_RC: dict[str, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#333333",
    "axes.grid": True,
    "axes.labelsize": 8,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8,
    "errorbar.capsize": 0,
    "figure.constrained_layout.h_pad": 0.03,
    "figure.constrained_layout.w_pad": 0.03,
    "figure.dpi": 300,
    "font.family": "DejaVu Sans",
    "font.size": 7,
    "grid.color": "#E6E6E6",
    "grid.linewidth": 0.5,
    "legend.borderaxespad": 0.3,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.labelspacing": 0.35,
    "lines.linewidth": 1.3,
    "lines.markersize": 4.5,
    "mathtext.fontset": "dejavusans",
    "pdf.fonttype": 42,
    "savefig.dpi": 300,
    "svg.hashsalt": "spatial-adversarial-tradeoff",
    "xtick.labelsize": 7,
    "xtick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.labelsize": 7,
    "ytick.major.size": 2.5,
    "ytick.major.width": 0.6,
}

Arguments = ParamSpec("Arguments")


def styled(draw: Callable[Arguments, Figure]) -> Callable[Arguments, Figure]:
    """Decorate a function that draws: it sees this style and nothing of the user's own."""

    @wraps(draw)
    def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Figure:
        with _paper():
            return draw(*args, **kwargs)

    return wrapper


def new_figure(
    width: float, height: float, *, rows: int = 1, columns: int = 1, **options: Any
) -> tuple[Figure, list[Axes]]:
    """Return an empty figure, `width` by `height` inches, and its axes, row by row."""
    figure = Figure(figsize=(width, height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, list(axes.ravel())


def legend_outside(figure: Figure, entries: Sequence[Artist], **options: Any) -> None:
    """Place a legend right of a single panel, above several."""
    if len(figure.axes) == 1:
        figure.legend(handles=entries, loc="outside right upper", **options)
    else:
        figure.legend(handles=entries, loc="outside upper center", ncols=4, **options)


def style_of(recipe: str) -> Style:
    """Return the look of a training recipe.

    Raises
    ------
    ValueError
        If the recipe has none.
    """
    look = RECIPES[one_of("recipe", recipe.removesuffix(EXACT), list(RECIPES))]
    return replace(look, label=f"{look.label}, exact turns") if recipe.endswith(EXACT) else look


def dataset_label(dataset: str) -> str:
    """Return the name of a data set for reading.

    Raises
    ------
    ValueError
        If the data set has none.
    """
    return _DATASETS[one_of("dataset", dataset, list(_DATASETS))]


def network_style(network: str) -> NetworkStyle:
    """Return the look of a network.

    Raises
    ------
    ValueError
        If the network has none.
    """
    return NETWORKS[one_of("network", network, list(NETWORKS))]


def sequential_colours(count: int) -> list[tuple[float, ...]]:
    """Return `count` colours of one scale, light to dark, for curves in a natural order."""
    scale = mpl.colormaps["viridis_r"]
    return [tuple(scale(position)) for position in np.linspace(0.35, 0.95, count)]


def label_line(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    colour: str | tuple[float, ...],
    offset: tuple[float, float] = (3, 0),
    **options: Any,
) -> None:
    """Write `text` beside the point (x, y) of a line, `offset` points away."""
    placed = {"va": "center", "fontsize": 7, **options}
    note = axes.annotate(
        text, (x, y), xytext=offset, textcoords="offset points", color=colour, **placed
    )
    note.set_in_layout(False)


def percent(value: float, _: float = 0.0) -> str:
    """Return a share as the label of a tick, with the digits that it needs."""
    return f"{100 * value:.6g}%"


def save(figure: Figure, path: str | os.PathLike[str]) -> Path:
    """Write a figure so that an unchanged figure is an unchanged file, byte by byte.

    The format follows the ending of `path`: png, pdf or svg.  The file appears whole or not
    at all.

    Parameters
    ----------
    figure : matplotlib Figure
    path : path
        Of the file.

    Returns
    -------
    Path
        The same.

    Raises
    ------
    ValueError
        If the ending is none of these, or the figure is none.
    OSError
        If the folder cannot be written.
    """
    instance("figure", figure, Figure)
    path = checked_path("path", path)
    return write_atomically(path, rendered(figure, check_format(path)))


def rendered(figure: Figure, kind: str) -> bytes:
    """Return a figure as a file of a format of `FORMATS`, the same bytes each time."""
    buffer = io.BytesIO()
    with _paper():
        figure.savefig(buffer, format=kind, metadata=FORMATS[kind])
    return buffer.getvalue()


def check_format(path: Path) -> str:
    """Return the format that the ending of a path names.

    Raises
    ------
    ValueError
        If it is not png, pdf or svg.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise InputError(f"figure file must end in .png, .pdf or .svg, got {path.name!r}")
    return kind


def _paper() -> AbstractContextManager[None]:
    """Matplotlib's defaults with this style on top, whatever the user's settings are."""
    return mpl.style.context(["default", _RC])
