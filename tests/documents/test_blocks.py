"""Every code block of the documents runs as printed, and prints what it is said to print."""

import re
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.documents.blocks import ELSEWHERE, Session, affordable, blocks, elsewhere

PAGES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [
    *PAGES,
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "paper_figures" / "README.md",
    ROOT / "simulations" / "SCALE.md",
    ROOT / "theory" / "THEORY.md",
]
# Long enough for the slow suite: they train or simulate.
SLOW = {"README.md", "model.md", "data.md", "settings.md"}


def parameters() -> list[object]:
    return [
        pytest.param(
            document,
            id=document.relative_to(ROOT).as_posix(),
            marks=[pytest.mark.slow] if document.name in SLOW else [],
        )
        for document in DOCUMENTS
        if blocks(document)
    ]


@pytest.mark.parametrize("document", parameters())
def test_every_block_runs(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "mymodel", raising=False)  # of another document
    session = Session(tmp_path)
    if document == ROOT / "README.md":  # it speaks of the files that this page makes
        page = ROOT / "docs" / "model.md"
        for block in blocks(page)[:2]:
            session.run(block, page)
    for block in blocks(document):
        printed = session.run(block, document)
        if block.language == "console":
            for (command, shown), now in zip(block.commands(), printed, strict=True):
                assert not shown or now == shown, f"{document.name}: {command}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_documents_have_blocks_that_run() -> None:
    assert {path.name for path in PAGES if blocks(path)} == {path.name for path in PAGES}


def test_nothing_is_excused_that_no_document_has() -> None:
    texts = [block.text for document in DOCUMENTS for block in blocks(document)]
    lines = [line for text in texts for line in [text, *text.splitlines()]]
    for pattern in ELSEWHERE:
        assert any(re.match(pattern, line) for line in lines), pattern


def test_commands_are_cut_to_size() -> None:
    assert affordable("tradeoff sweep mnist --profile full --workers 2") == (
        "tradeoff sweep mnist --workers 2 --profile smoke"
    )
    assert affordable("tradeoff sweep --help") == "tradeoff sweep --help"
    assert affordable("tradeoff bound cyclic-code") == "tradeoff bound cyclic-code"
    assert affordable("tradeoff evaluate x --test 0") == "tradeoff evaluate x --test 20"


def test_a_wrong_command_and_a_wrong_output_are_found(tmp_path: Path) -> None:
    page = ROOT / "docs" / "settings.md"
    session = Session(tmp_path)
    with pytest.raises(AssertionError, match="must be >= 0"):
        session.command("tradeoff bound cyclic-code --epsilon -1 --adversarial-error 0.1", "here")
    with pytest.raises(AssertionError, match="nothing runs rm"):
        session.command("rm -r results", "here")
    wrong = tmp_path / "wrong.md"
    wrong.write_text("```pycon\n>>> 1 + 1\n3\n\n```\n")
    (block,) = blocks(wrong)
    with pytest.raises(AssertionError, match="Expected"):
        session.run(block, page)
    assert not elsewhere("tradeoff bound cyclic-code")
