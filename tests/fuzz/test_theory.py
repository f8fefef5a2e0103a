"""Hostile arguments to every public name of the theory: an answer without NaN, or a clear refusal.

``FUZZ_CASES`` cases in all (4,000 by default), drawn by a fixed seed and shared by the callables; a
refusal must be a ValueError or TypeError that names an argument and the rule.
"""

import os
import random
import warnings

import pytest

import theory
from tests.fuzz.driver import bounded_memory, finding
from tests.fuzz.examples_theory import EXAMPLES
from tests.fuzz.hostile import ANYTHING, variations

CASES = int(os.environ.get("FUZZ_CASES", "4000"))


def test_every_public_name_has_an_example() -> None:
    named = {name.partition(".")[0] for name in EXAMPLES}
    assert set(theory.__all__) - {"catalogue"} <= named


@pytest.mark.parametrize("name", EXAMPLES)
def test_hostile_arguments_are_answered_or_refused(name: str) -> None:
    example = EXAMPLES[name]
    assert finding(example, {}) is None, "the example itself is valid"
    rng = random.Random(name)
    total = sum(one.share for one in EXAMPLES.values())
    found = []
    with warnings.catch_warnings(), bounded_memory():
        warnings.simplefilter("ignore")
        for _ in range(max(8, round(CASES * example.share / total))):
            arguments = example.arguments()
            changes, labels = {}, []
            for argument in rng.sample(
                sorted(arguments), k=min(len(arguments), rng.choice([1, 1, 2]))
            ):
                choices = {**ANYTHING, **variations(arguments[argument])}
                label = rng.choice(sorted(choices))
                try:
                    changes[argument] = choices[label]()
                except (TypeError, ValueError, RuntimeError, OverflowError):
                    continue
                labels.append(f"{argument}={label}")
            wrong = finding(example, changes)
            if wrong:
                found.append(f"{', '.join(labels)}: {wrong}")
    assert not found, "\n".join(found[:8])
