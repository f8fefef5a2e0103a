"""Checks of input, once for the whole package: argument, rule, value."""

import math
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from itertools import islice
from numbers import Integral, Real
from types import ModuleType
from typing import Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "LARGEST_ARRAY",
    "LARGEST_DIMENSION",
    "LARGEST_SIDE",
    "MOST_DRAWS",
    "MOST_STEPS",
    "FloatArray",
    "InputError",
    "IntArray",
    "MissingExtraError",
    "boolean",
    "broadcastable",
    "confidence_level",
    "covariance_matrix",
    "finite_array",
    "function",
    "generator",
    "instance",
    "integer",
    "integer_array",
    "items",
    "nonnegative",
    "one_of",
    "optional_module",
    "positive",
    "probabilities",
    "probability",
    "probability_array",
    "real",
    "rectangular",
    "shown",
    "text",
    "variances",
    "vectors",
]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
T = TypeVar("T")
F = TypeVar("F")

# More of anything than can be counted, and below where 64-bit integers overflow.
_LARGEST_COUNT = 2**62
# Coordinates of an input, and the side of a square image of as many.
LARGEST_DIMENSION, LARGEST_SIDE = 1 << 24, 1 << 12
# Draws and steps, each of which takes a while: more would not end in years.
MOST_DRAWS, MOST_STEPS = 10**12, 10**6
# Items of what may never end.
_MOST_ITEMS = 1 << 20
# Entries of an array that is copied: four gigabytes, which views of nothing may pretend to have.
LARGEST_ARRAY = 1 << 29


class InputError(ValueError):
    """Input that breaks a rule; the message names the argument, the rule and the value."""


class MissingExtraError(InputError, ImportError):
    """A library that is not installed; the message names the extra that brings it."""

    @classmethod
    def of(cls, library: str, extra: str) -> Self:
        """Return the error for a library that one of the package's extras installs."""
        return cls(
            f"{library} must be installed: pip install 'spatial-adversarial-tradeoff[{extra}]'"
        )


def optional_module(module: str, extra: str) -> ModuleType:
    """Import a module that one of the package's extras installs.

    Raises
    ------
    MissingExtraError
        If it cannot be imported.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError.of(module.partition(".")[0], extra) from error


# Probabilities typed by hand or read from a file are decimal fractions: 1e-9 forgives their
# rounding and nothing else; they are then divided by their sum.
_SUM_TOLERANCE = 1e-9

# Beyond it a Cholesky factor in double precision may no longer stand for the matrix.
_WORST_CONDITION = 1e12

# Of the product of two deviations, what two entries of a covariance may differ by.
_ASYMMETRY = 1e-12


_LONGEST = 200
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80


def shown(value: object) -> str:
    """Return a value for a message: short, however large the value is."""
    if isinstance(value, int) and value.bit_length() > 128:
        return f"an integer of {value.bit_length()} bits"
    text = _short.repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def real(name: str, value: object) -> float:
    """Return a real scalar as float; refuse booleans, text, arrays and NaN."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise InputError(f"{name} must be a real number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError as error:
        raise InputError(f"{name} must be finite, got {shown(value)}") from error
    if np.isnan(number):
        raise InputError(f"{name} must be a real number, got nan")
    return number


def positive(name: str, value: object) -> float:
    """Return ``value`` as a float that is finite and > 0."""
    number = real(name, value)
    if not 0.0 < number < np.inf:
        raise InputError(f"{name} must be finite and > 0, got {number:g}")
    return number


def nonnegative(name: str, value: object) -> float:
    """Return ``value`` as a float that is finite and >= 0."""
    number = real(name, value)
    if number < 0.0:
        raise InputError(f"{name} must be >= 0, got {number:g}")
    if number == np.inf:
        raise InputError(f"{name} must be finite, got inf")
    return number


def probability(name: str, value: object) -> float:
    """Return ``value`` as a float in [0, 1]."""
    number = real(name, value)
    if not 0.0 <= number <= 1.0:
        raise InputError(f"{name} must lie in [0, 1], got {number:g}")
    return number


def confidence_level(name: str, value: object) -> float:
    """Return ``value`` as a float in (0, 1)."""
    number = real(name, value)
    if not 0.0 < number < 1.0:
        raise InputError(f"{name} must lie in (0, 1), got {number}")
    return number


