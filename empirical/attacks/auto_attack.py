"""AutoAttack, the standard ensemble for reported l_inf robustness, through ``pyautoattack``."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import AttackResult, ball
from empirical.checks import Bounds, check_budget, check_victim
from empirical.logits import answers
from empirical.networks.layers import attack_mode
from theory.checks import MOST_STEPS, instance, integer, items, one_of, optional_module

__all__ = ["auto_attack", "default_attacks"]

MOST_TARGETS = 9
_ATTACKS = ("apgd-ce", "apgd-dlr", "apgd-t", "fab", "fab-t", "square")


def default_attacks(classes: int) -> tuple[str, ...]:
    """Return the attacks of the standard version that are defined for this number of classes.

    The targeted loss of APGD-T compares four logits, so it needs four classes.
    """
    if classes >= 4:
        return ("apgd-ce", "apgd-t", "fab-t", "square")
    return ("apgd-ce", "fab-t", "square")


def auto_attack(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    bounds: Bounds,
    generator: torch.Generator,
    attacks: tuple[str, ...] | None = None,
    iterations: int = 100,
    queries: int = 5000,
    batch_size: int = 250,
) -> AttackResult:
    """Attack with AutoAttack; its random numbers leave the global generators as they were.

    The ensemble assumes pixels in [0, 1]; other ranges are mapped there and back, which
    changes nothing else.

    Parameters
    ----------
    model, images, labels, epsilon, bounds
        As for ``pgd``.
    generator : torch.Generator
        Source of the seed that the attacks run from.
    attacks : tuple of str, optional
        Names out of apgd-ce, apgd-dlr, apgd-t, fab, fab-t, square; ``default_attacks`` if None.
    iterations : int >= 1
        Steps of APGD and FAB, 100 in the standard version.
    queries : int >= 1
        Queries of Square, 5000 in the standard version.
    batch_size : int >= 1
        Images attacked at a time.

    Raises
    ------
    ValueError
        If ``pyautoattack`` is not installed, a number is out of its range, or images, labels
        or logits are unfit.

    Source: F. Croce, M. Hein, Reliable evaluation of adversarial robustness with an ensemble
    of diverse parameter-free attacks, ICML 2020.
    """
    library: Any = optional_module("pyautoattack", "attacks")
    check_victim(model, images, labels, bounds)
    epsilon = check_budget(epsilon, bounds)
    for name, count in (("iterations", iterations), ("queries", queries)):
        integer(name, count, minimum=1, maximum=MOST_STEPS)
    batch_size = integer("batch_size", batch_size, minimum=1)
    instance("generator", generator, torch.Generator)
    for attack in () if attacks is None else items("attacks", attacks, "names"):
        one_of("attacks", attack, _ATTACKS)
    with attack_mode(model), torch.no_grad():
        parts = zip(torch.split(images, batch_size), torch.split(labels, batch_size), strict=True)
        logits = torch.cat([answers(model, part, its) for part, its in parts])
    wrong = logits.argmax(1) != labels
    if epsilon == 0 or bool(wrong.all()):
        return AttackResult(images.clone(), wrong)
    classes = logits.shape[1]
    low, high = _range(images, epsilon, bounds)
    seed = int(torch.randint(2**31, (), generator=generator, device=generator.device))
    with attack_mode(model), _own_generators(images.device):
        ensemble = library.AutoAttack(
            _Rescaled(model, low, high).eval(),
            attacks=list(default_attacks(classes) if attacks is None else attacks),
            device=images.device,
            eps=epsilon / (high - low),
            seed=seed,
            version="custom",
        )
        targets = min(MOST_TARGETS, classes - 1)
        for part in (ensemble.apgd, ensemble.apgd_targeted, ensemble.fab):
            part.n_restarts, part.n_iter, part.n_target_classes = 1, iterations, targets
        for part in (ensemble.apgd, ensemble.apgd_targeted):  # lengths of its windows of steps
            part.n_iter_2 = max(int(0.22 * iterations), 1)
            part.n_iter_min = max(int(0.06 * iterations), 1)
            part.size_decr = max(int(0.03 * iterations), 1)
        ensemble.square.n_queries = queries
        found, _ = ensemble.run_standard_evaluation(
            (images - low) / (high - low), labels, batch_size=batch_size
        )
        # the way to [0, 1] and back rounds: what counts is what the model says of the result
        moved = torch.clamp(found * (high - low) + low, *ball(images, epsilon, bounds))
        moved[wrong] = images[wrong]
        with torch.no_grad():
            again = torch.cat([model(part) for part in torch.split(moved, batch_size)])
    fooled = wrong | (again.argmax(1) != labels)
    return AttackResult(torch.where(fooled.view(-1, 1, 1, 1), moved, images), fooled)


class _Rescaled(nn.Module):
    """The model as a function of pixels in [0, 1]."""

    def __init__(self, model: nn.Module, low: float, high: float) -> None:
        super().__init__()
        self.model, self.low, self.high = model, low, high

    def forward(self, images: Tensor) -> Tensor:
        if (self.low, self.high) != (0.0, 1.0):
            images = images * (self.high - self.low) + self.low
        return self.model(images)  # type: ignore[no-any-return]


def _range(images: Tensor, epsilon: float, bounds: Bounds) -> tuple[float, float]:
    """Return the range of pixels to map to [0, 1]; unbounded pixels get room for the attack."""
    if bounds is not None:
        return bounds
    low, high = torch.aminmax(images)
    return float(low) - epsilon, float(high) + epsilon


@contextmanager
def _own_generators(device: torch.device) -> Iterator[None]:
    """Let code seed the global generators inside the block, and restore them after it."""
    arrays, plain = np.random.get_state(), random.getstate()  # noqa: NPY002
    devices = [device] if device.type == "cuda" else []
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        np.random.set_state(arrays)  # noqa: NPY002
        random.setstate(plain)
