"""The parts of CIFAR-10: damaged ones are named, pickles cannot run code."""

import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from empirical.data.cifar10_formats import read_binary, read_labels, read_pickled, read_sheet


def test_a_sheet_has_one_image_per_row(tmp_path: Path) -> None:
    images = np.random.default_rng(1).integers(0, 256, (4, 32, 32, 3), dtype=np.uint8)
    Image.fromarray(images.reshape(4, 1024, 3)).save(tmp_path / "sheet.png")
    assert (read_sheet(tmp_path / "sheet.png") == images).all()


def test_other_sheets_are_refused(tmp_path: Path) -> None:
    Image.new("RGB", (1000, 2)).save(tmp_path / "narrow.png")
    with pytest.raises(ValueError, match=r"narrow\.png must be an RGB sheet 1024 .*got RGB 1000"):
        read_sheet(tmp_path / "narrow.png")
    Image.new("L", (1024, 2)).save(tmp_path / "grey.png")
    with pytest.raises(ValueError, match=r"grey\.png must be an RGB sheet .*got L 1024"):
        read_sheet(tmp_path / "grey.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "narrow.png").read_bytes()[:20])
    with pytest.raises(ValueError, match=r"cut\.png must be a readable PNG"):
        read_sheet(tmp_path / "cut.png")


def test_labels(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    file.write_text(json.dumps([0, 9, 3]))
    assert read_labels(file).tolist() == [0, 9, 3]
    assert read_labels(file).dtype == np.uint8
    for content in ("[0, 10]", "[0.5]", "[[1]]"):
        file.write_text(content)
        with pytest.raises(ValueError, match=r"labels\.json must be a JSON list of labels 0\.\.9"):
            read_labels(file)
    file.write_text("[]")
    with pytest.raises(ValueError, match=r"labels\.json must be a JSON list of labels 0\.\.9"):
        read_labels(file)
    file.write_text("[" * 100_000)
    with pytest.raises(
        ValueError, match=r"labels\.json must be a JSON list of labels: maximum rec"
    ):
        read_labels(file)
    file.write_text("[0, ")
    with pytest.raises(ValueError, match=r"labels\.json must be a JSON list of labels:"):
        read_labels(file)


def test_incomplete_records_are_refused(tmp_path: Path) -> None:
    for size in (0, 3072, 3074):
        (tmp_path / "b.bin").write_bytes(bytes(size))
        with pytest.raises(ValueError, match=rf"must hold records of 3073 bytes, got {size} bytes"):
            read_binary(tmp_path / "b.bin")


def test_a_damaged_name_in_a_pickle_is_told(tmp_path: Path) -> None:
    content = pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": [1]}, protocol=2)
    for other in (b"numpy._cose", b"numpy._corr"):
        (tmp_path / "batch").write_bytes(content.replace(b"numpy._core", other))
        with pytest.raises(
            ValueError, match="batch must be a pickled batch of CIFAR-10: No module"
        ):
            read_pickled(tmp_path / "batch")


class Dangerous:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("made",)


def test_a_pickle_cannot_run_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "batch").write_bytes(pickle.dumps({"data": Dangerous()}))
    with pytest.raises(ValueError, match=r"pickled batch of CIFAR-10: .*mkdir is not allowed"):
        read_pickled(tmp_path / "batch")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("content", [{}, {"data": np.zeros(3, np.uint8), "labels": [1]}, [1]])
def test_other_pickles_are_refused(tmp_path: Path, content: object) -> None:
    (tmp_path / "batch").write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(ValueError, match="batch must be a pickled batch of CIFAR-10"):
        read_pickled(tmp_path / "batch")
