"""What made a row: a digest of the sources that a task runs, and the versions it runs on."""

import ast
import hashlib
import importlib.util
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

from simulations.execution.task import versions

__all__ = ["code_of", "digest_of_module"]

_PACKAGES = ("theory", "simulations", "empirical", "paper_figures", "tradeoff")


def code_of(function: Callable[..., Any]) -> dict[str, str]:
    """Return what identifies the code of a task: sources and versions of its libraries.

    The digest covers the module of the function and everything of this project that it imports,
    directly or not, wherever in a file the import stands. Comments and docstrings do not count:
    they change no row. A function from outside the project has its own module only.
    """
    while isinstance(function, partial):
        function = function.func
    return {"sources": digest_of_module(str(function.__module__)), **versions()}


@cache
def digest_of_module(name: str) -> str:
    """SHA-256 of the syntax of a module and of the project's modules that it imports."""
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        source = _source(module)
        if source is None:
            continue
        tree = ast.parse(source.read_text(encoding="utf-8"))
        waiting += sorted(_imports(tree) - set(found))
        found[module] = ast.dump(_without_docstrings(tree))
    text = "\n".join(f"{module} {found[module]}" for module in sorted(found))
    return hashlib.sha256(text.encode()).hexdigest()


def _source(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError):
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


def _imports(tree: ast.AST) -> set[str]:
    """Modules of this project that a file may import, among other dotted names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.partition(".")[0] in _PACKAGES}


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            node.body = body[1:]
    return tree
