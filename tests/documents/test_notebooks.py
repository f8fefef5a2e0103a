"""The notebooks run from top to bottom, as scripts, in less than a minute of one core."""

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.py"))


def test_there_are_three() -> None:
    assert len(NOTEBOOKS) == 3


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_in_a_minute(notebook: Path, tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    outcome = subprocess.run(
        [sys.executable, notebook],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout
    # seconds of the processor: a busy machine does not make the notebook longer
    assert after.ru_utime - before.ru_utime < 60


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_tells_what_it_does(notebook: Path) -> None:
    text = notebook.read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n# # ")
    cells = re.split(r"^# %%", text, flags=re.MULTILINE)[1:]
    assert sum(cell.startswith(" [markdown]") for cell in cells) >= len(cells) / 3
