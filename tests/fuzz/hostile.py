"""Values that a caller gets wrong: types, shapes, NaN, infinities, huge, tiny, empty, negative.

Each has a name, by which a failing case is reported, and is made anew for every call.
"""

import random
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tests.fuzz import objects

__all__ = ["ANYTHING", "variations"]

Maker = Callable[[], Any]


class _Unprintable:
    """An object of no use whatsoever."""


def _named(*values: object) -> dict[str, Maker]:
    """Immutable values, by what they look like."""
    return {repr(value): lambda value=value: value for value in values}  # type: ignore[misc]


_NUMBERS = _named(
    float("nan"),
    float("inf"),
    -float("inf"),
    1e308,
    -1e308,
    5e-324,
    -5e-324,
    1e-160,
    -0.0,
    0.0,
    0.5,
    1.0,
    1.5,
    -1,
    0,
    1,
    2,
    3,
    2**63,
    -(2**63) - 1,
    10**18,
    True,
    False,
    1j,
    complex("nan"),
    np.float32("nan"),
    np.float64("inf"),
    np.float16(0.5),
    np.int8(2),
    np.uint64(2**64 - 1),
    np.bool_(True),
    np.longdouble("1e400"),
    Fraction(1, 3),
    Fraction(10**400, 3),
    Decimal("0.5"),
    Decimal("NaN"),
) | {"10**400": lambda: 10**400, "-10**5000": lambda: -(10**5000)}

_OBJECTS: dict[str, Maker] = {
    **_named(None, "", "x", "nan", "linf", "\0", b"x", (), (1,), (0.5, 2), Path("nowhere"), int),
    "object()": _Unprintable,
    "[]": list,
    "{}": dict,
    "set()": set,
    "{'x': nan}": lambda: {"x": float("nan")},
    "range(3)": lambda: range(3),
    "count()": count,
    "generator": lambda: (i for i in range(2)),
    "lambda": lambda: lambda *_: float("nan"),
    "raises": lambda: lambda *_: (),
    "['x']": lambda: ["x"],
    "[None, 1]": lambda: [None, 1],
    "[nan]": lambda: [float("nan")],
    "[inf, 1]": lambda: [float("inf"), 1.0],
    "[10**400]": lambda: [10**400],
    "[1.0, 10**400]": lambda: [1.0, 10**400],
    "(nan, 1)": lambda: (float("nan"), 1.0),
    "(1, 0)": lambda: (1.0, 0.0),
    "ragged": lambda: [[1.0], [1.0, 2.0]],
    "deep": lambda: [[[[[[[[1.0]]]]]]]],
    "random": lambda: random,
    "seed sequence": lambda: np.random.SeedSequence(1),
    "numpy generator": lambda: np.random.default_rng(1),
    "torch generator": lambda: torch.Generator().manual_seed(1),
    "setting": objects.setting,
    "mixture": lambda: objects.setting().mixture,
    "transformations": lambda: objects.setting().transformations,
}

_ARRAYS: dict[str, Maker] = {
    "array()": lambda: np.array(0.5),
    "array(nan)": lambda: np.array(float("nan")),
    "empty": lambda: np.array([]),
    "(0, 3)": lambda: np.zeros((0, 3)),
    "(2, 0)": lambda: np.zeros((2, 0)),
    "(2, 2)": lambda: np.ones((2, 2)),
    "(2, 2) nan": lambda: np.full((2, 2), float("nan")),
    "(2, 2, 2)": lambda: np.zeros((2, 2, 2)),
    "strings": lambda: np.array(["a", "b"]),
    "objects": lambda: np.array([None, object()], dtype=object),
    "complex": lambda: np.array([1 + 2j]),
    "bools": lambda: np.array([True, False]),
    "times": lambda: np.array(["NaT"], dtype="datetime64[s]"),
    "structured": lambda: np.zeros(2, dtype=[("a", float)]),
    "huge": lambda: np.full(3, 1e308),
    "tiny": lambda: np.full(3, 5e-324),
    "large integers": lambda: np.full(3, 2**62),
    "unsigned": lambda: np.full(3, 2**64 - 1, dtype=np.uint64),
    "broadcast": lambda: np.broadcast_to(np.float64(1.0), (10**5, 10**5, 1, 1, 1)),
    "tensor()": lambda: torch.tensor(0.5),
    "tensor nan": lambda: torch.full((2, 1, 4, 4), float("nan")),
    "tensor empty": lambda: torch.zeros(0, 1, 4, 4),
    "tensor integers": lambda: torch.ones(2, dtype=torch.int64),
    "tensor (2, 2)": lambda: torch.ones(2, 2),
    "tensor with gradient": lambda: torch.ones(3, requires_grad=True),
    "tensor bfloat16": lambda: torch.ones(3, dtype=torch.bfloat16),
    "tensor elsewhere": lambda: torch.zeros(2, 1, 4, 4, device="meta"),
}

ANYTHING: dict[str, Maker] = {**_NUMBERS, **_OBJECTS, **_ARRAYS}


