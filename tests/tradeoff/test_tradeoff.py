"""The command: composition, laziness, one-line errors."""

import json
import re
import subprocess
import sys
from enum import Enum
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from empirical.data.cifar10 import load_cifar10
from empirical.evaluation.measures import Measures
from empirical.experiments.catalogue import EXPERIMENTS as SWEEPS
from paper_figures.catalogue import FIGURES, TABLES
from paper_figures.records import COMMANDS as RECORD_COMMANDS
from simulations.validation.experiments import EXPERIMENTS as CHECKED
from theory.checks import InputError
from theory.setting.catalogue import SETTINGS
from tradeoff import main
from tradeoff.application import app

COMMANDS = sorted(typer.main.get_command(app).commands)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tradeoff", *arguments], capture_output=True, text=True, check=False
    )


def test_help_names_every_command():
    for flag in ("--help", "-h"):
        result = _run(flag)
        assert result.returncode == 0
        assert all(f" {name} " in result.stdout for name in COMMANDS)


def test_version_is_that_of_the_distribution():
    result = _run("--version")
    assert result.returncode == 0
    assert result.stdout.startswith("tradeoff 0.")


def test_a_mistyped_command_is_told_the_nearest():
    result = _run("bounds")
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Did you mean 'bound'?" in result.stderr


def test_missing_extra_names_the_install_command():
    # in a process of its own: packages keep the modules that are imported anew
    script = (
        "import sys; sys.modules['torch'] = None\n"
        "sys.argv = ['tradeoff', 'sweep', 'mnist_rotation']\n"
        "import tradeoff; tradeoff.main()"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "pip install 'spatial-adversarial-tradeoff[empirical]'" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("tradeoff der", {"derive"}),
        ("tradeoff derive r", {"rotating-bump", "robust-feature"}),
        ("tradeoff sweep mnist-e", {"mnist-epsilon"}),
        ("tradeoff simulate pow", {"power"}),
        ("tradeoff figures frontier hea", {"heatmaps"}),
    ],
)
def test_a_shell_completes_commands_and_names(words, completed):
    asked = {
        "_TRADEOFF_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(words.count(" ")),
    }
    found = CliRunner().invoke(app, [], prog_name="tradeoff", env=asked).output
    assert set(found.split()) == completed


def noted(error):
    error.add_note("raised by task 'a-0'")
    return error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (FileExistsError(17, "File exists", "a.json"), "error: a.json: File exists\n"),
        (OSError("no\nspace"), "error: no space\n"),
        (noted(InputError("loss")), "error: loss; raised by task 'a-0'\n"),
        (noted(OSError(2, "No such file", "b")), "error: b: No such file; raised by task 'a-0'\n"),
    ],
)
def test_files_that_cannot_be_used_are_one_line(monkeypatch, capsys, error, told):
    def fails(**_options):
        raise error

    monkeypatch.setattr("tradeoff.application.app", fails)
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert capsys.readouterr().err == told


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name):
    result = CliRunner().invoke(app, [name, "-h"], prog_name="tradeoff")
    assert result.exit_code == 0, result.output
    assert f"tradeoff {name}" in result.output


def test_a_setting_takes_its_own_options_only():
    result = CliRunner().invoke(app, ["bound", "cyclic-code", "--side", "8"])
    assert result.exit_code == 2
    assert "No such option" in result.output


def _parses(told):
    """Whether the command line has no argument or option that the command does not know."""
    program, name, *arguments = told.split()
    assert program == "tradeoff"
    command = typer.main.get_command(app).commands[name]
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    return command.make_context(name, arguments).args == []


@pytest.mark.parametrize("told", RECORD_COMMANDS.values())
def test_commands_that_make_records_parse(told):
    assert _parses(told)


def test_command_that_gets_missing_images_parses(tmp_path: Path):
    with pytest.raises(ValueError, match="to get it: ") as missing:
        load_cifar10("train", folder=tmp_path)
    told = re.search(r"tradeoff data.*", str(missing.value))
    assert told
    assert _parses(told[0])


