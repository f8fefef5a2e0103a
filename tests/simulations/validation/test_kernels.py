"""The rows of the validation are the same whatever kernel the linear algebra chooses.

OpenBLAS holds a kernel for every kind of processor and lets the environment choose among those
that the processor can run; they differ in the last bits.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simulations
from simulations.records import Record

# The name of the kernel in use, asked of NumPy's own copy of OpenBLAS; "" where it has none.
KERNEL = """
import ctypes, pathlib, numpy
copies = (pathlib.Path(numpy.__file__).parent.parent / "numpy.libs").glob("*openblas*")
name = ""
for copy in copies:
    core = ctypes.CDLL(str(copy)).scipy_openblas_get_corename64_
    core.restype = ctypes.c_char_p
    name = core().decode()
"""
SOME_ROWS = """
from simulations.validation.checks import CHECKS
from theory.setting.catalogue import defaults
setting = defaults()["orientation-texture"]
rows = [
    row
    for check in ("closed-forms", "no-crossing", "rare-errors", "random-settings")
    for row in CHECKS[check](setting, 1000, numpy.random.SeedSequence(0))
]
"""
ALL_ROWS = """
from simulations.validation.experiments import run
rows = run("validation", "quick", 0).rows
"""


def outcome(program, **environment):
    """Run a program in a process of its own; return its kernel and the rows that it found."""
    answer = "\nimport json\nprint(json.dumps([name, rows]))"
    found = subprocess.run(
        [sys.executable, "-c", KERNEL + program + answer],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(found.stdout)


def kernels(most=5):
    """Return, by name, how to get kernels that this processor can surely run; at least two."""
    asked = ["", "Nehalem", "Prescott", "ARMV8"]
    if instructions() & {"AVX2", "X86_V3"}:
        asked.append("Haswell")
    found = {}
    for choice in asked:
        environment = {"OPENBLAS_CORETYPE": choice} if choice else {}
        name = outcome("rows = []", **environment)[0] if len(found) < most else ""
        if name:
            found.setdefault(name, environment)
    if len(found) < 2:
        pytest.skip(f"OpenBLAS must offer two kernels here, got {sorted(found) or 'none'}")
    return found


def instructions():
    """Return the instruction sets beyond its baseline that NumPy has found here."""
    return set(np.show_config(mode="dicts")["SIMD Extensions"]["found"])


def parts(rows):
    """Return the limits of the crossings, and the rows without them."""
    limits = [row["limit"] for row in rows if row["kind"] == "crossing"]
    return np.array(limits), [{**row, "limit": None} for row in rows]


def test_two_kernels_give_the_same_rows():
    (one, first), (two, second) = kernels(most=2).items()
    expected, found = (outcome(SOME_ROWS, **choice) for choice in (first, second))
    assert (expected[0], found[0]) == (one, two)
    assert len(found[1]) > 30
    assert found[1] == expected[1]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_kernel_gives_the_same_rows():
    results = [outcome(ALL_ROWS, **choice)[1] for choice in kernels().values()]
    assert len(results[0]) > 300
    for rows in results[1:]:
        assert rows == results[0]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("every", [True, False])
def test_any_instruction_set_gives_the_counts_and_verdicts_of_the_record(every):
    """Others move exp and log by a last bit, and with it where cutting planes stop."""
    left_out = {} if every else {"NPY_DISABLE_CPU_FEATURES": " ".join(instructions())}
    limits, rows = parts(outcome(ALL_ROWS, **left_out)[1])
    record = Record.load(Path(simulations.__file__).parent / "results" / "validation-quick.json")
    expected, recorded = parts(record.rows)
    assert rows == recorded
    assert limits == pytest.approx(expected, abs=1e-5)
