"""Hostile arguments to the bounds and settings: an answer without NaN, or a clear refusal.

``FUZZ_CASES`` cases in all (2,000 by default), drawn by a fixed seed and shared by the callables; a
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

CASES = int(os.environ.get("FUZZ_CASES", "2000"))

# what takes a setting or makes one, and what is asked of it
COVERED = (
    "GaussianMixture", "GaussianMixture (covariance)", "Transformations", "RotatedMeans",
    "Setting.with_epsilon", "Frontier.max_spatial_accuracy", "Frontier.max_adversarial_accuracy",
    "attack_residual", "residuals", "conflict_distribution", "cyclic_code_bound",
    "free_probability", "frontier", "halfspace_accuracies", "joint_bound", "max_epsilon",
    "optimal_adversarial_error", "pairwise_bound", "worst_transformation_bound", "pinsker_bound",
    "total_variation_bound", "two_class_bound", "permutation_matrices",
    "catalogue.cyclic_code", "catalogue.rotating_bump",
)  # fmt: skip


def test_every_public_name_has_an_example() -> None:
    named = {name.partition(".")[0] for name in EXAMPLES}
    assert set(theory.__all__) - {"catalogue"} <= named


@pytest.mark.parametrize("name", COVERED)
def test_hostile_arguments_are_answered_or_refused(name: str) -> None:
    example = EXAMPLES[name]
    assert finding(example, {}) is None, "the example itself is valid"
    rng = random.Random(name)
    total = sum(EXAMPLES[one].share for one in COVERED)
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
