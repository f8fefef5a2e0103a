"""The committed reference of the trade-off function, and the measure of error used with it."""

import json
from collections.abc import Callable

import mpmath
import numpy as np

from tests import REFERENCE
from theory.checks import FloatArray

_CONTENT = json.loads((REFERENCE / "gaussian.json").read_text())
ROWS: list[list[str]] = _CONTENT["rows"]
LOG_ROWS: list[list[str]] = _CONTENT["log_rows"]
COLUMNS = {"G": 2, "log G": 3, "power": 4, "log power": 5, "slope": 6, "excess": 7}
LARGEST, LEAST = mpmath.mpf(np.finfo(float).max), mpmath.mpf(5e-324)


def worst_error(
    function: Callable[[FloatArray, FloatArray], FloatArray], rows: list[list[str]], column: str
) -> float:
    """Largest relative error over the rows, beyond one subnormal step; overflow must be inf."""
    levels = np.array([float.fromhex(row[0]) for row in rows])
    rhos = np.array([float.fromhex(row[1]) for row in rows])
    worst = mpmath.mpf(0)
    with mpmath.workdps(40):
        for got, row in zip(function(levels, rhos), rows, strict=True):
            exact = mpmath.mpf(row[COLUMNS[column]])
            if abs(exact) > LARGEST:
                assert np.isinf(got)
                continue
            difference = abs(mpmath.mpf(float(got)) - exact) - LEAST
            if difference > 0:
                worst = max(worst, difference / abs(exact) if exact else mpmath.inf)
    return float(worst)
