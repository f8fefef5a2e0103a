"""What would be released: both archives pass the index's checks, the wheel works by itself."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGES = ("theory", "simulations", "empirical", "paper_figures", "tradeoff")


def run(*command: str | Path, cwd: Path) -> str:
    """Return what a command prints, as if this checkout were not there."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    outcome = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return outcome.stdout


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archives")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    return folder


def wheel(archives: Path) -> Path:
    (found,) = archives.glob("*.whl")
    return found


def test_nothing_forbids_a_release() -> None:
    assert not [name for name in PROJECT["classifiers"] if name.startswith("Private")]
    assert PROJECT["urls"]
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert [f'name: "{author["name"]}"' in citation for author in PROJECT["authors"]] == [True]
    assert f"version: {PROJECT['version']}\n" in citation


@pytest.mark.slow
def test_archives_pass_the_checks_of_the_index(archives: Path) -> None:
    files = sorted(archives.iterdir())
    assert sorted(path.suffix for path in files) == [".gz", ".whl"]
    printed = run(sys.executable, "-m", "twine", "check", "--strict", *files, cwd=archives)
    assert printed.count("PASSED") == 2


@pytest.mark.slow
def test_archives_hold_what_a_reader_needs(archives: Path) -> None:
    inside = set(zipfile.ZipFile(wheel(archives)).namelist())
    assert {f"{package}/py.typed" for package in PACKAGES} <= inside
    assert {"theory/THEORY.md", "empirical/data/mnist.npz"} <= inside
    assert {name.split("/")[0] for name in inside if ".dist-info" not in name} == set(PACKAGES)
    assert {Path(name).name for name in inside if "/licenses/" in name} == {"LICENSE", "NOTICE"}
    (source,) = archives.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"README.md", "constraints.txt", "tests/documents/test_package.py"} <= names
    assert not {name for name in names if name.startswith((".ci", ".venv"))}


@pytest.mark.slow
def test_the_size_of_the_wheel_is_the_one_stated(archives: Path) -> None:
    stated = float(re.search(r"wheel of (\d+) MB", README)[1])
    assert wheel(archives).stat().st_size / 1e6 == pytest.approx(stated, abs=1)


@pytest.mark.slow
def test_the_wheel_works_in_an_environment_of_its_own(archives: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "own", with_pip=True)
    python = tmp_path / "own" / "bin" / "python"
    constraints = ROOT / "constraints.txt"
    install = ("-m", "pip", "install", "--quiet", "--constraint", constraints)
    run(python, *install, wheel(archives), cwd=tmp_path)

    example = tmp_path / "example.py"
    example.write_text(re.search(r"```python\n(.*?)```", README, flags=re.DOTALL)[1])
    assert run(python, example, cwd=tmp_path).startswith("[")
    where = run(python, "-c", "import theory; print(theory.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(tmp_path)

    command = tmp_path / "own" / "bin" / "tradeoff"
    assert run(command, "--version", cwd=tmp_path).strip().endswith(PROJECT["version"])
    bound = ("bound", "orientation-texture", "--adversarial-error", "0.001")
    assert run(command, *bound, cwd=tmp_path) == run(
        sys.executable, "-m", "tradeoff", *bound, cwd=ROOT
    )