def test_bound_loads_neither_torch_nor_matplotlib_nor_sympy():
    script = (
        "import sys; sys.argv = ['tradeoff', 'bound', 'cyclic-code', '--adversarial-error', '0.1',"
        " '--format', 'json']\n"
        "import tradeoff\n"
        "try:\n    tradeoff.main()\nexcept SystemExit:\n    pass\n"
        "sys.stderr.write(','.join({'torch', 'matplotlib', 'sympy'} & set(sys.modules)))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert result.stderr == ""
    assert json.loads(result.stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bound", "cyclic-code", "--epsilon", "-1"), "epsilon must be >= 0, got -1"),
        (("bound", "nonsense"), "No such command 'nonsense'"),
        (("bound", "cyclic-code", "--adversarial-error", "1.5"), "must lie in [0, 1], got 1.5"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, message):
    result = _run(*arguments)
    assert result.returncode == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def _all_commands(command, path=()):
    inner = getattr(command, "commands", None)
    if inner is None:
        return [(path, command)]
    return [one for name in inner for one in _all_commands(inner[name], (*path, name))]


@pytest.mark.parametrize(
    ("path", "command"), _all_commands(typer.main.get_command(app)), ids=lambda one: str(one)[:40]
)
def test_every_option_is_explained_with_its_default_and_choices(path, command):
    assert all("_" not in name for name in path)
    help_text = CliRunner().invoke(app, [*path, "-h"], env={"COLUMNS": "300"}).output
    for parameter in command.params:
        assert parameter.help, (path, parameter.name)
        assert "_" not in parameter.opts[0].lstrip("-") or parameter.param_type_name == "argument"
        if parameter.default not in (None, False, [], ()):
            assert parameter.show_default, (path, parameter.name)
        if isinstance(parameter.default, Enum):
            assert "|".join(type(parameter.default)) in help_text, (path, parameter.name)


def test_help_fills_its_lines_and_keeps_brackets():
    terminal = {"COLUMNS": "80"}
    told = CliRunner().invoke(app, ["evaluate", "-h"], env=terminal).output
    _, paragraph, *_ = re.findall(r"(?:^ \S.*\n)+", told.split("Usage", 1)[1], re.MULTILINE)
    *filled, _ = [line.strip() for line in paragraph.splitlines()]
    assert len(filled) > 3
    assert all(len(line) > 60 for line in filled)
    told = CliRunner().invoke(app, ["bound", "file", "-h"], env=terminal).output
    assert "[weights, sigma, covariance, probabilities]" in told


def test_help_tells_the_usual_measures():
    (evaluate,) = (
        one for path, one in _all_commands(typer.main.get_command(app)) if path == ("evaluate",)
    )
    told = {parameter.name: parameter.show_default for parameter in evaluate.params}
    usual = Measures()
    for name in ("steps", "restarts", "queries"):
        assert told[name] == str(getattr(usual, name))
    assert told["apgd"] == str(usual.apgd_steps)
    assert told["auto_attack"] == ("yes" if usual.auto_attack else "no")


def test_groups_of_settings_are_listed_first():
    told = CliRunner().invoke(app, ["-h"]).output
    listed = re.findall(r"^│ (\w+) +\w", told[told.index("Commands") :], re.MULTILINE)
    assert listed[:4] == ["bound", "frontier", "check", "derive"]


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("sweep", SWEEPS), ("train", SWEEPS), ("derive", SETTINGS), ("figures", FIGURES | TABLES),
        ("simulate", CHECKED),
    ],
)  # fmt: skip
def test_help_lists_the_names_a_command_knows(command, names):
    text = CliRunner().invoke(app, [command, "-h"], env={"COLUMNS": "2000"}).output
    for name in names:
        assert re.search(rf"\b{name.replace('_', '-')}\b", text), name
