"""A valid call of every public function, class and method of empirical, on tiny images."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

import empirical
from empirical.data import cifar10
from empirical.data.digests import digest
from simulations import Estimate
from tests.fuzz.driver import Example
from tests.fuzz.objects import folder, rng
from theory import Setting
from theory.setting.catalogue import block_texture

__all__ = ["EXAMPLES"]


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def _images(count: int = 3) -> Tensor:
    return torch.rand((count, 1, 4, 4), generator=_generator())


def _labels(count: int = 3) -> Tensor:
    return torch.arange(count) % 2


class _Linear(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn((2, 16), generator=_generator()))

    def forward(self, images: Tensor) -> Tensor:
        return images.flatten(1) @ self.weight.T


def _dataset() -> empirical.Dataset:
    return empirical.Dataset(_images(8), _labels(8), classes=2)


@cache
def _setting() -> Setting:
    return block_texture(4, 2, 1)


def _run(**changes: Any) -> empirical.Run:
    schedule = empirical.SgdSteps(epochs=1, batch_size=4, peak=1e-3)
    run = empirical.Run("mnist", "stdcnn", empirical.Recipe("natural"), schedule, width=1)
    return replace(run, **changes)


def _attack(**others: Any) -> dict[str, Any]:
    return {
        "model": _Linear(),
        "images": _images(),
        "labels": _labels(),
        "bounds": (0.0, 1.0),
        **others,
    }


def _gradients(**others: Any) -> dict[str, Any]:
    return _attack(epsilon=0.1, steps=2, generator=_generator(), **others)


def _counts() -> list[tuple[Estimate, Estimate]]:
    return [(Estimate(90 - 5 * k, 100), Estimate(70 + 5 * k, 100)) for k in range(3)]


@cache
def _arrays() -> dict[str, Any]:
    images = np.zeros((2, 32, 32, 3), dtype=np.uint8)
    labels = np.array([0, 1], dtype=np.uint8)
    return {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}


@cache
def _npz() -> Path:
    path = folder("empirical") / cifar10.FILE_NAME
    np.savez(path, **_arrays())
    return path


def _load_cifar10(**arguments: Any) -> empirical.Dataset:
    """Load the two images of `_arrays`, as if they were the published ones."""
    digests = {name: digest(array) for name, array in _arrays().items()}
    with patch.dict(cifar10.DIGESTS, digests):
        return empirical.load_cifar10(**arguments)


@cache
def _outcomes() -> empirical.Outcomes:
    return empirical.Outcomes({("clean", 0.0): torch.ones(3, dtype=torch.bool)})


@cache
def _saved_outcomes() -> Path:
    path = folder("empirical") / "flags.npz"
    _outcomes().save(path)
    return path


@cache
def _weights() -> Path:
    path = folder("empirical") / "weights.pt"
    torch.save(_Linear().state_dict(), path)
    return path


def _stage() -> empirical.Stage:
    return empirical.natural().stages[0]


@cache
def _image_folder() -> Path:
    classes = folder("empirical") / "classes"
    for name in ("a", "b"):
        (classes / name).mkdir(parents=True)
        Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(classes / name / "1.png")
    return classes


EXAMPLES: dict[str, Example] = {
    "Adapter": Example(
        lambda **arguments: empirical.Adapter(**arguments)(_images()),
        lambda: {"model": _Linear(), "mean": [0.5], "std": [0.5], "logits": None},
    ),
    "doubts": Example(
        empirical.doubts,
        lambda: {
            "model": _Linear(),
            "dataset": _dataset(),
            "measures": empirical.Measures(),
            "outcomes": _outcomes(),
            "seed": 1,
            "most": 2,
            "queries": 1,
        },
        share=0.5,
    ),
    "load_image_folder": Example(
        empirical.load_image_folder, lambda: {"folder": _image_folder()}, share=0.5
    ),
    "load_model": Example(
        empirical.load_model,
        lambda: {"reference": f"{__name__}:{_Linear.__name__}", "weights": _weights()},
        share=0.5,
        words=("model", "file"),
    ),
    "Attack": Example(
        empirical.Attack, lambda: {"epsilon": 0.1, "steps": 2, "restarts": 1, "reach": 2.5}
    ),
    "AdamOneCycle": Example(
        empirical.AdamOneCycle,
        lambda: {
            "epochs": 1,
            "batch_size": 4,
            "peak": 0.01,
            "weight_decay": 0.0,
            "averaging": 0.0,
        },
    ),
    "SgdSteps": Example(
        empirical.SgdSteps,
        lambda: {
            "epochs": 1,
            "batch_size": 4,
            "peak": 0.01,
            "momentum": 0.9,
            "weight_decay": 0.0,
            "milestones": (0.5, 0.75),
            "factor": 0.1,
        },
    ),
    "Recipe": Example(
        empirical.Recipe,
        lambda: {
            "name": "mixture",
            "degrees": 90.0,
            "epsilon": 0.1,
            "weight": 0.5,
            "beta": 6.0,
            "steps": 2,
            "reach": 2.5,
            "warmup": 0.0,
        },
        words=("recipe",),
    ),
    "Recipe.curriculum": Example(
        empirical.Recipe("composed", 90.0, 0.1).curriculum, lambda: {"dataset": _dataset()}
    ),
    "Stage": Example(
        empirical.Stage,
        lambda: {"until": 1.0, "objective": _stage().objective, "warmup": 0.0},
    ),
    "Curriculum": Example(empirical.Curriculum, lambda: {"stages": (_stage(),)}),
    "Curriculum.objective": Example(empirical.natural().objective, lambda: {"fraction": 0.5}),
    "natural": Example(empirical.natural, dict, share=0.01),
    "augmented": Example(empirical.augmented, lambda: {"spatial": 90.0}),
    "adversarial": Example(empirical.adversarial, lambda: {"epsilon": 0.1}),
    "trades": Example(empirical.trades, lambda: {"beta": 6.0, "epsilon": 0.1}),
    "mixture": Example(empirical.mixture, lambda: {"weight": 0.5, "spatial": 90.0, "epsilon": 0.1}),
    "composed": Example(empirical.composed, lambda: {"spatial": 90.0, "epsilon": 0.1}),
    "sequential": Example(
        lambda parts: empirical.sequential(parts, empirical.natural()),
        lambda: {"parts": empirical.natural()},
    ),
    "cusp": Example(empirical.cusp, lambda: {"epsilon": 0.1, "spatials": (60.0, 90.0, 120.0)}),
    "cusp_trades": Example(
        empirical.cusp_trades,
        lambda: {"beta": 6.0, "epsilon": 0.1, "spatials": (60.0, 90.0, 120.0)},
    ),
    "Dataset": Example(
        empirical.Dataset,
        lambda: {
            "images": _images(),
            "labels": _labels(),
            "classes": 2,
            "bounds": (0.0, 1.0),
            "name": "fuzz",
            "setting": None,
        },
    ),
    "Dataset.held_out": Example(
        _dataset().held_out, lambda: {"count": 2, "generator": _generator()}
    ),
    "batches": Example(
        empirical.batches,
        lambda: {"dataset": _dataset(), "size": 3, "generator": _generator()},
    ),
    "ordered_batches": Example(
        empirical.ordered_batches, lambda: {"dataset": _dataset(), "size": 3}
    ),
    "rotate": Example(
        empirical.rotate, lambda: {"images": _images(), "degrees": torch.tensor([0.0, 30.0, -5.0])}
    ),
    "translate": Example(
        empirical.translate, lambda: {"images": _images(), "pixels": torch.ones(3, 2)}
    ),
    "flip": Example(
        empirical.flip, lambda: {"images": _images(), "which": torch.tensor([True, False, True])}
    ),
    "random_rotations": Example(
        empirical.random_rotations,
        lambda: {"images": _images(), "max_degrees": 30.0, "generator": _generator()},
    ),
    "grid": Example(
        empirical.grid,
        lambda: {"max_degrees": 30.0, "max_pixels": 1.0, "angles": 3, "shifts": 1},
    ),
    "group": Example(empirical.group, lambda: {"transformations": _setting().transformations}),
    "pgd": Example(
        empirical.pgd,
        lambda: _gradients(step_size=0.05, restarts=1),
    ),
    "pgd_perturb": Example(empirical.pgd_perturb, lambda: _gradients(step_size=0.05)),
    "apgd": Example(empirical.apgd, lambda: _gradients(targets=1)),
    "auto_attack": Example(
        empirical.auto_attack,
        lambda: _attack(
            epsilon=0.1,
            generator=_generator(),
            attacks=("square",),
            iterations=1,
            queries=1,
            batch_size=4,
        ),
        share=0.3,
    ),
    "boundary_distance": Example(
        empirical.boundary_distance,
        lambda: _attack(norm="linf", limit=0.5, steps=2, halvings=1),
        share=0.5,
    ),
    "worst_transformation": Example(
        empirical.worst_transformation, lambda: _attack(moves=empirical.grid(10.0, angles=3))
    ),
    "joint_attack": Example(
        empirical.joint_attack,
        lambda: _gradients(moves=empirical.grid(10.0, angles=3), tries=1, step_size=0.05),
        share=0.5,
    ),
    "evaluate": Example(
        empirical.evaluate,
        lambda: {
            "model": _Linear(),
            "dataset": _dataset(),
            "measures": empirical.Measures(),
            "seed": 1,
        },
        share=0.5,
    ),
    "Measures": Example(
        empirical.Measures,
        lambda: {
            "rotations": (30.0,),
            "translations": (1.0,),
            "epsilons": (0.1,),
            "worst_rotations": (30.0,),
            "joint_epsilons": (0.1,),
            "joint_degrees": 10.0,
            "boundary": 0.1,
            "steps": 2,
            "restarts": 1,
            "apgd_steps": 1,
            "apgd_targets": 1,
            "queries": 1,
            "auto_attack": False,
            "shifts": False,
            "angles": 3,
            "few": 1,
            "attacked": 1,
            "checked": 1,
            "batch_size": 2,
        },
    ),
    "Outcomes.save": Example(_outcomes().save, lambda: {"path": folder("empirical") / "other.npz"}),
    "Outcomes.load": Example(
        empirical.Outcomes.load, lambda: {"path": _saved_outcomes()}, words=("flags", "must exist")
    ),
    "frontier_gaps": Example(
        empirical.frontier_gaps,
        lambda: {"setting": _setting(), "measured": _counts(), "confidence": 0.9},
        share=0.5,
    ),
    "probit_law": Example(
        empirical.probit_law,
        lambda: {"measured": _counts(), "rng": rng(), "repetitions": 100},
        share=0.3,
    ),
    "fit_proxy": Example(
        empirical.fit_proxy,
        lambda: {"dataset": _dataset(), "epsilon": 0.1, "rng": rng()},
        share=0.2,
    ),
    "predict": Example(
        empirical.predict,
        lambda: {
            "proxy": _setting(),
            "spatial": Estimate(90, 100),
            "adversarial": Estimate(80, 100),
            "tolerance": 1e-4,
        },
        share=0.1,
    ),
    "gaussian_images": Example(
        empirical.gaussian_images,
        lambda: {"setting": _setting(), "count": 3, "rng": rng(), "shape": (1, 4, 4)},
    ),
    "load_mnist": Example(empirical.load_mnist, lambda: {"split": "test"}, share=0.2),
    "load_cifar10": Example(_load_cifar10, lambda: {"split": "test", "folder": _npz().parent}),
    "load_images": Example(empirical.load_images, lambda: {"file": _npz(), "split": "test"}),
    "pretrained": Example(empirical.pretrained, lambda: {"name": "mnist/cnn5-mixture-0.5"}),
    "network": Example(
        empirical.network,
        lambda: {
            "name": "stdcnn",
            "shape": (1, 8, 8),
            "classes": 2,
            "generator": _generator(),
            "width": 1,
            "depth": 1,
            "statistics": ([0.0], [1.0]),
        },
        words=("network",),
    ),
    "Run": Example(
        empirical.Run,
        lambda: {
            "dataset": "mnist",
            "network": "stdcnn",
            "recipe": empirical.Recipe("natural"),
            "schedule": empirical.AdamOneCycle(epochs=1),
            "measures": empirical.Measures(),
            "seed": 1,
            "width": 1,
            "depth": 1,
            "train": 10,
            "held_out": 2,
            "test": 10,
            "crop": 0,
            "patience": None,
            "precision": "float32",
        },
    ),
    "train_run": Example(
        empirical.train_run,
        lambda: {"run": _run(), "images": _dataset(), "checkpoint": None, "report": None},
        share=0.2,
        # what a caller's own function says, and that a file is none of ours
        words=("int()", "file"),
    ),
    "evaluate_run": Example(
        empirical.evaluate_run,
        lambda: {"run": _run(), "model": _Linear(), "images": _dataset()},
        share=0.3,
    ),
    "train": Example(
        empirical.train,
        lambda: {
            "model": _Linear(),
            "dataset": _dataset(),
            "curriculum": empirical.natural(),
            "schedule": empirical.SgdSteps(epochs=1, batch_size=4, peak=1e-3),
            "generator": _generator(),
            "prepare": None,
            "precision": torch.float32,
            "held_out": None,
            "patience": None,
            "checkpoint": None,
            "configuration": {"seed": 1},
        },
        share=0.5,
    ),
}
