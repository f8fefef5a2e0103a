"""The documentation builds without a warning, holds what it must, and needs no network."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import griffe
import pytest

from paper_figures import caption_named
from tests import ROOT

PAGES = {
    "index", "README", "settings", "model", "data", "paper_figures/index", "accuracy",
    "CONTRIBUTING", "theory/THEORY", "simulations/SCALE", "api/theory",
    "api/simulations", "api/empirical", "api/paper_figures", "api/tradeoff",
    "notebooks/what_is_possible", "notebooks/is_my_measurement_possible",
    "notebooks/train_along_the_frontier",
}  # fmt: skip
# What a browser fetches by itself when it opens a page; links that a reader follows may lead away.
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video|audio)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^\"' >]+"
    r"|<link\b[^>]*\bhref=[\"']?(?:https?:)?//[^\"' >]+"
    r"|@import[^;]*//[^;]+|url\([\"']?(?:https?:)?//[^)]+"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    outcome = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "WARNING -" not in outcome.stderr
    return folder


@pytest.mark.slow
def test_every_page_is_there(site: Path) -> None:
    assert {name for name in PAGES if (site / f"{name}.html").exists()} == PAGES


@pytest.mark.slow
def test_the_report_is_the_start_page_and_leads_to_the_rest(site: Path) -> None:
    start = (site / "index.html").read_text(encoding="utf-8")
    assert all(f'id="{part}"' in start for part in ("explorer", "leaderboard", "provenance"))
    links = re.findall(r'href="([^"#:]+)"', start)
    assert links == ["README.html"]
    readme = (site / "README.html").read_text(encoding="utf-8")
    assert 'href="index.html"' in readme
    theorem = (site / "theory" / "THEORY.html").read_text(encoding="utf-8")
    assert 'href="../README.html"' in theorem


@pytest.mark.slow
def test_nothing_comes_from_elsewhere(site: Path) -> None:
    texts = {
        path: path.read_text(encoding="utf-8")
        for path in site.rglob("*")
        if path.suffix in {".html", ".css"}
    }
    assert len(texts) > len(PAGES)
    fetched = {path.name: FETCHED.findall(text) for path, text in texts.items()}
    assert {name: found for name, found in fetched.items() if found} == {}
    scripts = {Path(name) for name in re.findall(r'src="([^"]+\.js)', texts[site / "README.html"])}
    assert Path("assets/tex-svg-full.js") in scripts
    assert all((site / script).is_file() for script in scripts)


@pytest.mark.slow
def test_formulas_public_names_and_outputs_are_shown(site: Path) -> None:
    theorem = (site / "theory" / "THEORY.html").read_text(encoding="utf-8")
    source = (ROOT / "theory" / "THEORY.md").read_text(encoding="utf-8")
    assert theorem.count('<div class="arithmatex">') == source.count("```math")
    assert "$" not in re.sub(
        r"<[^>]*>", "", theorem.partition("<article")[2].partition("</article")[0]
    )
    api = (site / "api" / "theory.html").read_text(encoding="utf-8")
    stub = (ROOT / "theory" / "__init__.pyi").read_text(encoding="utf-8")
    for name in re.findall(r" as (\w+)", stub):
        assert f'id="theory.{name}"' in api or f"theory.{name}" in api, name
    assert ".. math::" not in api
    for notebook in PAGES:
        if notebook.startswith("notebooks/"):
            page = (site / f"{notebook}.html").read_text(encoding="utf-8")
            assert "jp-OutputArea-output" in page
            source = (ROOT / "docs" / f"{notebook}.py").read_text(encoding="utf-8")
            figures = source.count("plt.show()") + source.count("\nplot_frontier(")
            assert page.count('<div class="jp-RenderedImage') == figures


def test_arguments_described_together_have_types_of_their_own() -> None:
    extensions = griffe.load_extensions(str(ROOT / "docs" / "hooks.py"))
    package = griffe.load(
        "paper_figures", search_paths=[ROOT], extensions=extensions, docstring_parser="numpy"
    )
    docstring = package["catalogue.caption_named"].docstring
    assert "name, folders" in (inspect.getdoc(caption_named) or "")
    found = next(part for part in docstring.parsed if part.kind.value == "parameters").value
    types = {argument.name: str(argument.annotation) for argument in found}
    assert types == {"name": "str", "folders": "tuple[Path, ...]"}


def test_what_would_be_fetched_is_recognised() -> None:
    for text in (
        '<script defer src="https://cdn.example/x.js">',
        "<link rel=stylesheet href=//fonts.example/a>",
        "background: url('https://cdn.example/x.png')",
    ):
        assert FETCHED.search(text)
    assert not FETCHED.search('<a href="https://example.org">and</a> <script src="a/b.js">')