def integer(name: str, value: object, *, minimum: int, maximum: int = _LARGEST_COUNT) -> int:
    """Return ``value`` as an int that is >= ``minimum`` and <= ``maximum``."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise InputError(f"{name} must be an integer, got {shown(value)}")
    number = int(value)
    if number < minimum:
        raise InputError(f"{name} must be >= {minimum}, got {shown(number)}")
    if number > maximum:
        raise InputError(f"{name} must be <= {maximum}, got {shown(number)}")
    return number


def boolean(name: str, value: object) -> bool:
    """Return ``value`` as a bool if it is one."""
    if not isinstance(value, (bool, np.bool_)):
        raise InputError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def function(name: str, value: F) -> F:
    """Return ``value`` if it can be called."""
    if not callable(value):
        raise InputError(f"{name} must be callable, got {shown(value)}")
    return value


def text(name: str, value: object) -> str:
    """Return ``value`` if it is a string."""
    if not isinstance(value, str):
        raise InputError(f"{name} must be a string, got {shown(value)}")
    return value


def items(name: str, value: Iterable[T], content: str) -> list[T]:
    """Return the items, at least one, of what is neither text nor a mapping."""
    try:
        if isinstance(value, (str, bytes, Mapping)):
            raise TypeError
        found = list(islice(value, _MOST_ITEMS + 1))
    except TypeError as error:
        raise InputError(f"{name} must be {content}, got {shown(value)}") from error
    if not found or len(found) > _MOST_ITEMS:
        size = f"more than {_MOST_ITEMS}" if found else "none"
        raise InputError(f"{name} must be 1 to {_MOST_ITEMS} {content}, got {size}")
    return found


def instance(name: str, value: object, *kinds: type[T]) -> T:
    """Return ``value`` if it is an instance of one of ``kinds``."""
    if isinstance(value, kinds):
        return value
    expected = " or ".join(f"a {kind.__name__}" for kind in kinds)
    got = type(value)
    # an object of this project where another one belongs is a slip of the order
    swapped = got.__module__.startswith(("theory.", "simulations.", "empirical."))
    what = f"a {got.__name__}; arguments swapped?" if swapped else shown(value)
    raise InputError(f"{name} must be {expected}, got {what}")


def generator(name: str, value: object) -> np.random.Generator:
    """Return a Generator as it is, and the default one of an integer seed, as in NumPy."""
    if isinstance(value, np.random.Generator):
        return value
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral) or value < 0:
        raise InputError(
            f"{name} must be a numpy.random.Generator or an integer seed >= 0, got {shown(value)}"
        )
    return np.random.default_rng(int(value))


def one_of(name: str, value: object, choices: Sequence[str]) -> str:
    """Return ``value`` if it is one of ``choices``."""
    if not isinstance(value, str) or value not in choices:
        raise InputError(f"{name} must be one of {', '.join(choices)}, got {shown(value)}")
    return value


def rectangular(name: str, value: ArrayLike, content: str, kinds: str) -> NDArray[np.generic]:
    """Return an array of a dtype of one of the kinds, not copied; text and objects are refused."""
    try:
        array: NDArray[np.generic] = np.asarray(value)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise InputError(f"{name} must be a rectangular array, got {shown(value)}") from error
    if array.dtype.kind not in kinds:
        raise InputError(f"{name} must be an array of {content}, got dtype {array.dtype}")
    if array.size > LARGEST_ARRAY:
        raise InputError(f"{name} must have at most {LARGEST_ARRAY} entries, got {array.size}")
    return array


def _check_shape(
    name: str, got: tuple[int, ...], ndim: int | None, shape: tuple[int, ...] | None
) -> None:
    """Refuse another rank or shape."""
    if ndim is not None and len(got) != ndim:
        raise InputError(f"{name} must have {ndim} dimensions, got shape {got}")
    if shape is not None and got != shape:
        raise InputError(f"{name} must have shape {shape}, got shape {got}")


def finite_array(
    name: str,
    value: ArrayLike,
    *,
    ndim: int | None = None,
    shape: tuple[int, ...] | None = None,
) -> FloatArray:
    """Return a fresh float64 array of finite numbers, of the given rank or shape."""
    given = rectangular(name, value, "real numbers", "iuf")
    _check_shape(name, given.shape, ndim, shape)
    with np.errstate(over="ignore"):
        array = given.astype(np.float64)
    finite = np.isfinite(array)
    if not finite.all():
        raise InputError(f"{name} must be finite, got {array[~finite].flat[0]}")
    return array


def broadcastable(**arrays: NDArray[np.generic]) -> None:
    """Refuse arrays, by argument, whose shapes do not go together."""
    try:
        np.broadcast_shapes(*(array.shape for array in arrays.values()))
    except ValueError as error:
        shapes = " and ".join(str(array.shape) for array in arrays.values())
        raise InputError(f"{' and '.join(arrays)} must broadcast, got shapes {shapes}") from error


def vectors(name: str, value: ArrayLike, dimension: int) -> FloatArray:
    """Return a fresh float64 array of finite vectors, of shape (..., dimension)."""
    array = finite_array(name, value)
    if not array.ndim or array.shape[-1] != dimension:
        raise InputError(f"{name} must have shape (..., {dimension}), got shape {array.shape}")
    return array


def probability_array(name: str, value: ArrayLike) -> FloatArray:
    """Return a fresh float64 array of numbers in [0, 1], of any shape."""
    array = finite_array(name, value)
    outside = (array < 0.0) | (array > 1.0)
    if outside.any():
        raise InputError(f"{name} must lie in [0, 1], got {array[outside].flat[0]:.17g}")
    return array


def integer_array(
    name: str,
    value: ArrayLike,
    *,
    ndim: int | None = None,
    shape: tuple[int, ...] | None = None,
) -> IntArray:
    """Return a fresh int64 array of the given rank or shape."""
    given = rectangular(name, value, "integers", "iu")
    _check_shape(name, given.shape, ndim, shape)
    array = given.astype(np.int64)
    if given.dtype.kind == "u" and (array < 0).any():
        raise InputError(f"{name} must be < 2**63, got {given.max()}")
    return array


def covariance_matrix(name: str, value: ArrayLike, dimension: int) -> FloatArray:
    """Return a symmetric positive definite matrix, of condition number at most 1e12.

    Entries (j, k) and (k, j) may differ by 1e-12 of the product of both deviations, far above
    the rounding of a product of matrices; they are then replaced by their mean. Whatever the
    unit of a coordinate, the rule is the same.
    """
    given = finite_array(name, value, shape=(dimension, dimension))
    # in a unit where squares and sums stay finite; powers of two change no digit
    half = int(np.frexp(np.abs(given).max(initial=0.0))[1]) // 2
    matrix = np.ldexp(given, -2 * half)
    lopsided = np.abs(matrix - matrix.T)
    deviations = np.sqrt(np.abs(np.diagonal(matrix)))
    wrong = lopsided > _ASYMMETRY * np.outer(deviations, deviations)
    if wrong.any():
        j, k = np.unravel_index(np.where(wrong, lopsided, 0.0).argmax(), wrong.shape)
        raise InputError(
            f"{name} must be symmetric, got entries that differ by "
            f"{float(np.abs(given[j, k] / 2.0 - given[k, j] / 2.0)) * 2.0:.3g}"
        )
    matrix = (matrix + matrix.T) / 2.0
    eigenvalues = np.linalg.eigvalsh(matrix)
    least, greatest = float(eigenvalues[0]), float(eigenvalues[-1])
    if least <= 0.0:
        raise InputError(
            f"{name} must be positive definite, got least eigenvalue "
            f"{float(np.ldexp(least, 2 * half)):.3g}"
        )
    _conditioned(name, least, greatest)
    return np.asarray(np.ldexp(matrix, 2 * half), dtype=np.float64)


def variances(name: str, value: ArrayLike, dimension: int) -> FloatArray:
    """Return the variances of independent coordinates, in a ratio of at most 1e12."""
    array = finite_array(name, value, shape=(dimension,))
    if not (array > 0.0).all():
        raise InputError(f"{name} must have variances > 0, got {array.min():g}")
    _conditioned(name, float(array.min()), float(array.max()))
    return array


def _conditioned(name: str, least: float, greatest: float) -> None:
    """Refuse a condition number above `_WORST_CONDITION`."""
    if greatest / _WORST_CONDITION > least:
        ratio = greatest / least
        decades = math.log10(greatest) - math.log10(least)
        raise InputError(
            f"{name} must have a condition number <= {_WORST_CONDITION:g}, "
            f"got {f'{ratio:.1e}' if ratio < math.inf else f'10^{decades:.0f}'}; "
            "add noise to every direction"
        )


def probabilities(name: str, value: ArrayLike, size: int) -> FloatArray:
    """Return ``size`` numbers >= 0 that sum to 1 (to 1e-9; then divided by their sum)."""
    array = finite_array(name, value, shape=(size,))
    if (array < 0.0).any():
        raise InputError(f"{name} must be >= 0, got {array.min():g}")
    total = float(array.sum())
    if abs(total - 1.0) > _SUM_TOLERANCE:
        raise InputError(f"{name} must sum to 1, got sum {total:.12g}")
    return array / total
