import json

import numpy as np
import pytest
from typer.testing import CliRunner

from simulations.records import Record
from theory.confidence import lower_limit
from theory.frontiers.many_components import joint_bound_of_shifts
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns
from tradeoff.application import app

QUICK = ("--sigma", "0.5", "--epsilon", "0.2", "--steps", "5", "--samples", "2048")


def run(*arguments, code=0):
    result = CliRunner().invoke(app, ["frontier", "images", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def file(tmp_path):
    """Images of 4 x 4 pixels in three classes."""
    rng = np.random.default_rng(0)
    images, labels = rng.random((30, 4, 4)), np.arange(30) % 3
    images[labels == 1, :2] += 0.6
    path = tmp_path / "mine.npz"
    images = images / 1.6
    np.savez(path, x_train=images, y_train=labels, x_test=images[::-1], y_test=labels[::-1])
    return path


def test_limits_of_ones_own_images(file, tmp_path):
    kept, record = tmp_path / "kept.npz", tmp_path / "record.json"
    arguments = ("--dataset", file, "--split", "train", "--classes", "0,1", "--turns", "0,2")
    report = json.loads(
        run(*arguments, *QUICK, "--keep", kept, "--out", record, "--format", "json").output
    )
    assert report["setting"]["components"] == 20
    assert report["setting"]["transformations"] == 2
    adversarial, both, spatial = report["limits"]
    assert [row["what"] for row in report["limits"]] == ["A alone", "0.5 S + 0.5 A", "S alone"]
    assert all(
        "confidence limit at 1 - 0.00034" in row["accuracy_at_most_status"]
        for row in report["limits"]
    )
    corner = (adversarial["accuracy_at_most"] + spatial["accuracy_at_most"]) / 2
    (wanting,) = report["wanting_both"]
    assert wanting["both_ceilings"] == pytest.approx(corner)
    assert wanting["shortfall_at_least"] == pytest.approx(
        max(0.0, corner - both["accuracy_at_most"])
    )
    saved = Record.load(record)
    assert [row["at_most"] for row in saved.rows] == [
        row["accuracy_at_most"] for row in report["limits"]
    ]
    assert {row["kind"] for row in saved.rows} == {"limit"}
    assert saved.config["classes"] == "0,1"
    # the kept shifts give the limit by the library
    with np.load(file) as arrays:
        chosen = arrays["y_train"] < 2
        images, labels = arrays["x_train"][chosen].reshape(20, 16), arrays["y_train"][chosen]
    mixture = GaussianMixture(images.astype(np.float32), labels, sigma=0.5)
    setting = Setting(mixture, quarter_turns(4, [0, 2]), 0.2)
    with np.load(kept) as arrays:
        shifts = arrays["0.5 0.5"]
    bound = joint_bound_of_shifts(setting, 0.5, shifts, rng=5, samples=1 << 15)
    assert bound.estimate == pytest.approx(both["estimate"], abs=0.02)


def test_kept_shifts_are_gone_on_from(file, tmp_path):
    kept, record = tmp_path / "kept.npz", tmp_path / "record.json"
    for _ in range(2):
        run("--dataset", file, *QUICK, "--keep", kept, "--out", record)
    assert Record.load(record).config["resumed"] == ["0.5 0", "0.5 0.5"]
    kept.write_bytes(b"none")
    message = run("--dataset", file, *QUICK, "--keep", kept, code=1).exception
    assert "kept.npz must be a readable .npz file" in str(message)
    np.savez(kept, **{"0.5 0.5": np.zeros((3, 16))})
    message = run("--dataset", file, *QUICK, "--keep", kept, code=1).exception
    assert "keep must be of these images, shape (30, 16), got (3, 16) in" in str(message)


def test_a_file_of_something_else_is_not_written_to(file):
    before = file.read_bytes()
    message = run("--dataset", file, *QUICK, "--keep", file, code=1).exception
    assert "keep must be a file of shifts alone, got x_train in" in str(message)
    assert file.read_bytes() == before


def test_bayes_rules_are_attacked_below_the_ceilings(file, tmp_path):
    record = tmp_path / "record.json"
    run(
        "--dataset", file, "--sigma", "0.4", "--sigma", "0.8", "--epsilon", "1/10",
        "--steps", "5", "--samples", "2048", "--attacked", "300", "--out", record,
    )  # fmt: skip
    rows = Record.load(record).rows
    assert [row["sigma"] for row in rows] == 2 * (3 * [0.4] + 3 * [0.8])
    limits, reached = rows[:6], rows[6:]
    for limit, rule in zip(limits, reached, strict=True):
        assert (limit["kind"], rule["kind"]) == ("limit", "reached")
        share = limit["spatial_weight"]
        assert share == rule["spatial_weight"]
        found = share * rule["spatial"] + (1 - share) * rule["adversarial"]
        assert found / rule["trials"] <= limit["at_most"] + 0.1


@pytest.mark.parametrize(("right", "code"), [(1000, 1), (400, 0)])
def test_a_measured_pair_is_checked(file, right, code):
    """At this noise no classifier is always right; chance is always possible."""
    counts = f"{right}/1000"
    report = json.loads(
        run(
            "--dataset", file, "--sigma", "1.5", "--steps", "0", "--samples", "4096",
            "--spatial", counts, "--adversarial", counts, "--format", "json", code=code,
        ).output
    )  # fmt: skip
    assert [row["possible"] for row in report["measured"]] == [code == 0] * 3
    for row, limit in zip(report["measured"], report["limits"], strict=True):
        assert row["accuracy_at_most"] == limit["accuracy_at_most"]
        assert row["measured_at_least"] == pytest.approx(
            lower_limit(right, 1000, 0.9995), abs=1e-12
        )
        assert row["possible_status"] == "at confidence 0.998"


def test_text_says_what_it_is(file):
    text = run("--dataset", file, "--degrees", "-30,0,30", *QUICK).output
    assert "A alone" in text
    assert "shortfall" in text
    assert "transformations 3" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--dataset", "nothing"), "dataset must be one of mnist, cifar10, FILE.npz, FOLDER, got"),
        (("--turns", "a"), "turns must be integers such as 0,2, got 'a'"),
        (("--classes", "6;9"), "classes must be integers such as 0,2, got '6;9'"),
        (("--degrees", "x"), "degrees must be numbers such as -30,0,30, got 'x'"),
        (("--weight", "1"), r"weight must lie in (0, 1), got 1"),
        (("--confidence", "1"), r"confidence must lie in (0, 1), got 1.0"),
        (("--spatial", "1/2"), "spatial and adversarial must be given together, got one of them"),
        (
            ("--spatial", "1/2", "--adversarial", "x"),
            "adversarial must be counts K/N such as 746/1000 or a rate, got 'x'",
        ),
        (("--keep", "shifts"), "keep must be a .npz file, got shifts"),
        (("--images", "30000"), "number of images must be <= 10000, got 30000"),
    ],
)
def test_bad_input(arguments, message):
    small = () if "--images" in arguments else ("--images", "20")
    assert message in str(run(*small, *arguments, code=1).exception)


