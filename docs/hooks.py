"""What the site shows from elsewhere in the repository: report, documents without a copy, API."""

import ast
import importlib.util
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from paper_figures.records import folders
from tradeoff.page.report import report_html

DOCUMENTS = (
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "theory/THEORY.md", "simulations/SCALE.md",
    "paper_figures/README.md",
)  # fmt: skip
DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
# Arguments described together, without a type: each is then given that of its own annotation.
GROUP = re.compile(r"^((?:\w+, )+\w+)\n((?: +.+(?:\n|$))+)", flags=re.MULTILINE)
PACKAGES = ("theory", "simulations", "empirical", "paper_figures")
START = "index.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents and what pages link to, each by its path in the repository, and the API."""
    unread = [ROOT / name for name in DOCUMENTS]
    unread += [DOCS / file.src_uri for file in files.documentation_pages()]
    found = {_uri(path): path for path in unread}
    while unread:
        page = unread.pop()
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            if target.is_file() and _uri(target) not in found:
                found[_uri(target)] = target
                if target.suffix == ".md":
                    unread.append(target)
    found["assets/tex-svg-full.js"] = _folder("mathjax") / "static/mathjax/es5/tex-svg-full.js"
    for uri, path in found.items():
        if not path.is_relative_to(DOCS):
            file = File.generated(config, uri, abs_src_path=str(path))
            if uri == "README.md":  # which would be the start page
                file.dest_uri = "README.html"
            files.append(file)
    files.append(File.generated(config, START, content="# Report"))
    for package in PACKAGES:
        content = _public_names(package, ROOT / package)
        files.append(File.generated(config, f"api/{package}.md", content=content))
    files.append(File.generated(config, "api/tradeoff.md", content=_command()))
    return files


def on_page_markdown(markdown: str, *, page: Page, **_: Any) -> str:
    """Turn links between files of the repository into links between pages of the site."""
    own = Path(page.file.abs_src_path or "").resolve()
    if own.suffix != ".md":
        return markdown

    def moved(found: re.Match[str]) -> str:
        target = (own.parent / found[1]).resolve()
        if not target.is_file():
            return found[0]
        return f"]({os.path.relpath(_uri(target), Path(page.file.src_uri).parent)}"

    return LINK.sub(moved, markdown)


def on_post_page(output: str, *, page: Page, **_: Any) -> str:
    """Make the report of the committed records the start page."""
    return _report() if page.file.src_uri == START else output


@cache
def _report() -> str:
    return report_html(folders(None), documentation="README.html")


def _uri(path: Path) -> str:
    """Return where a file of the repository is in the site."""
    return path.relative_to(DOCS if path.is_relative_to(DOCS) else ROOT).as_posix()


def _folder(package: str) -> Path:
    specification = importlib.util.find_spec(package)
    if specification is None or specification.origin is None:
        raise ModuleNotFoundError(package)
    return Path(specification.origin).parent


def _public_names(package: str, folder: Path) -> str:
    """Return the page of a package: the names of its stub, by the folders they come from."""
    stub = ast.parse((folder / "__init__.pyi").read_text(encoding="utf-8"))
    rooms: dict[str, list[str]] = {}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom):
            room = (node.module or "").partition(".")[0]
            rooms.setdefault(room, []).extend(alias.name for alias in node.names)
    lines = [f"# {package}", "", _about(folder / "__init__.py"), ""]
    for room, names in rooms.items():
        path = folder / room
        lines += [f"## {room.replace('_', ' ').capitalize()}", ""]
        lines += [_about(path / "__init__.py" if path.is_dir() else path.with_suffix(".py")), ""]
        for name in sorted(names, key=str.lower):
            lines += [f"::: {package}.{name}", ""]
    return "\n".join(lines)


def _about(module: Path) -> str:
    """Return the first paragraph of a module's docstring."""
    text = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return text.partition("\n\n")[0]


def _command() -> str:
    command = ["-m", "typer", "tradeoff.application", "utils", "docs", "--name", "tradeoff"]
    outcome = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=True, timeout=60
    )
    return outcome.stdout


class Docstrings(griffe.Extension):
    """Turn the reStructuredText of docstrings that Markdown does not know into Markdown."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of any object that has one."""
        if obj.docstring is not None:
            text = obj.docstring.value
            text = re.sub(r"^\.\. math::((?:.+\n?)(?: +.+\n?)*)", r"$$\1$$\n", text, flags=re.M)
            text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)
            text = re.sub(r"(?<![\w/`])THEORY\.md", "[THEORY.md](../theory/THEORY.md)", text)
            obj.docstring.value = GROUP.sub(_each, text)


def _each(found: re.Match[str]) -> str:
    return "".join(f"{name}\n{found[2].rstrip()}\n" for name in found[1].split(", "))
