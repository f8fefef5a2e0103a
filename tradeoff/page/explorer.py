"""What the explorer of the report needs from Python: settings, ranges of sliders, the pattern.

The closed forms themselves are evaluated by ``page.js``, and agree with ``theory`` to 1e-9
(tests/tradeoff/page/test_explorer.py).
"""

import inspect
from typing import Any

import numpy as np

from theory.setting.catalogue import SETTINGS, block_pattern

__all__ = ["code_generator", "pattern", "settings"]

CODE_DIMENSION, CODE_LENGTH = 3, 20


def pattern() -> list[list[int]]:
    """Return the pattern of blocks of the named setting orientation-texture, of symbols +-1."""
    given = inspect.signature(SETTINGS["orientation-texture"]).parameters
    blocks, seed = given["blocks"].default, given["pattern_seed"].default
    drawn = block_pattern(blocks, blocks, rng=np.random.default_rng(seed))
    return [[int(value) for value in row] for row in drawn]


def code_generator(dimension: int, length: int) -> str:
    """Return the generator of a code of length 4 and the given dimension, repeated.

    The length is 4 times an odd number, so that quarters of it permute the period of 4; the code
    has D = ``dimension`` (THEORY.md, section 9.1).
    """
    period = {2: (1, 0, 1), 3: (1, 1), 4: (1,)}[dimension]
    repeated = np.zeros(length - 3, dtype=int)
    repeated[::4] = 1
    product = np.convolve(period, repeated) % 2
    terms = [f"x^{k}" if k > 1 else ("x" if k else "1") for k in np.flatnonzero(product)[::-1]]
    return "+".join(terms)


def settings() -> list[dict[str, Any]]:
    """Return the settings of the explorer: names, words, and what each slider changes.

    A parameter has ``name``, ``label``, ``value`` at the start, ``unit``, and ``min``, ``max``,
    ``step`` or a list of ``choices``.
    """
    attack, texture, signal, noise = (
        "ε: radius of the attack",
        "η: texture that no turn changes",
        "α: signal that turns",
        "σ: noise",
    )

    def common(name: str) -> list[dict[str, Any]]:
        signature = inspect.signature(SETTINGS[name]).parameters.items()
        given = {key: parameter.default for key, parameter in signature}
        return [
            _slider("epsilon", attack, 0, 1, 0.005, given["epsilon"]),
            _slider("eta", texture, 0, 0.5, 0.005, given["eta"]),
            _slider("alpha", signal, 0, 2, 0.01, given["alpha"]),
            _slider("sigma", noise, 0.05, 1.5, 0.01, given["sigma"]),
        ]

    accuracy = _slider("A", "A: adversarial accuracy", 0, 0.999, 0.001, 0.9)
    return [
        {
            "name": "orientation-texture",
            "title": "Orientation and texture: a pattern against the pattern turned",
            "about": "One class is a pattern with a little brightness added everywhere, the other "
            "the pattern turned by a quarter, with as much taken away. Inputs are turned by "
            "quarters.",
            "parameters": [
                *common("orientation-texture"),
                _choice("range", "range: largest turn", [0, 90, 180], 180, "°"),
                _slider("tilt", "how much likelier left turns are than right ones", 0, 1, 0.05, 0),
                _choice("side", "d: pixels along a side", [4, 8, 12, 16, 20, 24, 28, 32], 16),
                accuracy,
            ],
        },
        {
            "name": "rotating-bump",
            "title": "Rotating bump: rotations of a growing range",
            "about": "Both classes are a bump on rings of 24 angles, on opposite sides, one a "
            "little brighter. Inputs are rotated by any multiple of 15° up to the range.",
            "parameters": [
                *common("rotating-bump"),
                _slider("width", "width of the bump (radians)", 0.1, 2, 0.05, 0.6),
                _slider("range", "range: largest rotation", 0, 180, 15, 180, "°"),
                _slider("rings", "d / 24: rings", 1, 16, 1, 4),
                accuracy,
            ],
        },
        {
            "name": "cyclic-code",
            "title": "Cyclic code: the words of the paper's model",
            "about": "Inputs are words of a binary code of length 4, repeated, with a texture of "
            "the sign of their first symbol, which is the label. Inputs are shifted by quarters.",
            "parameters": [
                *common("cyclic-code"),
                _choice("dimension", "D: symbols that are free", [2, 3, 4], CODE_DIMENSION),
                _choice("length", "d: length", [4, 12, 20, 28, 36, 60, 100], CODE_LENGTH),
                accuracy,
            ],
        },
        {
            "name": "robust-feature",
            "title": "Robust feature: one strong, many weak",
            "about": "One strong feature tells the truth most of the time, many weak ones always "
            "do, a little. Inputs have the strong feature moved to one of several positions.",
            "parameters": [
                *common("robust-feature"),
                _slider("reliability", "how often the strong feature is right", 0.5, 0.999, 0.001,
                        0.95),
                _slider("positions", "range: positions of the strong feature", 1, 8, 1, 4),
                _slider("weak", "d − 1: weak features", 7, 200, 1, 15),
                {**accuracy, "value": 0.7},
            ],
        },
    ]  # fmt: skip


def _slider(  # noqa: PLR0917
    name: str, label: str, least: float, most: float, step: float, value: float, unit: str = ""
) -> dict[str, Any]:
    ends = {"min": least, "max": most, "step": step}
    return {"name": name, "label": label, **ends, "value": value, "unit": unit}


def _choice(
    name: str, label: str, choices: list[int], value: int, unit: str = ""
) -> dict[str, Any]:
    return {"name": name, "label": label, "choices": choices, "value": value, "unit": unit}
