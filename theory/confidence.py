"""One-sided confidence limits for means of bounded variables."""

import numpy as np

from theory.checks import FloatArray, InputError

__all__ = ["bernstein_margin"]


def bernstein_margin(values: FloatArray, span: float, confidence: float) -> float:
    r"""Half-width of the empirical Bernstein limit of a mean.

    With probability at least ``confidence`` the mean of ``n`` independent variables, each in an
    interval of length ``span``, exceeds the average of ``values`` by less than

    .. math:: \sqrt{2 V \ln(2/\delta) / n} + 7\, b \ln(2/\delta) / (3 (n - 1)),
              \qquad \delta = 1 - confidence,

    ``V`` the sample variance and ``b`` the span (Maurer and Pontil 2009, Theorem 4; by symmetry
    the same holds below the average). Not asymptotic: true for every ``n >= 2``.

    Raises
    ------
    ValueError
        If there are fewer than two values or ``confidence`` is not inside (0, 1).
    """
    n = values.size
    if n < 2:
        raise InputError(f"values must be at least two, got {n}")
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence must lie in (0, 1), got {confidence}")
    logarithm = np.log(2.0 / (1.0 - confidence))
    spread = np.sqrt(2.0 * values.var(ddof=1) * logarithm / n)
    return float(spread + 7.0 * span * logarithm / (3.0 * (n - 1)))
