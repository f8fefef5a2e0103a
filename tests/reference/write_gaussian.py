"""Write gaussian.json: the trade-off function over a hard grid, with mpmath.

Run as ``python tests/reference/write_gaussian.py``; it takes about a minute. Inputs are exact
doubles, the results 25 digits of a computation with 60: the quantile z solves
log Phi(z) = log a by Newton's method until it repeats, then everything else is Phi.
"""

import json
import math
from pathlib import Path

import mpmath
from mpmath import mp, mpf

ERRORS = [
    5e-324, 1e-320, 2.3e-308, 1e-300, 1e-200, 1e-100, 1e-50, 1e-20, 1e-17, 5.6e-17, 1e-13, 1e-10,
    1e-6, 1e-3, 0.013, 0.1, 0.3, 0.4999, 0.5 - 2**-54, 0.5, 0.5 + 2**-53, 0.6, 0.86, 0.87, 0.97,
    0.999, 1 - 1e-7, 1 - 1e-12, 1 - 2**-52, 1 - 2**-53,
]  # fmt: skip
RHOS = [
    0.0, 5e-324, 1e-300, 1e-16, 1e-9, 1e-3, 0.1, 0.7, 1.0, 2.5, 5.0, 8.0, 12.0, 20.0, 30.0, 37.0,
    38.4, 45.0, 60.0, 75.0, 76.5, 100.0, 300.0, 1000.0,
]  # fmt: skip
LOG_ERRORS = [
    -1e20, -1e10, -1e5, -5000.0, -745.0, -708.0, -300.0, -50.0, -2.0, -0.7, -0.69, -0.14,
    -1e-2, -1e-5, -1e-16, -1e-50, -1e-300, -5e-324,
]  # fmt: skip


def exp(x: mpf) -> mpf:
    """Exponential, 0 where no double could hold it (mpmath would spell out every bit)."""
    return mpmath.exp(x) if x > -1e7 else mpf(0)


def log_cdf(x: mpf) -> mpf:
    """Logarithm of Phi(x), accurate in both tails."""
    if x > 0:
        return mpmath.log1p(-exp(log_cdf(-x)))
    if x < -1e6:  # the asymptotic series, beyond the reach of mpmath's erfc
        y = x**-2
        series = 1 - y + 3 * y**2 - 15 * y**3 + 105 * y**4 - 945 * y**5
        return -(x**2) / 2 - mpmath.log(-x * mpmath.sqrt(2 * mpmath.pi)) + mpmath.log(series)
    return mpmath.log(mpmath.erfc(-x / mpmath.sqrt(2)) / 2)


def quantile(log_error: mpf) -> mpf:
    """Solve log Phi(z) = log_error, through the nearer tail."""
    if log_error > -mpmath.log(2):
        return -quantile(mpmath.log(-mpmath.expm1(log_error)))
    z = -mpmath.sqrt(-2 * log_error)
    for _ in range(400):
        value = log_cdf(z)
        density = exp(-(z**2) / 2 - value) / mpmath.sqrt(2 * mpmath.pi)
        step = (value - log_error) / density
        z -= step
        if abs(step) <= abs(z) * mpf(10) ** (-mp.dps + 8) or z == 0:
            return z
    raise ArithmeticError(f"no quantile at {log_error}")


def text(value: mpf) -> str:
    """25 significant digits."""
    return str(mpmath.nstr(value, 25))


def row(log_error: mpf, rho: float) -> list[str]:
    """G, log G, 1 - G, log(1 - G), slope and excess."""
    z, shift = quantile(log_error), mpf(rho)
    log_g, log_power = log_cdf(-z - shift), log_cdf(z + shift)
    slope = -exp(-shift * z - shift**2 / 2)
    if rho < 1e-12:  # the midpoint rule, of relative error rho^2 z^2 / 24
        excess = shift * exp(-((z + shift / 2) ** 2) / 2) / mpmath.sqrt(2 * mpmath.pi)
    else:  # in the tail where both terms are small
        lower = z if z + shift / 2 < 0 else -z - shift
        excess = exp(log_cdf(lower + shift)) - exp(log_cdf(lower))
    power = exp(log_power)
    values = (exp(log_g), log_g, power, log_power, slope, excess)
    return [text(value) for value in values]


def main() -> None:
    """Compute both grids and write them beside this file."""
    mp.dps = 60
    levels = []
    for error in ERRORS:
        near = mpmath.log(mpf(error)) if error < 0.5 else mpmath.log1p(mpf(error) - 1)
        levels.append(near)
    content = {
        "about": "tests/reference/write_gaussian.py; columns of rows: error or log_error (hex), "
        "rho (hex), G, log G, 1 - G, log(1 - G), dG/da, (1 - a) - G.",
        "digits": 25,
        "rows": [
            [error.hex(), rho.hex(), *row(level, rho)]
            for error, level in zip(ERRORS, levels, strict=True)
            for rho in RHOS
        ],
        "log_rows": [
            [level.hex(), rho.hex(), *row(mpf(level), rho)] for level in LOG_ERRORS for rho in RHOS
        ],
    }
    assert all(math.isfinite(float.fromhex(entry[0])) for entry in content["log_rows"])
    lines = json.dumps(content, indent=0).replace('",\n"', '", "')
    Path(__file__).with_name("gaussian.json").write_text(lines + "\n")


if __name__ == "__main__":
    main()
