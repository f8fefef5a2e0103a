"""The code blocks of a document, run in order in one folder, as a reader would run them.

    python -m tests.documents.blocks docs/settings.md

writes what the commands print now into the console blocks that show their output.
"""

import contextlib
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests import ROOT

_BLOCK = re.compile(
    r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL
)

# What costs more than a test may, or changes the machine: where it is run instead.
ELSEWHERE = {
    r"make \w+": "test_readme.py: the recipes of the Makefile",
    r"pip install": "test_package.py: the wheel in an environment of its own",
    r"tradeoff data cifar10": "tests/empirical/data/test_cifar10_download.py",
    r"dask |OMP_NUM_THREADS=1 dask |.*--cluster tcp://HOST": "tests/simulations/execution/test_cluster.py",  # noqa: E501
    r"tradeoff check .*--limits": "tests/tradeoff/test_bounds.py: a record of the full size",
    r"from dask_jobqueue": "tests/simulations/execution/test_cluster.py: the job that it submits",
}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line that it begins on, the file it shows."""

    language: str
    text: str
    line: int
    file: str | None = None

    def commands(self) -> list[tuple[str, str]]:
        """Return the commands of a console or bash block, each with the output shown."""
        text = self.text.replace("\\\n", " ")
        if self.language == "bash":
            lines = [line.partition("  #")[0].strip() for line in text.splitlines()]
            return [(line, "") for line in lines if line and not line.startswith("#")]
        parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
        return [(command, output) for command, _, output in (p.partition("\n") for p in parts)]


def blocks(document: Path) -> list[Block]:
    """Return the blocks of a document whose language runs."""
    text = document.read_text(encoding="utf-8")
    return [
        Block(found[1], found[3], text.count("\n", 0, found.start(3)) + 1, found[2])
        for found in _BLOCK.finditer(text)
        if found[1] in {"python", "pycon", "console", "bash"}
    ]


def elsewhere(text: str) -> bool:
    """Whether a command or block is run elsewhere."""
    return any(re.match(pattern, text) for pattern in ELSEWHERE)


def affordable(command: str) -> str:
    """Return the command at the smallest size that it has."""
    if re.search(r"\b(train|sweep|simulate)\b", command) and "--help" not in command:
        command = re.sub(r" --profile \w+", "", command) + " --profile smoke"
    if " evaluate " in command and "--help" not in command:
        command = re.sub(r" --test \d+", "", command) + " --test 20"
    return command


@dataclass
class Session:
    """What a reader has after the blocks so far: a folder, and names in Python."""

    folder: Path
    names: dict[str, object] = field(default_factory=dict)

    def run(self, block: Block, document: Path) -> list[str]:
        """Run a block and return what each of its commands printed."""
        where = f"{document.relative_to(ROOT)}:{block.line}"
        if block.file:
            (self.folder / block.file).write_text(block.text, encoding="utf-8")
            return []
        if block.language == "python" and not elsewhere(block.text):
            code = compile("\n" * (block.line - 1) + block.text, str(document), "exec")
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                exec(code, self.names)
            return [printed.getvalue()]
        if block.language == "pycon":
            test = doctest.DocTestParser().get_doctest(
                block.text, self.names, where, str(document), block.line
            )
            report = io.StringIO()
            outcome = doctest.DocTestRunner().run(test, out=report.write, clear_globs=False)
            self.names = test.globs
            assert outcome.failed == 0, report.getvalue()
        if block.language in {"console", "bash"}:
            return [self.command(command, where) for command, _ in block.commands()]
        return []

    def command(self, command: str, where: str) -> str:
        """Run a command at an affordable size and return what it prints; it must succeed."""
        if elsewhere(command):
            return ""
        words = shlex.split(affordable(command))
        variables = {}
        while "=" in words[0]:
            name, _, variables[name] = words.pop(0).partition("=")
        assert words[0] == "tradeoff", f"{where}: nothing runs {command}"
        path = os.pathsep.join([variables.pop("PYTHONPATH", "."), str(ROOT)])
        outcome = subprocess.run(
            [sys.executable, "-m", "tradeoff", *words[1:]],
            cwd=self.folder,
            env=os.environ | {"COLUMNS": "100"} | variables | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert outcome.returncode == 0, f"{where}: {command}\n{outcome.stderr}"
        assert outcome.stdout, f"{where}: {command} prints nothing"
        return outcome.stdout


def rewrite(document: Path) -> None:
    """Put what the commands print into the console blocks that show output."""
    text = document.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
        sys.path.insert(0, name)
        session = Session(Path(name))
        for block in blocks(document):
            printed = session.run(block, document)
            if block.language == "console" and any(shown for _, shown in block.commands()):
                new = "".join(
                    f"$ {command}\n{now if shown else ''}"
                    for (command, shown), now in zip(block.commands(), printed, strict=True)
                )
                text = text.replace(f"```console\n{block.text}```", f"```console\n{new}```")
    document.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    rewrite(Path(sys.argv[1]).resolve())
