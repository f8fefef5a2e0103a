import doctest
import subprocess
import sys

import pytest

import simulations
from simulations import estimates


def test_every_public_name_can_be_imported():
    for name in simulations.__all__:
        assert getattr(simulations, name) is not None
        assert name in dir(simulations)


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="No simulations attribute moon"):
        _ = simulations.moon


def test_estimates_and_records_do_not_pull_in_the_rest():
    code = (
        "import sys, simulations.estimates, simulations.records;"
        "print([m for m in ('torch', 'sympy', 'matplotlib', 'joblib', 'scipy.stats',"
        " 'simulations.sampling.accuracy') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("module", [simulations, estimates])
def test_the_examples_of_the_docstrings(module):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0
