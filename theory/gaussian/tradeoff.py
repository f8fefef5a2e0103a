"""The Gaussian trade-off function (THEORY.md, section 2).

    G_rho(a) = Phi(Phi^{-1}(1 - a) - rho),        rho >= 0,

is the least type II error of any test of N(0, 1) against N(rho, 1) at level a. No function
here forms 1 - p: each takes an error or an accuracy and returns an error or an accuracy,

    =================  ==========================  ===========================
    from               to the other error          to the other accuracy
    =================  ==========================  ===========================
    an error           :func:`gaussian_tradeoff`   :func:`gaussian_power`
    an accuracy        :func:`gaussian_floor`      :func:`gaussian_ceiling`
    =================  ==========================  ===========================

and ``theory.gaussian.logarithms`` does the same for logarithms, which neither overflow
nor underflow.

Accuracy, for errors from 5e-324 to 1 - 2^-53 and rho from 0 to 1000, beyond half a
subnormal step (tests/theory/gaussian/test_tradeoff.py, against 60-digit values):

    ==================  =========================================================
    default             relative error <= 1e-12
    ``precise=True``    relative error <= 2e-14, at about ten times the time
    ``certified=True``  an :class:`~theory.gaussian.certified.Enclosure`: two
                        doubles that certainly enclose the exact value (needs the
                        extra ``certify``)
    ==================  =========================================================

At rho = inf both errors vanish together: G_inf = 0 everywhere, at 0 too.

Source: Neyman and Pearson 1933; Dong, Roth and Su, J. R. Stat. Soc. B 2022.
"""

from typing import Literal, overload

from numpy.typing import ArrayLike

from theory.checks import FloatArray
from theory.gaussian.certified import Enclosure
from theory.gaussian.evaluation import evaluate
from theory.gaussian.logarithms import (
    log_gaussian_ceiling,
    log_gaussian_floor,
    log_gaussian_power,
    log_gaussian_tradeoff,
)

__all__ = [
    "gaussian_ceiling",
    "gaussian_floor",
    "gaussian_power",
    "gaussian_tradeoff",
    "log_gaussian_ceiling",
    "log_gaussian_floor",
    "log_gaussian_power",
    "log_gaussian_tradeoff",
]


@overload
def gaussian_tradeoff(
    error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def gaussian_tradeoff(
    error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def gaussian_tradeoff(
    error: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Least type II error of testing N(0, 1) against N(rho, 1) at level ``error``.

    G_rho(a) = Phi(-Phi^{-1}(a) - rho) (THEORY.md, section 2).

    Parameters
    ----------
    error : float or array of floats
        In [0, 1].
    rho : float or array of floats
        Distance of the two means in standard deviations, >= 0; broadcasts with ``error``.
    precise, certified : bool
        How accurate: see the module.

    Returns
    -------
    array, or Enclosure where ``certified``
        Of the shape of the arguments.

    Raises
    ------
    ValueError
        If error is not in [0, 1], or rho is not >= 0.
    ImportError
        If ``certified`` and python-flint is not installed.

    Examples
    --------
    >>> gaussian_tradeoff(0.1, [0.0, 1.0])
    array([0.9       , 0.61085631])
    """
    return evaluate("error", error, rho, (-1.0, -1.0), precise=precise, certified=certified)


@overload
def gaussian_power(
    error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def gaussian_power(
    error: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def gaussian_power(
    error: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Greatest power of testing N(0, 1) against N(rho, 1) at level ``error``.

    1 - G_rho(a) = Phi(Phi^{-1}(a) + rho) (THEORY.md, section 2).

    Parameters
    ----------
    error, rho, precise, certified
        As for `gaussian_tradeoff`.

    Raises
    ------
    ValueError, ImportError
        As `gaussian_tradeoff`.

    Examples
    --------
    >>> float(gaussian_power(1e-300, 1e-3)) > 1e-300
    True
    """
    return evaluate("error", error, rho, (1.0, 1.0), precise=precise, certified=certified)


@overload
def gaussian_floor(
    accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def gaussian_floor(
    accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def gaussian_floor(
    accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Least error on one of two Gaussians, given the ``accuracy`` on the other.

    G_rho(1 - A) = Phi(Phi^{-1}(A) - rho) (THEORY.md, section 2).

    Parameters
    ----------
    accuracy, rho, precise, certified
        As for `gaussian_tradeoff`, the accuracy as the error there.

    Raises
    ------
    ValueError, ImportError
        As `gaussian_tradeoff`.

    Examples
    --------
    >>> float(gaussian_floor(0.5, 0.0))
    0.5
    """
    return evaluate("accuracy", accuracy, rho, (1.0, -1.0), precise=precise, certified=certified)


@overload
def gaussian_ceiling(
    accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[False] = ...
) -> FloatArray: ...
@overload
def gaussian_ceiling(
    accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = ..., certified: Literal[True]
) -> Enclosure: ...
def gaussian_ceiling(
    accuracy: ArrayLike, rho: ArrayLike, *, precise: bool = False, certified: bool = False
) -> FloatArray | Enclosure:
    """Greatest accuracy on one of two Gaussians, given the ``accuracy`` on the other.

    1 - G_rho(1 - A) = Phi(rho - Phi^{-1}(A)) (THEORY.md, section 2).

    Parameters
    ----------
    accuracy, rho, precise, certified
        As for `gaussian_tradeoff`, the accuracy as the error there.

    Raises
    ------
    ValueError, ImportError
        As `gaussian_tradeoff`.

    Examples
    --------
    >>> round(float(gaussian_ceiling(0.9, 2.0)), 6)
    0.76376
    """
    return evaluate("accuracy", accuracy, rho, (-1.0, 1.0), precise=precise, certified=certified)