def _spoilt(array: np.ndarray[Any, Any], value: float) -> np.ndarray[Any, Any]:
    """One entry replaced."""
    changed = np.array(array, dtype=np.float64)
    if changed.size:
        changed.flat[changed.size // 2] = value
    return changed


_OF_ARRAYS: dict[str, Callable[[Any], Any]] = {
    "with a nan": lambda a: _spoilt(a, float("nan")),
    "with an inf": lambda a: _spoilt(a, -float("inf")),
    "with 1e308": lambda a: _spoilt(a, 1e308),
    "with 1e-320": lambda a: _spoilt(a, 1e-320),
    "with -1": lambda a: _spoilt(a, -1.0),
    "times 1e200": lambda a: np.asarray(a, dtype=np.float64) * 1e200,
    "times 1e-300": lambda a: np.asarray(a, dtype=np.float64) * 1e-300,
    "zeros": np.zeros_like,
    "transposed": np.transpose,
    "one more axis": lambda a: np.asarray(a)[None],
    "first only": lambda a: np.asarray(a)[:1],
    "none of them": lambda a: np.asarray(a)[:0],
    "twice": lambda a: np.concatenate([a, a]),
    "float32": lambda a: np.asarray(a, dtype=np.float32),
    "integers": lambda a: np.asarray(a).astype(np.int64),
    "as objects": lambda a: np.asarray(a).astype(object),
    "as text": lambda a: np.asarray(a).astype(str),
    "as bools": lambda a: np.asarray(a).astype(bool),
    "as list": lambda a: np.asarray(a).tolist(),
    "reversed strides": lambda a: np.asarray(a)[::-1],
    "read only": lambda a: np.broadcast_to(np.asarray(a).flat[:1][0], np.shape(a)),
}


def _spoilt_tensor(tensor: torch.Tensor, value: float) -> torch.Tensor:
    changed = tensor.detach().clone()
    if changed.numel():
        if not changed.is_floating_point():
            changed = changed.float()
        changed.view(-1)[changed.numel() // 2] = value
    return changed


_OF_TENSORS: dict[str, Callable[[torch.Tensor], Any]] = {
    "with a nan": lambda t: _spoilt_tensor(t, float("nan")),
    "with an inf": lambda t: _spoilt_tensor(t, float("inf")),
    "with 1e30": lambda t: _spoilt_tensor(t, 1e30),
    "with -1": lambda t: _spoilt_tensor(t, -1.0),
    "whole -1": lambda t: torch.full_like(t, -1),
    "zeros": torch.zeros_like,
    "one less axis": lambda t: t[0] if t.ndim else t,
    "one more axis": lambda t: t[None],
    "first only": lambda t: t[:1] if t.ndim else t,
    "none of them": lambda t: t[:0] if t.ndim else t,
    "twice": lambda t: torch.cat([t, t]) if t.ndim else t,
    "float64": lambda t: t.double(),
    "float16": lambda t: t.half(),
    "int32": lambda t: t.int(),
    "bool": lambda t: t.bool(),
    "complex": lambda t: t.to(torch.complex64),
    "elsewhere": lambda t: torch.empty_like(t, device="meta"),
    "sparse": lambda t: t.to_sparse() if t.ndim else t,
    "with gradient": lambda t: t.detach().clone().float().requires_grad_(),
    "expanded": lambda t: t[:1].expand_as(t) if t.ndim else t,
    "other strides": lambda t: t.transpose(-1, -2) if t.ndim > 1 else t,
    "as array": lambda t: t.numpy(),
    "as list": lambda t: t.tolist(),
}


def variations(value: object) -> dict[str, Maker]:
    """What is nearly the valid value: its content, shape, type, strides or device changed."""
    if isinstance(value, torch.Tensor):
        return {name: lambda f=f: f(value) for name, f in _OF_TENSORS.items()}  # type: ignore[misc]
    if isinstance(value, np.ndarray) and value.ndim:
        return {name: lambda f=f: f(value) for name, f in _OF_ARRAYS.items()}  # type: ignore[misc]
    if isinstance(value, (list, tuple)) and value:
        kind, items = type(value), list(value)
        return {
            "first only": lambda: kind(items[:1]),
            "none of them": kind,
            "twice": lambda: kind(items + items),
            "other type": lambda: (tuple if kind is list else list)(items),
            "reversed": lambda: kind(items[::-1]),
            "with a nan": lambda: kind([*items[:-1], float("nan")]),
            "with None": lambda: kind([None, *items[1:]]),
            "with text": lambda: kind(["x", *items[1:]]),
            "with 10**400": lambda: kind([*items[:-1], 10**400]),
            "as a generator": lambda: (item for item in items),
        }
    if isinstance(value, dict) and value:
        key = next(iter(value))
        return {
            "without a key": lambda: {k: v for k, v in value.items() if k != key},
            "with a key": lambda: {**value, "another": 1},
            "with a nan": lambda: {**value, key: float("nan")},
            "with None": lambda: {**value, key: None},
            "with a key that is no text": lambda: {**value, 1: 2},
        }
    return {}
