"""Public docstrings are of one dialect: every argument with its type, every refusal."""

import ast
import dataclasses
import enum
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import griffe
import pytest

PACKAGES = ("theory", "simulations", "empirical", "paper_figures")
# What a description says in place of a type: where the argument is described.
ELSEWHERE = re.compile(r"(As|See) ")
# Where a type that is wrong is all that can be refused, nothing need be said of it.
OF_TYPE = {"function", "instance", "shown"}

Public = Callable[..., Any]


def public() -> Iterator[tuple[str, Public]]:
    """Yield what can be called, of the public names and of the classes among them."""
    for package in map(importlib.import_module, PACKAGES):
        for name in package.__all__:
            value = inspect.unwrap(getattr(package, name))
            if inspect.isfunction(value) or inspect.isclass(value):
                yield f"{package.__name__}.{name}", value
            if inspect.isclass(value):
                for method, own in vars(value).items():
                    plain = getattr(own, "__func__", own)
                    if inspect.isfunction(plain) and not method.startswith("_"):
                        yield f"{package.__name__}.{name}.{method}", plain


PUBLIC = dict(public())
FUNCTIONS = {
    name: value
    for name, value in PUBLIC.items()
    if inspect.isfunction(value) and name.count(".") == 1
}
CLASSES = {
    name: value
    for name, value in PUBLIC.items()
    if inspect.isclass(value) and not issubclass(value, (enum.Enum, Exception))
}


def sections(docstring: str) -> dict[str, Any]:
    """Return the sections of a docstring as the site reads them, types only where written."""
    return {
        section.kind.value: section.value
        for section in griffe.Docstring(docstring).parse("numpy", warnings=False)
    }


def described(docstring: str) -> dict[str, bool]:
    """Return for each argument that a docstring names whether its type, or where it is, is told."""
    found = sections(docstring)
    return {
        name: bool(argument.annotation or ELSEWHERE.match(argument.description))
        for kind in ("parameters", "attributes")
        for argument in found.get(kind, [])
        for name in argument.name.split(", ")
    }


def refuses(value: Public) -> bool:
    """Whether a function raises InputError, or checks more of an argument than its type, itself."""
    if inspect.isclass(value):
        own = [vars(value).get(name) for name in ("__init__", "__post_init__")]
        # what a dataclass generates has no source, and checks nothing
        return any(refuses(part) for part in filter(inspect.isfunction, own) if hand_written(part))
    checks = {
        name
        for name, known in value.__globals__.items()
        if getattr(known, "__module__", "").endswith(".checks") and inspect.isfunction(known)
    }
    tree = ast.parse(textwrap.dedent(inspect.getsource(value)))
    return any(
        (isinstance(node, ast.Raise) and "InputError" in ast.unparse(node))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in checks - OF_TYPE)
        for node in ast.walk(tree)
    )


def hand_written(function: Public) -> bool:
    return Path(function.__code__.co_filename).is_file()


def arguments(value: Public) -> list[str]:
    return [name for name in inspect.signature(value).parameters if name not in {"self", "cls"}]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_describe_every_argument(name: str) -> None:
    value = FUNCTIONS[name]
    found = described(inspect.getdoc(value) or "")
    if len(arguments(value)) > 1 or found:
        assert set(found) == set(arguments(value))
        assert all(found.values()), found


@pytest.mark.parametrize("name", CLASSES)
def test_classes_describe_their_fields(name: str) -> None:
    value = CLASSES[name]
    found = described(inspect.getdoc(value) or "")
    assert all(found.values()), found
    if dataclasses.is_dataclass(value) and len(arguments(value)) > 1:
        assert set(found) == set(arguments(value))


@pytest.mark.parametrize("name", PUBLIC)
def test_what_is_refused_is_told(name: str) -> None:
    if refuses(PUBLIC[name]):
        assert "raises" in sections(inspect.getdoc(PUBLIC[name]) or "")
