"""Checkpoints: whole or absent, and of the right run."""

import os
from pathlib import Path

import pytest
import torch

from empirical.training.checkpoints import (
    CheckpointError,
    load_checkpoint,
    load_weights,
    open_checkpoint,
    save_checkpoint,
)

CONFIGURATION = {"recipe": "natural", "seed": 3}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "run.pt"
    weights = {"weight": torch.arange(100.0)}
    state = {"model": {"weight": torch.zeros(100)}, "trained": weights, "epoch": 2}
    save_checkpoint(path, state, configuration=CONFIGURATION)
    return path


def test_what_is_saved_is_loaded(path: Path) -> None:
    state = load_checkpoint(path, configuration=CONFIGURATION)
    assert state["epoch"] == 2
    assert torch.equal(state["trained"]["weight"], torch.arange(100.0))
    assert open_checkpoint(path)[0] == CONFIGURATION
    assert [file.name for file in path.parent.iterdir()] == ["run.pt"]


def test_weights_come_from_checkpoints_and_plain_files(path: Path, tmp_path: Path) -> None:
    assert torch.equal(load_weights(path)["weight"], torch.arange(100.0))
    plain = tmp_path / "plain.pt"
    torch.save({"bias": torch.ones(2)}, plain)
    assert torch.equal(load_weights(plain)["bias"], torch.ones(2))


@pytest.mark.parametrize("beside", [{"epoch": 3}, {"best": torch.tensor(0.9)}, {"optimizer": {}}])
def test_weights_come_from_dictionaries_that_hold_one_state_dict(
    tmp_path: Path, beside: dict[str, object]
) -> None:
    file = tmp_path / "run.ckpt"
    torch.save({**beside, "state_dict": {"bias": torch.ones(2)}}, file)
    assert torch.equal(load_weights(file)["bias"], torch.ones(2))
    two = {name: {"bias": torch.ones(2)} for name in ("model", "ema")}
    torch.save({**beside, **two}, file)
    with pytest.raises(CheckpointError, match="hold one state dict, got model, ema; save one"):
        load_weights(file)


@pytest.mark.filterwarnings("error", "ignore:.*torch.jit:DeprecationWarning")
def test_whole_models_are_refused_with_what_to_save(tmp_path: Path) -> None:
    file = tmp_path / "whole.pt"
    model = torch.nn.Identity()
    for save in (lambda: torch.save(model, file), lambda: torch.jit.script(model).save(file)):
        save()
        with pytest.raises(
            CheckpointError, match=r"no weights in it, .*model.state_dict\(\), FILE"
        ):
            load_weights(file)


def test_every_truncation_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for size in (0, 1, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(CheckpointError, match="cannot be read"):
            open_checkpoint(path)


def test_a_failed_write_keeps_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(path, {"model": {}}, configuration=CONFIGURATION)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["run.pt"]


def test_another_configuration_is_refused(path: Path) -> None:
    with pytest.raises(CheckpointError, match="got another seed; choose another folder"):
        load_checkpoint(path, configuration={**CONFIGURATION, "seed": 4})


def test_other_code_is_refused_and_named(path: Path) -> None:
    own = {"sources": "a", "torch": "2"}
    for made, message in (
        (None, "got unknown code; choose another folder, or go on with it all the same by --keep"),
        ([], "got unknown code"),
        ("a", "got unknown code"),
        ([{"sources": "b", "torch": "2"}], "by this code alone, got other sources; "),
        ([{"sources": "b", "torch": "1"}], "got other sources, torch; "),
        ([own, {"sources": "a", "torch": "1"}], "got other torch; "),
    ):
        state = {"epoch": 1} if made is None else {"epoch": 1, "code": made}
        save_checkpoint(path, state, configuration=CONFIGURATION)
        with pytest.raises(CheckpointError, match=message):
            load_checkpoint(path, configuration=CONFIGURATION, code=own)
        assert load_checkpoint(path, configuration=CONFIGURATION) == state
    save_checkpoint(path, {"code": [own]}, configuration=CONFIGURATION)
    assert load_checkpoint(path, configuration=CONFIGURATION, code=own) == {"code": [own]}


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.pt"
    torch.save([1, 2], file)
    with pytest.raises(CheckpointError, match="was not written by this program"):
        open_checkpoint(file)
    with pytest.raises(CheckpointError, match="must be a state dict, got list"):
        load_weights(file)
    torch.save({"epoch": 3}, file)
    with pytest.raises(CheckpointError, match="must map names to tensors, got int at epoch"):
        load_weights(file)
    torch.save({0: torch.ones(2)}, file)
    with pytest.raises(CheckpointError, match="must map names to tensors, got Tensor at 0"):
        load_weights(file)
    with pytest.raises(CheckpointError, match="must exist, got no such file"):
        load_weights(tmp_path / "missing.pt")


def test_files_that_run_code_are_refused(tmp_path: Path) -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, (f"touch {tmp_path / 'ran'}",)

    file = tmp_path / "payload.pt"
    torch.save({"weight": Payload()}, file)
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_weights(file)
    assert not (tmp_path / "ran").exists()


def test_every_flipped_byte_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for place in range(0, len(whole), 37):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(bytes(damaged))
        with pytest.raises(CheckpointError, match=r"^(file|checkpoint) .*run\.pt ") as refused:
            open_checkpoint(path)
        assert "weights_only" not in str(refused.value)


def test_flipped_weights_of_a_plain_file_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "mine.pt"
    torch.save({"weight": torch.arange(100.0)}, path)
    whole = path.read_bytes()
    place = whole.index(torch.arange(100.0).numpy().tobytes()) + 200
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    with pytest.raises(CheckpointError, match=r"mine\.pt cannot be read: its checksums do not fit"):
        load_weights(path)


@pytest.mark.parametrize(
    "content", [b"", b"text", bytes(range(256)) * 9, b"PK\x03\x04" + bytes(400)]
)
def test_foreign_bytes_are_one_line_without_torchs_advice(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mine.pt"
    path.write_bytes(content)
    for read in (open_checkpoint, load_weights):
        with pytest.raises(CheckpointError, match=r"^file .*mine\.pt cannot be read") as refused:
            read(path)
        assert "\n" not in str(refused.value)
        assert "remove" not in str(refused.value)


@pytest.mark.parametrize("stored", [{"configuration": 1, "state": {}}, {"state": {}}, [1], {}])
def test_other_pickles_are_refused_without_key_errors(tmp_path: Path, stored: object) -> None:
    path = tmp_path / "other.pt"
    torch.save(stored, path)
    for read in (open_checkpoint, load_weights):
        with pytest.raises(CheckpointError):
            read(path)
