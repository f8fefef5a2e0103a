import errno
import json
import os
import subprocess

import numpy as np
import pytest

from simulations import records
from simulations.records import Record, RecordError, provenance

RECORD = Record(
    "demo",
    {"seed": 3, "samples": 100, "weights": (0.5, 0.1)},
    [{"successes": np.int64(81), "trials": 100}, {"successes": 7, "trials": 100, "name": "é"}],
    {"seed": 3, "seconds": 0.5},
)


def test_save_and_load_give_the_same_record(tmp_path):
    path = RECORD.save(tmp_path / "deep" / "demo.json")
    loaded = Record.load(path)
    assert loaded == RECORD
    assert loaded.provenance == RECORD.provenance
    assert loaded.config["weights"] == [0.5, 0.1]
    assert json.loads(path.read_text(encoding="utf-8"))["rows"][0] == {
        "successes": 81,
        "trials": 100,
    }


def test_content_ignores_the_provenance_and_nothing_else():
    other = Record(RECORD.experiment, RECORD.config, RECORD.rows, {"seconds": 9.0})
    assert other.content == RECORD.content
    assert other.digest != RECORD.digest
    changed = Record(RECORD.experiment, RECORD.config, RECORD.rows[:1])
    assert changed.content != RECORD.content


def test_warnings_are_part_of_the_content_where_there_are_any(tmp_path):
    record = Record("demo", {}, [], warnings=["gradients vanish"])
    path = record.save(tmp_path / "demo.json")
    assert Record.load(path).warnings == ["gradients vanish"]
    assert record.content != Record("demo", {}, []).content
    assert "warnings" not in Record("demo", {}, []).content
    text = path.read_text(encoding="utf-8")
    for less in ("", '"warnings":["gradients flow"],\n'):
        path.write_text(text.replace('"warnings":["gradients vanish"],\n', less), encoding="utf-8")
        with pytest.raises(RecordError, match="does not match its digest"):
            Record.load(path)


def test_numbers_come_back_bit_for_bit(tmp_path):
    values = [0.1, 1 / 3, 1e-300, 2**60, -0.0]
    record = Record("demo", {}, [{"values": np.array(values[:3])}, {"values": values}])
    loaded = Record.load(record.save(tmp_path / "demo.json"))
    assert loaded.rows[1]["values"] == values
    assert loaded.rows[0]["values"] == values[:3]


def test_every_truncation_is_detected(tmp_path):
    path = RECORD.save(tmp_path / "demo.json")
    whole = path.read_bytes()
    for size in range(len(whole) - 1):  # the last byte is a newline
        path.write_bytes(whole[:size])
        with pytest.raises(RecordError):
            Record.load(path)


def test_every_flipped_bit_is_detected_or_harmless(tmp_path):
    path = RECORD.save(tmp_path / "demo.json")
    whole = path.read_bytes()
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 1 << (position % 8)
        path.write_bytes(damaged)
        try:
            loaded = Record.load(path)
        except RecordError:
            continue
        assert loaded.digest == RECORD.digest


def test_changed_counts_are_detected(tmp_path):
    path = RECORD.save(tmp_path / "demo.json")
    path.write_text(path.read_text(encoding="utf-8").replace(":81", ":82"), encoding="utf-8")
    with pytest.raises(RecordError, match="does not match its digest; run the experiment again"):
        Record.load(path)


def test_a_full_disk_leaves_the_old_record_and_nothing_else(tmp_path, monkeypatch):
    path = RECORD.save(tmp_path / "demo.json")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(records.os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        Record("demo", {}, [{"successes": 1, "trials": 2}]).save(path)
    assert Record.load(path) == RECORD
    assert [entry.name for entry in tmp_path.iterdir()] == ["demo.json"]


def test_a_kill_before_the_rename_leaves_the_old_record(tmp_path, monkeypatch):
    path = RECORD.save(tmp_path / "demo.json")

    def killed(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(records.Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        Record("demo", {}, []).save(path)
    assert Record.load(path) == RECORD
    assert [entry.name for entry in tmp_path.iterdir()] == ["demo.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", {}, []), "experiment must be a name, got ''"),
        (("demo", [], []), "config must be a dict, got list"),
        (("demo", {}, {}), "rows must be a list, got dict"),
        (("demo", {}, [1]), "rows must be dictionaries"),
        (("demo", {"x": float("nan")}, []), "config must hold finite JSON values"),
        (("demo", {}, [{"x": np.inf}]), "rows must hold finite JSON values"),
        (("demo", {1: 2}, []), "keys must be text, got 1"),
        (("demo", {"x": {3}}, []), "got set"),
        (("demo", {}, [], {}, 2), "schema must be 1, got 2"),
        (("demo", {}, [], {}, 1, "no"), "warnings must be a list, got str"),
        (("demo", {}, [], {}, 1, [1]), "warnings must be texts"),
    ],
)
def test_bad_values_are_refused(arguments, message):
    with pytest.raises(RecordError, match=message):
        Record(*arguments)


def test_unusable_files_are_refused(tmp_path):
    with pytest.raises(RecordError, match="cannot be read: No such file"):
        Record.load(tmp_path / "absent.json")
    path = tmp_path / "demo.json"
    for text in ("[]", "{}", '{"schema":1}'):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(RecordError, match="must have exactly the keys"):
            Record.load(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RecordError, match="is not JSON"):
        Record.load(path)
    whole = Record("demo", {}, [{"a": 1}])._text()
    path.write_text(whole.replace('{"a":1}', "1"), encoding="utf-8")
    with pytest.raises(RecordError, match=r"demo\.json cannot be one: rows must be dictionaries"):
        Record.load(path)
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(RecordError, match="is not JSON"):
        Record.load(path)


def test_provenance_names_versions_and_commit():
    origin = provenance(seed=7, seconds=1.23456)
    assert origin["seed"] == 7
    assert origin["seconds"] == 1.235
    assert origin["device"] == "cpu"
    assert origin["versions"]["numpy"] == np.__version__
    assert origin["commit"] == "unknown" or len(origin["commit"]) == 40


def test_provenance_outside_a_clone(monkeypatch):
    def absent(*arguments, **options):
        raise FileNotFoundError("git")

    monkeypatch.setattr(subprocess, "run", absent)
    records._commit.cache_clear()
    try:
        assert provenance(seed=0, seconds=0.0)["commit"] == "unknown"
    finally:
        records._commit.cache_clear()


def test_wrong_origins_are_refused():
    with pytest.raises(ValueError, match=r"^seed must be an integer, got 'x'$"):
        provenance(seed="x", seconds=1.0)
    with pytest.raises(ValueError, match=r"^seconds must be a real number, got nan$"):
        provenance(seed=1, seconds=float("nan"))
    with pytest.raises(ValueError, match=r"^device must be a string, got None$"):
        provenance(seed=1, seconds=1.0, device=None)
