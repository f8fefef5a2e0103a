"""What to measure, as a value, and the per-image outcomes that come of it."""

import io
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from empirical.checks import check_degrees, check_odd
from simulations.files import checked_path, read_npz, write_atomically
from theory.checks import InputError, boolean, instance, integer, nonnegative, shown

__all__ = ["BEYOND", "Key", "Measures", "Outcomes"]

Key = tuple[str, float]
"""A measure and its level."""

BEYOND = 10.0
"""Degrees beyond a quarter turn that are enough to leave traces of turning."""

_AT_LEAST_ONE = ("steps", "restarts", "batch_size")


def _steps(name: str, value: int) -> int:
    return integer(name, value, minimum=1)


@dataclass(frozen=True)
class Measures:
    """What to measure.

    Clean accuracy is always measured.  On images of a theoretical setting so are spatial
    accuracy and rate of invariance under the setting's own group, and ``worst_rotations`` and
    the joint attack search that group instead of angles.

    Parameters
    ----------
    rotations : tuple of float
        Test ranges of random rotation, in degrees.
    translations : tuple of float
        Test ranges of random translation, in pixels.
    epsilons : tuple of float
        Radii of the l_inf attack, in units of the images.
    worst_rotations : tuple of float
        Ranges, in degrees, of the grid that the worst-case rotation is searched on.
    joint_epsilons : tuple of float
        Radii of the l_inf part of the joint attack.
    joint_degrees : float
        Range of its spatial part.
    boundary : float
        Largest l_inf distance to the decision boundary that is searched; 0: not measured.
    steps, restarts : int
        Of PGD.
    fewer_steps : tuple of int
        Numbers of steps of weaker PGD, each measured at the largest radius on its own.
    apgd_steps, apgd_targets : int
        Steps of each run of Auto-PGD, which attacks what PGD leaves (0: it does not), and
        number of wrong classes that it aims at.
    queries : int
        Queries of the Square attack on what gradients leave at the largest radius; 0: none. Where
        gradients vanish it finds what they cannot.
    auto_attack : bool
        Whether what is left then is attacked by AutoAttack too.
    shifts : bool
        Whether images of a theoretical setting are attacked by the shifts of its theorem too;
        the accuracy without them is then kept as ``adversarial_pgd``.
    attacked : int
        Number of images for the l_inf attacks; 0: all.
    checked : int
        Number of those on which AutoAttack goes on where the attacks before it end, at the largest
        radius alone, as a check of them; 0: none.
    angles : int
        Odd number of angles of the grids.
    few : int
        Number of images for the searching measures (worst case, joint, boundary); 0: all.
    batch_size : int
        Images at a time.
    quarter_turns : bool
        Whether square images are also turned by 90, 180 or 270 degrees: exactly, and by up to
        `BEYOND` degrees more.  The latter smooths pixels and empties corners, and a classifier
        that is right more often by far tells turned images by these traces.

    Raises
    ------
    ValueError
        If a level is negative, a range above 180 degrees, or a count below one.
    """

    rotations: tuple[float, ...] = ()
    translations: tuple[float, ...] = ()
    epsilons: tuple[float, ...] = ()
    worst_rotations: tuple[float, ...] = ()
    joint_epsilons: tuple[float, ...] = ()
    joint_degrees: float = 180.0
    boundary: float = 0.0
    steps: int = 20
    restarts: int = 1
    fewer_steps: tuple[int, ...] = ()
    apgd_steps: int = 40
    apgd_targets: int = 3
    queries: int = 0
    auto_attack: bool = False
    shifts: bool = False
    angles: int = 31
    few: int = 0
    attacked: int = 0
    checked: int = 0
    batch_size: int = 250
    quarter_turns: bool = False

    def __post_init__(self) -> None:
        for each in fields(self):  # checked as what its default is
            name, value = each.name, getattr(self, each.name)
            if isinstance(each.default, tuple):
                if not isinstance(value, (tuple, list)):
                    raise InputError(f"{name} must be a tuple, got {shown(value)}")
                check = _steps if name == "fewer_steps" else nonnegative
                object.__setattr__(self, name, tuple(check(name, one) for one in value))
            elif isinstance(each.default, bool):
                boolean(name, value)
            elif isinstance(each.default, int):
                integer(name, value, minimum=int(name in _AT_LEAST_ONE))
            else:
                nonnegative(name, value)
        for name in ("rotations", "worst_rotations"):
            for degrees in getattr(self, name):
                check_degrees(name, degrees)
        check_degrees("joint_degrees", self.joint_degrees)
        check_odd("angles", self.angles, maximum=10**4)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Per-image outcomes.

    Parameters
    ----------
    outcomes : dict
        For each measure and level, which images succeeded, booleans (N,) on the CPU.
    distances : dict
        For measures of distance, the distance of each image, (N,) floats, infinite where the
        search found no boundary; success then means that it found one.
    """

    outcomes: dict[Key, Tensor] = field(default_factory=dict)
    distances: dict[Key, Tensor] = field(default_factory=dict)

    def rows(self, labels: dict[str, Any]) -> list[dict[str, Any]]:
        """Return one row of counts per measure, each with the given labels in front.

        Rows of distances have the mean and the standard deviation of the finite ones as well.

        Raises
        ------
        ValueError
            If the labels are no dictionary.
        """
        instance("labels", labels, dict)
        return [
            {
                **labels,
                "measure": measure,
                "level": level,
                "successes": int(flags.sum()),
                "trials": len(flags),
                **self._moments((measure, level)),
            }
            for (measure, level), flags in self.outcomes.items()
        ]

    def _moments(self, key: Key) -> dict[str, float]:
        distances = self.distances.get(key)
        if distances is None or not distances.isfinite().any():
            return {}
        found = distances[distances.isfinite()].double()
        return {
            "mean": float(found.mean()),
            "std": float(found.std(correction=int(len(found) > 1))),
        }

    def save(self, path: Path) -> None:
        """Write the flags as an .npz file, eight to a byte, under the names measure@level.

        Distances go beside them as ``distance measure@level``.
        """
        write_atomically(path, self.content())

    def content(self) -> bytes:
        """Return the bytes of the file that `save` writes."""
        packed: dict[str, Any] = {}
        for (measure, level), flags in self.outcomes.items():
            packed[f"{measure}@{level:.9g}"] = np.packbits(flags.numpy())
            packed[f"count {measure}@{level:.9g}"] = np.int64(len(flags))
        for (measure, level), values in self.distances.items():
            packed[f"distance {measure}@{level:.9g}"] = values.numpy()
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **packed)
        return buffer.getvalue()

    @classmethod
    def load(cls, path: Path) -> "Outcomes":
        """Read flags written by `save`.

        Raises
        ------
        ValueError
            If the file is not one of flags.
        """
        outcomes: dict[Key, Tensor] = {}
        distances: dict[Key, Tensor] = {}
        stored: Any = read_npz(checked_path("path", path))
        try:
            for name in stored:
                if name.startswith("count "):
                    continue
                measure, _, level = name.partition("@")
                if measure.startswith("distance "):
                    key = measure.removeprefix("distance "), float(level)
                    distances[key] = torch.from_numpy(stored[name])
                    continue
                bits = np.unpackbits(stored[name], count=int(stored[f"count {name}"]))
                outcomes[measure, float(level)] = torch.from_numpy(bits.astype(bool))
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f"flags {path} cannot be read: {error}") from None
        return cls(outcomes, distances)
