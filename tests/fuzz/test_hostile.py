"""Hostile arguments to every public name: an answer without NaN, or a clear refusal.

``FUZZ_CASES`` cases in all (20,000 by default), drawn by a fixed seed and shared by the callables;
a refusal must be a ValueError or TypeError that names an argument and the rule.
"""

import os
import random
import warnings

import pytest

import theory
from tests.fuzz import examples_theory
from tests.fuzz.driver import bounded_memory, finding
from tests.fuzz.hostile import ANYTHING, variations

CASES = int(os.environ.get("FUZZ_CASES", "20000"))

EXAMPLES = {**examples_theory.EXAMPLES}
TOTAL = sum(example.share for example in EXAMPLES.values())

# Answers, which only the package makes and which check nothing; their methods are called.
ANSWERS = {
    "Derivation", "Frontier", "HalfspaceFrontier", "JointBound", "PairwiseBound", "Residual",
}  # fmt: skip
# Modules and tables, of which the parts are called.
NO_CALLABLES = {"catalogue"}


def test_every_public_name_has_an_example() -> None:
    named = {name.partition(".")[0].partition(" ")[0] for name in EXAMPLES}
    assert set(theory.__all__) - ANSWERS - NO_CALLABLES <= named
    assert {f"catalogue.{name}" for name in theory.catalogue.__all__} - {
        "catalogue.SETTINGS"
    } <= EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_hostile_arguments_are_answered_or_refused(name: str) -> None:
    example = EXAMPLES[name]
    assert finding(example, {}) is None, "the example itself is valid"
    rng = random.Random(name)
    found = []
    with warnings.catch_warnings(), bounded_memory():
        warnings.simplefilter("ignore")
        for _ in range(max(8, round(CASES * example.share / TOTAL))):
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
