"""The rules of the layout that a reader may rely on, held to by machine."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("theory", "simulations", "empirical", "paper_figures", "tradeoff")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).glob("**/*.py"))
TESTS = sorted((ROOT / "tests").glob("**/*.py"))

# A source file is tested by the file of its own name. These are tested elsewhere, and this is why.
_PROOFS = ("tests/theory/derivations/test_derive.py", "a derivation is verified as a whole")
_FAMILY = ("tests/empirical/networks/test_architectures.py", "all networks obey the same rules")
_CURVES = ("tests/theory/frontiers/test_curves.py", "all curves obey the same rules")
_PLANS = ("tests/empirical/experiments/test_plans.py", "all plans obey the same rules")
TESTED_ELSEWHERE = {
    **{
        f"theory/derivations/{name}.py": _PROOFS
        for name in (
            "cyclic_code", "lemmas", "notation", "orientation_texture", "proof",
            "robust_feature", "rotating_bump",
        )
    },
    **{f"empirical/networks/{name}.py": _FAMILY for name in ("plain", "resnet", "vgg")},
    "empirical/experiments/catalogue.py": _PLANS,
    "theory/setting/curves.py": _CURVES,
    "tradeoff/application.py": ("tests/tradeoff/test_tradeoff.py", "what all commands share"),
}  # fmt: skip

HEAVY = {
    "theory": ("torch", "matplotlib", "pandas", "sympy", "scipy.stats", "joblib", "rich"),
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


LARGEST_FOLDER = 12
# Folders that are still larger, and how large; a folder that has shrunk leaves the table.
LARGER = {"tests/theory": 16, "tests/empirical": 13}


def folders() -> list[Path]:
    return sorted({path.parent for path in SOURCES + TESTS})


def entries(folder: Path) -> list[str]:
    """Return what a reader sees in a folder: not the markers of packages, nothing hidden."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if not path.name.startswith(("__", ".")) and path.name != "py.typed"
    )


@pytest.mark.parametrize("folder", names(folders()))
def test_folders_are_small_enough_to_read(folder: str) -> None:
    found = entries(ROOT / folder)
    if folder in LARGER:
        assert LARGEST_FOLDER < len(found) <= LARGER[folder], found
    else:
        assert len(found) <= LARGEST_FOLDER, found


def imports(source: Path) -> set[str]:
    """Return the modules of this project that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found & {module(path) for path in SOURCES}


def module(source: Path) -> str:
    parts = source.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_circle_of_imports() -> None:
    packages = {module(path) for path in SOURCES if path.name == "__init__.py"}
    graph = {module(path): imports(path) - packages for path in SOURCES}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_circle_of_folders(package: str) -> None:
    graph: dict[str, set[str]] = {}
    for path in SOURCES:
        folder, *inside = module(path).split(".")[:-1] or [module(path)]
        if folder == package and inside:
            own = f"{folder}.{inside[0]}"
            homes = {".".join(name.split(".")[:2]) for name in imports(path) if name.count(".") > 1}
            graph.setdefault(own, set()).update(
                home for home in homes if home.startswith(f"{package}.") and home != own
            )
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("source", names(SOURCES))
def test_every_source_file_has_its_tests(source: str) -> None:
    path = Path(source)
    if path.name.startswith("__"):
        return
    mirror = Path("tests") / path.parent / f"test_{path.name}"
    if source in TESTED_ELSEWHERE:
        elsewhere, why = TESTED_ELSEWHERE[source]
        assert why
        assert not (ROOT / mirror).exists(), "has its own tests: remove it from the table"
        mirror = Path(elsewhere)
    assert (ROOT / mirror).exists()


def test_the_table_names_files_that_exist() -> None:
    assert [name for name in TESTED_ELSEWHERE if not (ROOT / name).exists()] == []


def test_folders_of_tests_are_packages() -> None:
    assert [
        path for path in {path.parent for path in TESTS} if not (path / "__init__.py").exists()
    ] == [ROOT / "tests" / "reference"]


@pytest.mark.parametrize("source", names([*SOURCES, *(ROOT / "benchmarks").glob("*.py")]))
def test_only_tests_import_tests(source: str) -> None:
    found = re.findall(r"^\s*(?:from|import) tests\b.*", (ROOT / source).read_text("utf-8"), re.M)
    assert found == []


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
