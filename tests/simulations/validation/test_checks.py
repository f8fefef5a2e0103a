from pathlib import Path

import numpy as np
import pytest

import simulations
from simulations.records import Record
from simulations.validation.checks import CHECKS
from simulations.validation.findings import LEVEL
from theory.setting.catalogue import defaults

SAMPLES = 20_000


@pytest.mark.parametrize("check", CHECKS)
def test_the_theory_passes_and_the_global_generator_is_untouched(check):
    before = np.random.get_state()  # noqa: NPY002
    rows = CHECKS[check](defaults()["robust-feature"], SAMPLES, np.random.SeedSequence(1))
    assert rows
    assert [row for row in rows if not row["passed"]] == []
    after = np.random.get_state()  # noqa: NPY002
    assert (before[1] == after[1]).all()
    assert before[2:] == after[2:]


@pytest.mark.parametrize(
    "check", ["closed-forms", "inner-curve", "convergence", "rare-errors", "random-settings"]
)
def test_rows_depend_on_the_seed_alone(check):
    setting = defaults()["robust-feature"]
    first, again, other = (
        CHECKS[check](setting, SAMPLES, np.random.SeedSequence(seed)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_the_recorded_family_fails_wrongly_with_at_most_1e_9():
    """By the union bound over its rows, all of which passed."""
    folder = Path(simulations.__file__).parent / "results"
    record = Record.load(folder / "validation-quick.json")
    assert all(row["passed"] for row in record.rows)
    assert 300 < len(record.rows) <= 1e-9 / LEVEL


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", defaults())
def test_every_setting_passes_every_check(name, check):
    rows = CHECKS[check](defaults()[name], 1_000_000, np.random.SeedSequence(3))
    assert [row for row in rows if not row["passed"]] == []
