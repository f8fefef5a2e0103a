"""Models of the user."""

import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from empirical.experiments.user_models import load_model
from tests import ROOT

HERE = "tests.empirical.experiments.test_user_models"
NUMBER = 3


class Zero(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width, 2))


def factory() -> nn.Module:
    return Zero(4)


def parallel() -> nn.Module:
    return nn.DataParallel(factory())


INSTANCE = factory()


def needs_argument(width: int) -> nn.Module:
    return Zero(width)


def no_module() -> int:
    return NUMBER


def fails() -> nn.Module:
    raise OSError("no weights\n  here")


def leaves() -> nn.Module:
    raise SystemExit(3)


MODULE = """
from torch import nn
from {stem}_blocks import WIDTH

class Model(nn.Flatten):
    pass

def build():
    return Model(WIDTH)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the user's with a model in a module, and modules of its own."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    stem = f"own_{tmp_path.name}"
    (tmp_path / f"{stem}.py").write_text(MODULE.format(stem=stem))
    (tmp_path / f"{stem}_blocks.py").write_text("WIDTH = 7")
    return tmp_path


def test_modules_of_the_current_folder_are_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert load_model(f"own_{folder.name}:build").start_dim == 7
    assert sys.path[-1] == str(folder)  # behind the others, which it must not hide


def test_a_file_is_found_from_anywhere_with_the_modules_beside_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Path.cwd() != folder
    assert load_model(f"{folder}/own_{folder.name}.py:build").start_dim == 7
    monkeypatch.chdir(folder.parent)
    assert load_model(f"./{folder.name}/own_{folder.name}.py:build").start_dim == 7


def test_a_file_may_be_called_like_a_package_of_this_program(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    Path("theory.py").write_text(Path(f"own_{folder.name}.py").read_text())
    assert load_model("./theory.py:build").start_dim == 7
    assert Path(sys.modules["theory"].__path__[0]) == ROOT / "theory"
    with pytest.raises(ValueError, match="theory is a package of this program: give yours"):
        load_model("theory:build")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def build(:", "cannot be imported: SyntaxError: invalid syntax"),
        ("1 / 0", "cannot be imported: ZeroDivisionError: division by zero"),
        ("from theory import Block", "cannot import name 'Block' .*; theory is a package of this"),
    ],
)
def test_files_that_fail_are_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.py").write_text(text)
    with pytest.raises(ValueError, match=message) as refusal:
        load_model(f"{tmp_path}/own.py:build")
    assert "\n" not in str(refusal.value)


def test_a_model_comes_with_its_weights(tmp_path: Path) -> None:
    weights = {"weight": torch.arange(8.0).view(4, 2)}
    torch.save(weights, tmp_path / "w.pt")
    model = load_model(f"{HERE}:factory", tmp_path / "w.pt")
    assert not model.training
    assert all(torch.equal(weights[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    "prefix", ["module.", "_orig_mod.", "_orig_mod.module.", "module._orig_mod."]
)
def test_weights_of_a_wrapped_model_fit_the_model(tmp_path: Path, prefix: str) -> None:
    weights = torch.arange(8.0).view(4, 2)
    torch.save({f"{prefix}weight": weights}, tmp_path / "w.pt")
    model = load_model(f"{HERE}:factory", tmp_path / "w.pt")
    assert torch.equal(model.state_dict()["weight"], weights)
    if prefix == "module.":
        wrapped = load_model(f"{HERE}:parallel", tmp_path / "w.pt")
        assert torch.equal(wrapped.state_dict()["module.weight"], weights)


def test_a_module_serves_as_its_own_factory() -> None:
    assert load_model(f"{HERE}:INSTANCE") is INSTANCE


def test_what_a_file_does_on_import_stays_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.py").write_text(
        "import argparse, torch\n"
        "print('hello')\n"
        "argparse.ArgumentParser().parse_args()\n"
        "torch.set_grad_enabled(False)\n"
        "build = torch.nn.Identity\n"
    )
    before = list(sys.argv)
    load_model(f"{tmp_path}/own.py:build")
    assert torch.is_grad_enabled()
    assert sys.argv == before
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("factory", r"module:factory or file.py:factory, got 'factory'"),
        ("no.such:factory", r"cannot be imported: ModuleNotFoundError: No module named 'no'$"),
        (f"{HERE}:missing", r"cannot be imported: .*missing"),
        (f"{HERE}:NUMBER", r"must be callable, got int"),
        (f"{HERE}:needs_argument", r"must need no arguments: missing a required argument"),
        (f"{HERE}:no_module", r"must be a torch module, got int"),
        (f"{HERE}:fails", r"cannot be made: OSError: no weights here$"),
        (f"{HERE}:leaves", r"cannot be made: SystemExit: 3$"),
        ("theory.blocks:build", r"No module named 'theory.blocks'; theory is a package of this"),
        ("missing.py:build", r"model must be in a file that exists, got missing.py"),
    ],
)
def test_bad_references_are_refused(reference: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_model(reference)


def test_arguments_of_another_type_are_refused() -> None:
    with pytest.raises(ValueError, match="reference must be a string, got 3"):
        load_model(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="weights must be the path of a file or folder, got 3"):
        load_model(f"{HERE}:factory", 3)  # type: ignore[arg-type]


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    torch.save(Zero(3).state_dict(), tmp_path / "w.pt")
    with pytest.raises(ValueError, match="do not fit"):
        load_model(f"{HERE}:factory", tmp_path / "w.pt")
