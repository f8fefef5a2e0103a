"""Evaluation: one flag per image and measure, from which counts are reported.

Each measure draws from a generator of its own, named after the measure and its level, so that
asking for more measures leaves the others as they were.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor, nn

from empirical.attacks import cross_entropy, margin, pgd
from empirical.data import Dataset, in_order
from empirical.layers import frozen
from empirical.logits import check_logits
from empirical.settings import Attack
from empirical.spatial import Chain, Group, Rotations, Spatial
from theory.checks import integer, nonnegative

__all__ = ["Flags", "Measures", "adversarial_flags", "evaluate", "spatial_flags"]

Key = tuple[str, float]
"""A measure and its level."""


@dataclass(frozen=True)
class Measures:
    """What to measure.

    Clean accuracy is always measured; on images of a theoretical setting also its spatial
    accuracy and its rate of invariance, under the setting's own group.

    Parameters
    ----------
    rotations : tuple of float
        Test ranges of random rotation, in degrees.
    epsilons : tuple of float
        Radii of the l_inf attack, in units of the images.
    steps, restarts : int
        Of the attack.
    batch_size : int
        Images at a time.
    """

    rotations: tuple[float, ...] = ()
    epsilons: tuple[float, ...] = ()
    steps: int = 20
    restarts: int = 1
    batch_size: int = 250

    def __post_init__(self) -> None:
        for name in ("rotations", "epsilons"):
            values = tuple(nonnegative(name, value) for value in getattr(self, name))
            object.__setattr__(self, name, values)
        for name in ("steps", "restarts", "batch_size"):
            integer(name, getattr(self, name), minimum=1)


@dataclass(frozen=True, eq=False)
class Flags:
    """Per-image outcomes: for each measure and level, which images succeeded, (N,) booleans."""

    outcomes: dict[Key, Tensor] = field(default_factory=dict)

    def rows(self, labels: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return one row of counts per measure, each with the given labels in front."""
        return [
            {
                **labels,
                "measure": measure,
                "level": level,
                "successes": int(flags.sum()),
                "trials": len(flags),
            }
            for (measure, level), flags in self.outcomes.items()
        ]

    def save(self, path: Path) -> None:
        """Write the flags as an .npz file, eight to a byte, under the names measure@level."""
        packed: dict[str, Any] = {
            f"{measure}@{level:g}": np.packbits(flags.numpy())
            for (measure, level), flags in self.outcomes.items()
        }
        count = max(map(len, self.outcomes.values()), default=0)
        np.savez_compressed(path, **packed, count=np.int64(count))

    @classmethod
    def load(cls, path: Path) -> "Flags":
        """Read flags written by `save`.

        Raises
        ------
        ValueError
            If the file is not one of flags.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                count = int(stored["count"])
                outcomes = {}
                for name in set(stored.files) - {"count"}:
                    measure, _, level = name.partition("@")
                    bits = np.unpackbits(stored[name], count=count).astype(bool)
                    outcomes[measure, float(level)] = torch.from_numpy(bits)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"flags {path} cannot be read: {error}") from None
        return cls(outcomes)


def evaluate(model: nn.Module, dataset: Dataset, measures: Measures, *, seed: int) -> Flags:
    """Measure a model on every image of a data set.

    Raises
    ------
    ValueError
        If the model does not return one finite logit per class, or returns probabilities.
    """
    flags = Flags()
    clean, _ = spatial_flags(model, dataset, Chain(), measures, _generator(dataset, seed, "clean"))
    flags.outcomes["clean", 0.0] = clean
    moves: list[tuple[str, str, float, Spatial]] = []
    if dataset.setting is not None:
        moves.append(("spatial", "invariance", 0.0, Group(dataset.setting.transformations)))
    moves += [("rotation", "invariance_rotation", d, Rotations(d)) for d in measures.rotations]
    for accuracy, invariance, level, spatial in moves:
        generator = _generator(dataset, seed, accuracy, level)
        flags.outcomes[accuracy, level], flags.outcomes[invariance, level] = spatial_flags(
            model, dataset, spatial, measures, generator
        )
    for epsilon in measures.epsilons:
        attack = Attack(epsilon, steps=measures.steps, restarts=measures.restarts)
        generator = _generator(dataset, seed, "adversarial", epsilon)
        flags.outcomes["adversarial", epsilon] = adversarial_flags(
            model, dataset, attack, batch_size=measures.batch_size, generator=generator
        )
    return flags


def spatial_flags(
    model: nn.Module,
    dataset: Dataset,
    spatial: Spatial,
    measures: Measures,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Say for which images f(T(x)) = y and for which f(T(x)) = f(x), one draw of T per image.

    The fooling rate of T is 1 minus the rate of the second (THEORY.md, section 1).

    Returns
    -------
    (Tensor, Tensor)
        Booleans (N,) on the CPU: correct, invariant.
    """
    correct, invariant = [], []
    with frozen(model), torch.no_grad():
        for images, labels in in_order(dataset, measures.batch_size):
            moved = spatial(images, generator=generator)
            plain = check_logits(model(images), labels).argmax(1)
            turned = plain if moved is images else model(moved).argmax(1)
            correct.append((turned == labels).cpu())
            invariant.append((turned == plain).cpu())
    return torch.cat(correct), torch.cat(invariant)


def adversarial_flags(
    model: nn.Module,
    dataset: Dataset,
    attack: Attack,
    *,
    batch_size: int,
    generator: torch.Generator,
) -> Tensor:
    """Say which images withstand PGD on the cross-entropy and then PGD on the margin.

    The second attack only sees what the first has left; it finds images on which the
    cross-entropy has saturated.

    Returns
    -------
    Tensor
        Booleans (N,) on the CPU.
    """
    return torch.cat(list(_survivors(model, dataset, attack, batch_size, generator)))


def _survivors(
    model: nn.Module,
    dataset: Dataset,
    attack: Attack,
    batch_size: int,
    generator: torch.Generator,
) -> Iterator[Tensor]:
    losses: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (cross_entropy, margin)
    for images, labels in in_order(dataset, batch_size):
        robust = torch.ones(len(images), dtype=torch.bool, device=images.device)
        for loss in losses:
            left = robust.nonzero().squeeze(1)
            if not len(left):
                break
            result = pgd(
                model,
                images[left],
                labels[left],
                epsilon=attack.epsilon,
                steps=attack.steps,
                step_size=attack.step_size,
                restarts=attack.restarts,
                bounds=dataset.bounds,
                generator=generator,
                loss=loss,
            )
            robust[left] = result.robust
        yield robust.cpu()


def _generator(dataset: Dataset, seed: int, measure: str, level: float = 0.0) -> torch.Generator:
    """Return the generator of one measure at one level."""
    name = f"{measure} {level:.9g}".encode()
    state = np.random.SeedSequence([seed, *name]).generate_state(1, np.uint64)
    return torch.Generator(dataset.images.device).manual_seed(int(state[0] >> np.uint64(1)))
