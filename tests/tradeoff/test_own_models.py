"""The command evaluate on a model and images of the user, from a folder of the user."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests import ROOT

MODEL = """
import torch
from torch import nn

def build():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a model, its weights and images, and packages called as ours are."""
    (tmp_path / "mymodel.py").write_text(MODEL)
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 64, generator=generator)
    torch.save({"1.weight": weight, "1.bias": torch.zeros(3)}, tmp_path / "w.pt")
    images = torch.rand(30, 8, 8, generator=generator)
    labels = (images.flatten(1) @ weight.T).argmax(1)
    np.savez(tmp_path / "images.npz", x_test=images.numpy(), y_test=labels.numpy())
    for name in ("theory", "simulations", "empirical", "paper_figures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not ours')")
    return tmp_path


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "") or str(ROOT)},
    )


CONSOLE_SCRIPT = (sys.executable, "-P", "-c", "import tradeoff; tradeoff.main()")
WAYS = {"script": CONSOLE_SCRIPT, "module": (sys.executable, "-m", "tradeoff")}


@pytest.mark.parametrize("way", WAYS)
def test_packages_of_the_folder_do_not_hide_ours(folder: Path, way: str) -> None:
    if way == "script":  # of this name too, where Python itself does not look at it first
        (folder / "tradeoff").mkdir()
        (folder / "tradeoff" / "__init__.py").write_text("raise RuntimeError('not ours')")
    result = run(
        folder, *WAYS[way], "evaluate", "mymodel:build", "--weights", "w.pt",
        "--data", "images.npz", "--device", "cpu",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "clean  1.000" in result.stdout
