"""Models of the user."""

from pathlib import Path

import pytest
import torch
from torch import nn

from empirical.experiments.user_models import load_model

HERE = "tests.empirical.experiments.test_user_models"
NUMBER = 3


class Zero(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width, 2))


def factory() -> nn.Module:
    return Zero(4)


def needs_argument(width: int) -> nn.Module:
    return Zero(width)


def no_module() -> int:
    return NUMBER


def test_a_model_comes_with_its_weights(tmp_path: Path) -> None:
    weights = {"weight": torch.arange(8.0).view(4, 2)}
    torch.save(weights, tmp_path / "w.pt")
    model = load_model(f"{HERE}:factory", tmp_path / "w.pt")
    assert not model.training
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("factory", r"must be written package.module:factory, got 'factory'"),
        ("no.such:factory", r"cannot be imported: No module named 'no'"),
        (f"{HERE}:missing", r"cannot be imported: .*missing"),
        (f"{HERE}:NUMBER", r"must be callable, got int"),
        (f"{HERE}:needs_argument", r"must need no arguments: missing a required argument"),
        (f"{HERE}:no_module", r"must be a torch module, got int"),
    ],
)
def test_bad_references_are_refused(reference: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_model(reference)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    torch.save(Zero(3).state_dict(), tmp_path / "w.pt")
    with pytest.raises(ValueError, match="do not fit"):
        load_model(f"{HERE}:factory", tmp_path / "w.pt")
