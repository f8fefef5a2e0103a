import subprocess
import sys

import pytest
from typer.testing import CliRunner

from paper_figures import catalogue, index as page_index
from paper_figures.records import MissingRecordError
from tests.paper_figures import synthetic
from tradeoff.application import app

RUNNER = CliRunner()


def call(*arguments):
    return RUNNER.invoke(app, ["figures", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path):
    synthetic.mnist_rotation().save(tmp_path / "records" / "mnist_rotation-smoke.json")
    return tmp_path / "records"


@pytest.mark.parametrize("kind", ["png", "pdf", "svg"])
def test_draws_what_is_named_and_says_where(folder, tmp_path, kind):
    result = call("mnist_rotation", "--records", folder, "--out", tmp_path, "--format", kind)
    path = tmp_path / f"mnist_rotation.{kind}"
    assert result.exit_code == 0
    assert result.output == f"{path}\n{tmp_path / 'figures.tex'}\n"
    first = path.read_bytes()
    call("mnist_rotation", "--records", folder, "--out", tmp_path, "--format", kind)
    assert path.read_bytes() == first


def test_all_that_have_their_records_are_drawn_and_the_others_named(tmp_path, monkeypatch):
    chosen = {name: catalogue.FIGURES[name] for name in ("mnist_rotation", "recipes", "probit")}
    monkeypatch.setattr(catalogue, "FIGURES", chosen)
    monkeypatch.setattr(catalogue, "TABLES", {})
    synthetic.mnist_rotation().save(tmp_path / "mnist_rotation-smoke.json")
    result = call("--records", tmp_path, "--out", tmp_path / "drawn")
    assert result.exit_code == 0
    assert "left out recipes: record 'recipes_mnist' not found in" in result.stderr
    assert "make it with: tradeoff sweep recipes-mnist --profile quick --out" in result.stderr
    found = {path.name for path in (tmp_path / "drawn").iterdir()}
    assert found == {"mnist_rotation.png", "probit.png", "figures.tex"}


def test_writes_the_index_with_links_to_what_is_drawn(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(
        page_index, "FIGURES", {"mnist_rotation": catalogue.FIGURES["mnist_rotation"]}
    )
    monkeypatch.setattr(page_index, "TABLES", {})
    index = tmp_path / "README.md"
    call("mnist_rotation", "--records", folder, "--out", tmp_path / "drawn", "--index", index)
    assert "](drawn/mnist_rotation.png)" in index.read_text(encoding="utf-8")
    assert "{mnist_rotation}" in (tmp_path / "drawn" / "figures.tex").read_text(encoding="utf-8")


def test_a_named_figure_without_its_record_is_an_error(folder):
    result = call("frontier", "--records", folder)
    assert isinstance(result.exception, MissingRecordError)
    assert "tradeoff sweep orientation-texture" in str(result.exception)


def test_refuses_unknown_names_and_formats(folder):
    result = call("frontiers", "--records", folder)
    assert "figure must be one of frontier, " in str(result.exception)
    result = call("mnist_rotation", "--records", folder, "--format", "gif")
    assert result.exit_code == 2
    assert "'gif' is not one of" in result.output


def test_bad_input_is_one_line_and_exit_code_2(tmp_path):
    command = [sys.executable, "-m", "tradeoff", "figures", "--records", str(tmp_path / "no")]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: records must be a folder, got ")
    assert result.stderr.count("\n") == 1


def test_nothing_here_imports_torch():
    code = (
        "import sys, paper_figures; sys.exit('torch' in sys.modules or 'empirical' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
