"""Hostile arguments to every public name: an answer without NaN, or a clear refusal.

``FUZZ_CASES`` cases in all (20,000 by default), drawn by a fixed seed and shared by the callables;
a refusal must be a ValueError or TypeError that names an argument and the rule.
"""

import os
import random
import warnings
from pathlib import Path

import pytest

import empirical
import paper_figures
import simulations
import theory
from tests.fuzz import (
    examples_empirical,
    examples_figures,
    examples_simulations,
    examples_theory,
)
from tests.fuzz.driver import bounded_memory, finding
from tests.fuzz.hostile import ANYTHING, variations

CASES = int(os.environ.get("FUZZ_CASES", "20000"))

PACKAGES = {
    theory: examples_theory,
    simulations: examples_simulations,
    empirical: examples_empirical,
    paper_figures: examples_figures,
}
EXAMPLES = {
    f"{package.__name__}.{name}": example
    for package, examples in PACKAGES.items()
    for name, example in examples.EXAMPLES.items()
}
TOTAL = sum(example.share for example in EXAMPLES.values())

# Answers, which only the packages make and which check nothing; their methods are called.
ANSWERS = {
    "AttackResult", "BoundaryDistance", "Derivation", "Frontier", "HalfspaceFrontier",
    "JointBound", "Outcomes", "PairwiseBound", "Report", "Residual",
}  # fmt: skip
# Tables, types for annotations, choices, errors.
NO_CALLABLES = {
    "SETTINGS", "EXPERIMENTS", "NETWORKS", "Block", "Classifier", "Criterion", "Draw",
    "FIGURES", "MissingRecordError", "RecordError", "Side", "TABLES",
}  # fmt: skip
# What would ask the network for 170 megabytes.
DANGEROUS = {"fetch_cifar10"}


def test_every_public_name_has_an_example() -> None:
    for package, examples in PACKAGES.items():
        public = set(package.__all__)
        if "catalogue" in public:
            public -= {"catalogue"}
            public |= {f"catalogue.{name}" for name in package.catalogue.__all__}
        named = {name.partition(" ")[0] for name in examples.EXAMPLES}
        missing = {name for name in public if name.rpartition(".")[2] not in NO_CALLABLES}
        assert missing - ANSWERS - DANGEROUS <= named


@pytest.mark.parametrize("name", EXAMPLES)
def test_hostile_arguments_are_answered_or_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a path may be any text
    monkeypatch.chdir(tmp_path)
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
