"""Rows are reused only by the code that made them."""

import functools
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulations.execution.execute import execute
from simulations.execution.identity import code_of, digest_of_module
from simulations.records import Record, combined
from simulations.validation.experiments import check_task

TASK = """
from {package} import helper


def task(config: dict, seed: object) -> list[dict]:
    return [{{"value": helper.VALUE}}]
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the project's own with a task that imports a helper."""
    folder = tmp_path / "source" / "made"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "helper.py").write_text('"""A helper."""\n\nVALUE = 1  # one\n')
    (folder / "job.py").write_text(TASK.format(package="made"))
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.setattr("simulations.execution.identity._PACKAGES", ("made", "simulations"))
    yield folder
    for name in [name for name in sys.modules if name.split(".")[0] == "made"]:
        monkeypatch.delitem(sys.modules, name)


def digest(package: Path) -> str:
    digest_of_module.cache_clear()
    return digest_of_module("made.job")


def test_the_digest_follows_imports_and_ignores_words(package: Path) -> None:
    before = digest(package)
    helper = package / "helper.py"
    helper.write_text('"""Other words."""\n\n# a remark\nVALUE = 1\n')
    assert digest(package) == before
    helper.write_text("VALUE = 2\n")
    assert digest(package) != before


def test_partial_functions_have_the_code_of_their_function() -> None:
    assert code_of(functools.partial(check_task)) == code_of(check_task)
    assert {"sources", "numpy", "scipy", "torch"} == set(code_of(check_task))


def number(config: dict[str, Any], seed: np.random.SeedSequence) -> list[dict[str, Any]]:
    return [{"value": config["x"]}]


def run(folder: Path, **options: Any) -> list[Record]:
    return execute(
        number, {"a": {"x": 1}, "b": {"x": 2}}, experiment="sum", folder=folder, seed=0, **options
    )


def test_what_other_code_made_is_made_anew_unless_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    run(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")} == before

    other = code_of(number) | {"sources": "another"}
    monkeypatch.setattr("simulations.execution.execute.code_of", lambda function: other)
    kept = run(tmp_path, keep=True)
    assert [record.provenance["code"] for record in kept] == [code_of(number)] * 2
    again = run(tmp_path)
    assert [record.provenance["code"] for record in again] == [other] * 2
    assert [record.rows for record in again] == [record.rows for record in first]


def test_the_record_of_all_says_which_code_made_what() -> None:
    def made(code: str) -> Record:
        origin = {"code": code, "commit": "c", "seconds": 2.0, "device": f"device of {code}"}
        return Record("sum", {}, [{"of": code}], origin)

    records = {"a": made("x"), "b": made("y"), "c": made("x")}
    whole = combined("all", {"of": 3}, records, seed=7)
    assert (whole.experiment, whole.config) == ("all", {"of": 3})
    assert whole.rows == [{"of": "x"}, {"of": "y"}, {"of": "x"}]
    assert (whole.provenance["seed"], whole.provenance["seconds"]) == (7, 6.0)
    assert [(group["code"], group["tasks"]) for group in whole.provenance["made_by"]] == [
        ("x", ["a", "c"]), ("y", ["b"]),
    ]  # fmt: skip
    assert whole.provenance["device"] == "device of x, device of y"
    assert whole.provenance["made_by"][1]["device"] == "device of y"

    bare = {"d": Record("sum", {}, [{"of": "z"}], {"trained_by": [{"sources": "before"}]})}
    whole = combined("all", {}, bare, seed=7, seconds=1.5, rows=[])
    assert whole.rows == []
    assert (whole.provenance["device"], whole.provenance["seconds"]) == ("unknown", 1.5)
    (group,) = whole.provenance["made_by"]
    assert (group["code"], group["tasks"]) == ("unknown", ["d"])
    assert group["trained_by"] == [{"sources": "before"}]
