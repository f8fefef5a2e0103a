"""Logarithms of the Gaussian trade-off function (THEORY.md, sections 2 and 12).

The four functions of `theory.gaussian.tradeoff` from logarithm to logarithm, for errors far below
the least double. The default keeps the relative error below 1e-12 for logarithms down to -745;
deeper its error grows with the quantile z as 2^-52 z^2, while ``precise=True`` stays below 2e-14
down to -1e16 (tests/theory/gaussian/test_logarithms.py).
"""

from typing import Literal, overload

from numpy.typing import ArrayLike

from theory.checks import FloatArray
from theory.gaussian.certified import Enclosure
from theory.gaussian.evaluation import evaluate_log

__all__ = [
    "log_gaussian_ceiling",
    "log_gaussian_floor",
    "log_gaussian_power",
    "log_gaussian_tradeoff",
]


@overload
def log_gaussian_tradeoff(
    log_error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def log_gaussian_tradeoff(
    log_error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def log_gaussian_tradeoff(
    log_error: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Logarithm of `gaussian_tradeoff`, from the logarithm of the error.

    log(G_rho(a)), a = exp(log_error) (THEORY.md, section 2).

    Parameters
    ----------
    log_error : float or array of floats
        Logarithm <= 0.
    rho : float or array of floats
        Distance of the two means in standard deviations, >= 0; broadcasts with ``log_error``.
    precise, certified : bool
        How accurate: see the module.

    Returns
    -------
    array, or Enclosure where ``certified``
        Of the shape of the arguments.

    Raises
    ------
    ValueError
        If log_error is not <= 0, or rho is not >= 0.
    ImportError
        If ``certified`` and python-flint is not installed.
    """
    return evaluate_log(
        "log_error", log_error, rho, (-1.0, -1.0), precise=precise, certified=certified
    )


@overload
def log_gaussian_power(
    log_error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def log_gaussian_power(
    log_error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def log_gaussian_power(
    log_error: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Logarithm of `gaussian_power`, from the logarithm of the error.

    log(1 - G_rho(a)), a = exp(log_error) (THEORY.md, section 2).

    Parameters
    ----------
    log_error, rho, precise, certified
        As for `log_gaussian_tradeoff`.

    Raises
    ------
    ValueError, ImportError
        As `log_gaussian_tradeoff`.
    """
    return evaluate_log(
        "log_error", log_error, rho, (1.0, 1.0), precise=precise, certified=certified
    )


@overload
def log_gaussian_floor(
    log_accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def log_gaussian_floor(
    log_accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def log_gaussian_floor(
    log_accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Logarithm of `gaussian_floor`, from the logarithm of the accuracy.

    log(G_rho(1 - A)), A = exp(log_accuracy) (THEORY.md, section 2).

    Parameters
    ----------
    log_accuracy, rho, precise, certified
        As for `log_gaussian_tradeoff`, the accuracy as the error there.

    Raises
    ------
    ValueError, ImportError
        As `log_gaussian_tradeoff`.
    """
    return evaluate_log(
        "log_accuracy", log_accuracy, rho, (1.0, -1.0), precise=precise, certified=certified
    )


@overload
def log_gaussian_ceiling(
    log_accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def log_gaussian_ceiling(
    log_accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def log_gaussian_ceiling(
    log_accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Logarithm of `gaussian_ceiling`, from the logarithm of the accuracy.

    log(1 - G_rho(1 - A)), A = exp(log_accuracy) (THEORY.md, section 2).

    Parameters
    ----------
    log_accuracy, rho, precise, certified
        As for `log_gaussian_tradeoff`, the accuracy as the error there.

    Raises
    ------
    ValueError, ImportError
        As `log_gaussian_tradeoff`.
    """
    return evaluate_log(
        "log_accuracy", log_accuracy, rho, (-1.0, 1.0), precise=precise, certified=certified
    )
