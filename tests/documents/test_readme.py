"""What the README promises works: its commands, its Python, its links."""

import re
import shlex
import subprocess
import sys

import numpy as np
import pytest
import typer

from tests import ROOT
from tradeoff.application import app

README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMANDS = re.findall(r"^\$ (tradeoff .*)$", "\n".join(_blocks("console")), flags=re.MULTILINE)


def test_commands_are_found():
    assert len(COMMANDS) >= 5


@pytest.mark.parametrize("command", COMMANDS)
def test_command_succeeds(command, tmp_path):
    arguments = shlex.split(command)[1:]
    result = subprocess.run(
        [sys.executable, "-m", "tradeoff", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout


def test_python_runs_as_printed(capsys):
    (code,) = _blocks("python")
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert capsys.readouterr().out.startswith("[")
    bound, curve = names["bound"], names["curve"]
    highest = np.ceil(1e3 * bound.spatial_accuracy) / 1e3  # limits are rounded to the sound side
    assert f"# [{', '.join(f'{value:g}' for value in highest)}]: no classifier does better" in code
    assert f"# {np.floor(1e3 * bound.floor) / 1e3:g}: no classifier at all" in code
    assert f"# {np.floor(1e3 * curve(0.35)) / 1e3:g}: lower limit" in code


def test_every_other_command_exists():
    commands = typer.main.get_command(app).commands
    named = set(re.findall(r"^tradeoff (\w+)", "\n".join(_blocks("bash")), flags=re.MULTILINE))
    assert named
    assert named <= set(commands)


def test_links_lead_to_files():
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(targets) > 5
    missing = [target for target in targets if not (ROOT / target).exists()]
    assert missing == []


@pytest.mark.parametrize("target", ["reproduce", "test"])
def test_make_targets_exist(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)
    assert f"make {target}" in README