def test_every_number_says_what_it_is(file):
    arguments = ("--dataset", file, *QUICK, "--attacked", "20")
    told = run(*arguments, "--spatial", "20/30", "--adversarial", "20/30").output
    assert told.count("accuracy at most (confidence limit at 1 - 0.00034)") == 2
    assert "possible (at confidence 0.998)" in told
    assert "S (estimate)  A under PGD (upper estimate)" in told


def test_what_repeats_the_command_is_told(file):
    report = json.loads(run("--dataset", file, *QUICK, "--format", "json").output)
    again = CliRunner().invoke(app, [*report["command"], "--format", "json"])
    assert json.loads(again.output)["limits"] == report["limits"]
    assert list(report["files"]) == [str(file)]


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--turns", "0,90", "turns must be quarter turns from 0 to 3, got '0,90'; angles are --de"),
        ("--turns", "-1", "turns must be quarter turns from 0 to 3"),
        ("--epsilon", "8", "epsilon must be below 1, the range of pixel values, got 8; it is in p"),
    ],
)
def test_other_units_are_refused(file, option, value, message):
    result = CliRunner().invoke(
        app, ["frontier", "images", "--dataset", str(file), f"{option}={value}"]
    )
    assert message in str(result.exception)


def test_counts_are_not_checked_at_a_confidence_that_says_nothing(file):
    arguments = ("--spatial", "20/30", "--adversarial", "20/30", "--confidence", "0.4")
    message = str(run("--dataset", file, *QUICK, *arguments, code=1).exception)
    assert "confidence must be above 1/2 where counts are checked, got 0.4" in message
