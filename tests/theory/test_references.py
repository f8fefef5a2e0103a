"""Every citation of THEORY.md points to something that exists there, and the document is sound."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

from tests import ROOT

DOCUMENT = (ROOT / "theory" / "THEORY.md").read_text(encoding="utf-8")
SOURCES = sorted(
    path
    for folder in (
        "theory",
        "simulations",
        "empirical",
        "paper_figures",
        "tradeoff",
        "tests",
        "benchmarks",
    )
    for path in (ROOT / folder).rglob("*.py")
    if path != Path(__file__)
)

_LIST = r"\d+(?:\.\d+)?(?:(?:, | and | to |, and )\d+(?:\.\d+)?)*"
_EQUATIONS = r"\(\d+(?:\.\d+)?\)(?:(?:, | and | to |, and )\(\d+(?:\.\d+)?\))*"
_THEOREMS = re.compile(rf"\b[Tt]heorems? ({_LIST})")
_SECTIONS = re.compile(rf"\b[Ss]ections? ({_LIST})")
_EQS = re.compile(rf"\b(?:eqs?\.|equations?) ({_EQUATIONS})")
_CITATION = re.compile(r"THEORY\.md`*,? ([^;)]*(?:\(\d+(?:\.\d+)?\)[^;)]*)*)")


def headings(document: str) -> set[str]:
    return set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?)\.? ", document, re.MULTILINE))


def theorems(document: str) -> list[str]:
    return re.findall(r"^\*\*Theorem (\d+)\b", document, re.MULTILINE)


def equations(document: str) -> list[str]:
    return re.findall(r"\\tag\{(\d+(?:\.\d+)?)\}", document)


def broken(text: str, document: str = DOCUMENT) -> list[str]:
    """Citations in a text that lead nowhere."""
    known = {
        "theorem": set(theorems(document)),
        "section": headings(document),
        "equation": set(equations(document)),
    }
    plain = re.sub(r"\s+", " ", text)
    found = [("theorem", m) for m in _THEOREMS.findall(plain)]
    found += [("equation", m) for m in _EQS.findall(plain)]
    for clause in _CITATION.findall(plain):
        found += [("section", m) for m in _SECTIONS.findall(clause)]
    return [
        f"{kind} {number}"
        for kind, numbers in found
        for number in re.findall(r"\d+(?:\.\d+)?", numbers)
        if number not in known[kind]
    ]


def prose(source: str) -> list[str]:
    """The docstrings of a program, and its comments joined."""
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    texts = [
        ast.get_docstring(node) or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, nodes)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = (token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT)
    return [*texts, " ".join(comments)]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_citations_exist(path: Path) -> None:
    wrong = [item for text in prose(path.read_text(encoding="utf-8")) for item in broken(text)]
    assert not wrong, f"{path.name} cites {wrong}, which THEORY.md does not have"


def test_the_code_does_cite_the_document() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "theory").rglob("*.py"))
    text = re.sub(r"\s+", " ", " ".join(sources))
    cited = {number for group in _THEOREMS.findall(text) for number in re.findall(r"\d+", group)}
    assert len(cited) >= 3
    assert len(_CITATION.findall(text)) >= 10


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a bound (THEORY.md, Theorem 7).", ["theorem 7"]),
        ("bounds (THEORY.md, Theorems 1 and\n    9)", ["theorem 9"]),
        ("(THEORY.md, sections 2 and 13)", ["section 13"]),
        ("(THEORY.md, section 9.4, eq. (9.99))", ["equation 9.99"]),
        ("see eqs. (2.1) and (2.77)", ["equation 2.77"]),
        ("(THEORY.md, Theorem 3; also section 5 of another paper)", []),
        ("(THEORY.md, eq. (2.1) and section 12)", []),
    ],
)
def test_wrong_citations_are_found(text: str, wrong: list[str]) -> None:
    assert broken(text) == wrong


def test_sections_and_theorems_are_numbered_in_order() -> None:
    sections = re.findall(r"^## (\d+)\. ", DOCUMENT, re.MULTILINE)
    assert sections == [str(number) for number in range(1, 13)]
    assert theorems(DOCUMENT) == ["1", "2", "3", "4", "5", "6"]


def test_equations_are_numbered_in_order_within_their_section() -> None:
    parts = re.split(r"^## (\d+)\. .*$", DOCUMENT, flags=re.MULTILINE)
    for section, body in zip(parts[1::2], parts[2::2], strict=True):
        tags = [tag for tag in equations(body) if "." in tag]
        assert tags == [f"{section}.{k + 1}" for k in range(len(tags))]
    assert [tag for tag in equations(DOCUMENT) if "." not in tag] == ["1", "2", "3"]


def test_references_within_the_document_exist() -> None:
    prose_only = re.sub(r"^ *```math.*?^ *```", "", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
    used = set(re.findall(r"\((\d+\.\d+)\)", prose_only))
    assert len(used) > 20
    assert used <= set(equations(DOCUMENT))
    keys = set(re.findall(r"\[([A-Z][A-Za-z]*)\]", prose_only))
    sources = set(re.findall(r"^- \*\*\[([A-Za-z]+)\]\*\*", DOCUMENT, re.MULTILINE))
    assert keys == sources


def test_formulas_survive_the_markdown_of_github() -> None:
    """No escape that Markdown would eat, no formula across lines, no unbalanced dollar."""
    prose_only = re.sub(r"^ *```math.*?^ *```", "", DOCUMENT, flags=re.MULTILINE | re.DOTALL)
    assert prose_only.count("```") == 0
    for line in re.sub(r"`[^`\n]*`", "", prose_only).splitlines():
        assert line.count("$") % 2 == 0, line
        for formula in line.split("$")[1::2]:
            assert formula == formula.strip()
            assert not re.search(r"\\[^a-zA-Z]|[<>]|operatorname", formula), formula
            assert formula.count("{") == formula.count("}"), formula
