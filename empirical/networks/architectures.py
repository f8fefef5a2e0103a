"""Networks by name, with weights drawn from a generator."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from empirical.networks.compact import cnn5, p4_cnn5, p4_resnet7, resnet7
from empirical.networks.equivariant import p4_cnn, p4m_cnn
from empirical.networks.layers import Standardize
from empirical.networks.plain import dense, std_cnn
from empirical.networks.resnet import p4m_resnet18, resnet18
from empirical.networks.vgg import vgg16
from theory.checks import (
    MOST_STEPS,
    FloatArray,
    InputError,
    finite_array,
    instance,
    integer,
    items,
    one_of,
    shown,
)

__all__ = ["NETWORKS", "Architecture", "network"]

Shape = tuple[int, int, int]
"""Channels, height and width of an image."""


@dataclass(frozen=True)
class Architecture:
    """A way to build the layers after ``Standardize``, and its default width and depth."""

    build: Callable[[Shape, int, int, int], nn.Module]
    width: int
    depth: int


NETWORKS = {
    "stdcnn": Architecture(std_cnn, width=16, depth=2),
    "p4cnn": Architecture(p4_cnn, width=8, depth=2),
    "p4mcnn": Architecture(p4m_cnn, width=6, depth=2),
    "dense": Architecture(dense, width=512, depth=1),
    "cnn5": Architecture(cnn5, width=32, depth=1),
    "cnn5half": Architecture(cnn5, width=16, depth=1),
    "p4cnn5": Architecture(p4_cnn5, width=8, depth=1),
    "resnet7": Architecture(resnet7, width=64, depth=3),
    "resnet7half": Architecture(resnet7, width=32, depth=3),
    "p4resnet7": Architecture(p4_resnet7, width=16, depth=3),
    "vgg16": Architecture(vgg16, width=64, depth=5),
    "resnet18": Architecture(resnet18, width=64, depth=4),
    "p4mresnet18": Architecture(p4m_resnet18, width=23, depth=4),
}


def network(
    name: str,
    shape: Shape,
    classes: int,
    *,
    generator: torch.Generator,
    width: int | None = None,
    depth: int | None = None,
    statistics: tuple[Sequence[float], Sequence[float]] | None = None,
) -> nn.Module:
    """Build a network for images of ``shape``, drawing its weights from ``generator``.

    Parameters
    ----------
    name : str
        A key of ``NETWORKS``.
    shape : tuple of three ints
        Channels, height and width of the images.
    classes : int
        Number of logits, at least 2.
    generator : torch.Generator
        Source of the first weights; the global generator is left as it was.
    width, depth : int, optional
        Channels of the first stage and number of stages; the architecture's own by default.
    statistics : pair of sequences of floats, optional
        Mean and standard deviation of each channel (``Dataset.statistics``), or 0 and 1.

    Raises
    ------
    ValueError
        If the name is unknown, a size is below its least value, or the images do not fit.
    """
    one_of("network", name, tuple(NETWORKS))
    sides = items("shape", shape, "integers")
    if len(sides) != 3:
        raise InputError(f"shape must be (channels, height, width), got {shown(shape)}")
    shape = (_size("shape", sides[0]), _size("shape", sides[1]), _size("shape", sides[2]))
    integer("classes", classes, minimum=2, maximum=MOST_STEPS)
    instance("generator", generator, torch.Generator)
    architecture = NETWORKS[name]
    width = architecture.width if width is None else width
    depth = architecture.depth if depth is None else depth
    for label, size in (("width", width), ("depth", depth)):
        _size(label, size)
    mean, std = _moments(statistics, shape[0])
    seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        layers = architecture.build(shape, classes, width, depth)
    model = nn.Sequential(Standardize(mean, std), layers)
    return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _size(name: str, value: int) -> int:
    return integer(name, value, minimum=1, maximum=1 << 14)


def _moments(
    statistics: tuple[Sequence[float], Sequence[float]] | None, channels: int
) -> tuple[list[float], list[float]]:
    """Return mean and standard deviation of every channel, 0 and 1 by default."""
    if statistics is None:
        return [0.0] * channels, [1.0] * channels
    both: FloatArray = finite_array("statistics", statistics)
    if both.shape != (2, channels):
        raise InputError(
            f"statistics must be mean and deviation of {channels} channels, got shape {both.shape}"
        )
    if not (both[1] > 0.0).all():
        raise InputError(f"statistics must have deviations > 0, got {both[1].min():g}")
    return both[0].tolist(), both[1].tolist()
