"""Reading CIFAR-10 in its several forms, and refusing what is not CIFAR-10.

The images are random ones in the published forms, with digests to match; the real ones are
checked against the published digests whenever they are read.
"""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from empirical.data import cifar10
from empirical.data.cifar10 import VARIABLE, data_folder, load_cifar10, save_cifar10
from empirical.data.digests import digest

Arrays = dict[str, np.ndarray]


@pytest.fixture
def arrays(monkeypatch: pytest.MonkeyPatch) -> Arrays:
    """Return ten training and three test images that pass for the published ones."""
    rng = np.random.default_rng(1)
    found = {
        "x_train": rng.integers(0, 256, (10, 32, 32, 3), dtype=np.uint8),
        "y_train": np.arange(10, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (3, 32, 32, 3), dtype=np.uint8),
        "y_test": np.array([9, 0, 4], dtype=np.uint8),
    }
    monkeypatch.setattr(cifar10, "DIGESTS", {name: digest(a) for name, a in found.items()})
    return found


def planes(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1)


def write_binary(arrays: Arrays, folder: Path) -> None:
    folder.mkdir(parents=True)
    for n in range(5):
        part = slice(2 * n, 2 * n + 2)
        records = np.column_stack([arrays["y_train"][part], planes(arrays["x_train"][part])])
        records.tofile(folder / f"data_batch_{n + 1}.bin")
    np.column_stack([arrays["y_test"], planes(arrays["x_test"])]).tofile(folder / "test_batch.bin")


def as_published(content: object) -> bytes:
    """Pickle as old NumPy did, which had its core under another name."""
    return pickle.dumps(content, protocol=2).replace(b"numpy._core", b"numpy.core")


def write_pickled(arrays: Arrays, folder: Path) -> None:
    folder.mkdir(parents=True)
    for n in range(5):
        part = slice(2 * n, 2 * n + 2)
        content = {"data": planes(arrays["x_train"][part]), "labels": list(arrays["y_train"][part])}
        content["labels"] = [int(label) for label in content["labels"]]
        (folder / f"data_batch_{n + 1}").write_bytes(as_published(content))
    test = {"data": planes(arrays["x_test"]), "labels": arrays["y_test"].tolist()}
    (folder / "test_batch").write_bytes(as_published(test))


def check(arrays: Arrays, folder: Path) -> None:
    for split in ("train", "test"):
        dataset = load_cifar10(split, folder=folder)
        expected = torch.from_numpy(arrays[f"x_{split}"]).permute(0, 3, 1, 2)
        assert torch.equal(dataset.images, expected)
        assert dataset.labels.tolist() == arrays[f"y_{split}"].tolist()
        assert (dataset.classes, dataset.name) == (10, "cifar10")


@pytest.mark.parametrize("below", ["", "cifar-10-batches-bin"])
def test_binary_batches(arrays: Arrays, tmp_path: Path, below: str) -> None:
    write_binary(arrays, tmp_path / "data" / below)
    check(arrays, tmp_path / "data")


@pytest.mark.parametrize("below", ["", "cifar-10-batches-py"])
def test_pickled_batches(arrays: Arrays, tmp_path: Path, below: str) -> None:
    write_pickled(arrays, tmp_path / "data" / below)
    check(arrays, tmp_path / "data")


def test_saving_and_loading(arrays: Arrays, tmp_path: Path) -> None:
    assert save_cifar10(arrays, tmp_path / "new").name == "cifar10.npz"
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["cifar10.npz"]
    check(arrays, tmp_path / "new")


def test_other_images_are_not_saved(arrays: Arrays, tmp_path: Path) -> None:
    arrays["x_test"] = arrays["x_test"][:, ::-1]
    with pytest.raises(ValueError, match=r"x_test of .*cifar10\.npz must have SHA-256"):
        save_cifar10(arrays, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_other_images_are_not_loaded(arrays: Arrays, tmp_path: Path) -> None:
    arrays["y_train"] = arrays["y_train"][::-1]
    write_binary(arrays, tmp_path / "data")
    with pytest.raises(ValueError, match=r"y_train of \S*data must have SHA-256 .* restore it"):
        load_cifar10("train", folder=tmp_path / "data")


def test_missing_data_come_with_the_command_that_gets_them(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"to get it: tradeoff data cifar10 --folder .*nowhere"):
        load_cifar10("train", folder=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="split must be one of train, test, got 'dev'"):
        load_cifar10("dev", folder=tmp_path)


def test_the_variable_says_where_the_images_are(
    arrays: Arrays, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert data_folder() == Path("cifar10")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "new"))
    save_cifar10(arrays, tmp_path / "new")
    assert len(load_cifar10("test")) == len(arrays["x_test"])
    monkeypatch.setenv(VARIABLE, str(tmp_path / "none"))
    with pytest.raises(ValueError, match=r"\(TRADEOFF_DATA says where it is\), got .*none without"):
        load_cifar10("test")
