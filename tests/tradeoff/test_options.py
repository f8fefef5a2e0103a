"""Radii as people write them, in Python and on the command line."""

from pathlib import Path

import pytest
import torch
import typer
from typer.testing import CliRunner

from simulations.records import Record
from tests.empirical.models import Affine
from tradeoff.application import app
from tradeoff.options import known_name, parse_radius, radius_text


def model() -> torch.nn.Module:
    return Affine(torch.eye(10, 784), torch.zeros(10))


@pytest.mark.parametrize(
    ("text", "value"),
    [("0.1", 0.1), ("8/255", 8 / 255), (" 8 / 255 ", 8 / 255), ("1e-3", 1e-3), ("0", 0.0)],
)
def test_decimals_and_fractions(text: str, value: float) -> None:
    assert parse_radius(text) == value


@pytest.mark.parametrize(
    ("radius", "text"),
    [(0.1, "0.1"), (8 / 255, "8/255"), (0.2, "0.2"), (1 / 7, "0.142857"), (0.0, "0"), (2.0, "2"),
     (16 / 255, "16/255"), (1e300, "1e+300"), (-8 / 255, "-8/255"), (1e-9, "1e-09")],
)  # fmt: skip
def test_radii_are_written_as_people_do(radius: float, text: str) -> None:
    assert radius_text(radius) == text


@pytest.mark.parametrize("numerator", range(1, 256))
def test_what_is_written_reads_back(numerator: int) -> None:
    assert parse_radius(radius_text(numerator / 255)) == numerator / 255


def test_names_are_known_by_either_spelling() -> None:
    known = ["mnist_rotation", "cyclic-code"]
    assert known_name("run", "mnist-rotation", known) == "mnist_rotation"
    assert known_name("run", "mnist_rotation", known) == "mnist_rotation"
    assert known_name("run", "cyclic_code", known) == "cyclic-code"
    with pytest.raises(
        ValueError, match=r"^run must be one of mnist-rotation, cyclic-code, got 'x"
    ):
        known_name("run", "x_y", known)


@pytest.mark.parametrize("text", ["", "eight", "8/0", "8/", "nan", "inf", "0.1/2.5"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"must be a number such as 0\.1 or 8/255, got"):
        parse_radius(text)


def test_the_command_takes_what_its_message_tells(tmp_path: Path) -> None:
    torch.save(model().state_dict(), tmp_path / "weights.pt")
    arguments = [
        "evaluate", "--model", f"{__name__}:model", "--weights", str(tmp_path / "weights.pt"),
        "--dataset", "mnist", "--test", "5", "--steps", "1", "--apgd", "0",
    ]  # fmt: skip
    refused = CliRunner().invoke(app, [*arguments, "--epsilon", "8"])
    assert str(refused.exception).endswith("write 8/255")
    out = ["--out", str(tmp_path / "record.json")]
    radii = ["--epsilon", "8/255", "--epsilon", "0.1", "--joint", "2/255"]
    measured = CliRunner().invoke(app, [*arguments, *radii, *out])
    assert measured.exit_code == 0, measured.output
    rows = Record.load(tmp_path / "record.json").rows
    levels = {row["level"] for row in rows if row["measure"] in ("adversarial", "joint")}
    assert levels == {8 / 255, 0.1, 2 / 255}
