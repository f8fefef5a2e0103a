"""The rules of the layout that a reader may rely on, held to by machine."""

import ast
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("theory", "simulations", "empirical", "paper_figures")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).glob("**/*.py"))
TESTS = sorted((ROOT / "tests").glob("**/*.py"))

# A source file is tested by the file of its own name, or of its family (`networks_vgg.py` by
# `test_networks.py`, `halfspace_search.py` by `test_halfspaces.py`).
# These are tested elsewhere, and this is why.
TESTED_ELSEWHERE = {
    "tradeoff/errors.py": ("tests/tradeoff/test_tradeoff.py", "how every command ends"),
    "tradeoff/options.py": ("tests/tradeoff/test_networks.py", "what the commands share"),
}

HEAVY = {
    "theory": ("torch", "matplotlib", "sympy", "scipy.stats", "joblib", "rich"),
    "simulations": ("torch", "matplotlib", "sympy", "distributed"),
    "simulations.execution.execute": ("torch", "matplotlib", "sympy", "distributed"),
    "paper_figures": ("torch", "sympy", "empirical"),
    "tradeoff": ("torch", "matplotlib", "sympy"),
}


def names(paths: list[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def test_import_contracts() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout
    assert "0 broken" in outcome.stdout


@pytest.mark.parametrize("module", HEAVY)
def test_importing_stays_light(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(sys.modules))"
    command = [sys.executable, "-c", program]
    outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = outcome.stdout.split()
    assert module in loaded
    assert not set(HEAVY[module]) & set(loaded)


def test_files_are_short() -> None:
    lengths = {name: len(lines(ROOT / name)) for name in names(SOURCES + TESTS)}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_the_median_file_has_at_most_a_hundred_lines_of_code(package: str) -> None:
    files = [path for path in SOURCES + TESTS if path.relative_to(ROOT).parts[0] == package]
    assert statistics.median(code_lines(path) for path in files) <= 100


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def code_lines(path: Path) -> int:
    """Count the lines that are neither blank nor documentation."""
    documented: set[int] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(
            node
        ):
            documented.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    code = enumerate(lines(path), start=1)
    return sum(bool(line.strip()) and number not in documented for number, line in code)


@pytest.mark.parametrize("source", names(SOURCES))
def test_every_source_file_has_its_tests(source: str) -> None:
    if source.endswith("__init__.py"):
        return
    package, *folders, file = source.removesuffix(".py").replace("__main__", "main").split("/")
    stem = "_".join([*(folder.removesuffix("s") for folder in folders), file])
    family = stem.partition("_")[0]
    mirrors = [f"tests/{package}/test_{name}.py" for name in (stem, family, f"{family}s")]
    if source in TESTED_ELSEWHERE:
        elsewhere, why = TESTED_ELSEWHERE[source]
        assert why
        assert not (ROOT / mirrors[0]).exists(), "has its own tests: remove it from the table"
        mirrors = [elsewhere]
    assert any((ROOT / mirror).exists() for mirror in mirrors)


def test_the_table_names_files_that_exist() -> None:
    assert [name for name in TESTED_ELSEWHERE if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("folder", ["tests", *(f"tests/{package}" for package in PACKAGES)])
def test_folders_of_tests_are_packages(folder: str) -> None:
    assert (ROOT / folder / "__init__.py").exists()


def test_no_drawer_for_odds_and_ends() -> None:
    drawers = re.compile(r"(^|_)(utils?|common|helpers?|misc|tools|base)($|_)")
    assert [name for name in names(SOURCES + TESTS) if drawers.search(Path(name).stem)] == []


@pytest.mark.parametrize("source", names(SOURCES))
def test_sources_keep_the_conventions(source: str) -> None:
    text = (ROOT / source).read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    assert ast.get_docstring(tree), "every file says what its idea is"
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), "assert never guards input"
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            assert all(alias.name != "*" for alias in node.names)
        if isinstance(node, ast.Attribute):
            assert ast.unparse(node) not in {"torch.manual_seed", "np.random.seed"}


def test_the_public_names_exist() -> None:
    program = (
        "import importlib, sys\n"
        "for package in map(importlib.import_module, sys.argv[1:]):\n"
        "    names = getattr(package, '__all__', [])\n"
        "    assert len(set(names)) == len(names), package\n"
        "    assert all(hasattr(package, name) for name in names), package\n"
    )
    subprocess.run([sys.executable, "-c", program, *PACKAGES], cwd=ROOT, check=True)
