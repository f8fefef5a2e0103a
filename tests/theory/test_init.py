"""The public names, and what importing the package costs."""

import subprocess
import sys

import pytest

import theory

SCRIPT = """
import sys, time
start = time.process_time()
import theory
print(time.process_time() - start)
theory.gaussian_tradeoff(0.1, 1.0), theory.catalogue.defaults()
print(*(n for n in ("torch", "sympy", "matplotlib", "flint", "scipy.stats") if n in sys.modules))
"""


def test_every_public_name_resolves() -> None:
    for name in theory.__all__:
        assert getattr(theory, name) is not None
    assert set(theory.__all__) <= set(dir(theory))


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="No theory attribute nothing"):
        _ = theory.nothing


def test_import_is_cheap() -> None:
    runs = [
        subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    seconds = min(float(run.stdout.splitlines()[0]) for run in runs)
    assert seconds < 0.2
    assert runs[0].stdout.splitlines()[1] == ""
