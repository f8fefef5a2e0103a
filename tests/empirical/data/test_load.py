"""Images by the name of their source."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from empirical.data.load import is_drawn, is_own, load_dataset, load_test, source_names
from empirical.data.mnist import load_mnist


def test_a_part_of_stored_images_is_spread_over_all() -> None:
    train, test = load_dataset("mnist", train=600, test=100, rng=np.random.default_rng(0))
    whole = load_mnist("test")
    assert torch.equal(test.images, whole.images[::100])
    assert len(train) == 600
    counts = torch.bincount(train.labels, minlength=10)
    assert counts.min() > 30  # every digit is there
    everything, _ = load_dataset("mnist", train=0, test=1, rng=np.random.default_rng(0))
    assert len(everything) == 60_000


def test_images_of_settings_are_drawn_afresh() -> None:
    rng = np.random.default_rng(1)
    train, test = load_dataset("orientation-texture", train=50, test=60, rng=rng)
    assert (len(train), len(test)) == (50, 60)
    assert train.setting is not None
    assert not torch.equal(train.images, test.images[:50])
    assert "rotating-bump" in source_names()
    assert "cyclic-code" not in source_names()  # words are no images


def test_a_file_of_the_user(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    arrays = {
        f"{kind}_{split}": value
        for split in ("train", "test")
        for kind, value in (
            ("x", rng.integers(0, 256, (20, 8, 8), dtype=np.uint8)),
            ("y", rng.integers(0, 3, 20)),
        )
    }
    np.savez(tmp_path / "own.npz", **arrays)
    train, test = load_dataset(str(tmp_path / "own.npz"), train=0, test=5, rng=rng)
    assert (len(train), len(test)) == (20, 5)
    assert train.shape == (1, 8, 8)


def test_test_images_alone(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole = load_mnist("test")
    assert torch.equal(load_test("mnist", 50, rng=rng).images, whole.images[::200])
    assert len(load_test("rotating-bump", 7, rng=rng)) == 7
    place = tmp_path / "own.npz"
    np.savez(place, x_test=np.zeros((6, 4, 4), np.uint8), y_test=np.arange(6) % 3)
    for count, expected in ((0, 6), (4, 4)):
        assert len(load_test(str(place), count, rng=rng)) == expected
    (tmp_path / "images" / "one").mkdir(parents=True)
    Image.fromarray(np.zeros((4, 4), np.uint8)).save(tmp_path / "images" / "one" / "a.png")
    assert len(load_test(str(tmp_path / "images"), 0, rng=rng)) == 1
    with pytest.raises(
        ValueError, match=r"dataset must be one of .*, FILE.npz, FOLDER, got 'faces"
    ):
        load_test("faces", 0, rng=rng)


def test_our_names_are_not_those_of_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mnist", "rotating-bump", "own"):
        Path(name).mkdir()
    owned = ["own", "./mnist", "gone.npz", "mnist", "rotating-bump", "gone"]
    assert [is_own(name) for name in owned] == [True] * 3 + [False] * 3


def test_drawn_images_are_of_the_whole_mixture() -> None:
    assert [is_drawn(name) for name in ("noisy-digits:6,9:1", "orientation-texture", "mnist")] == [
        True, True, False,
    ]  # fmt: skip
    test = load_test("noisy-digits:6,9:1.5:0,2", 5, rng=np.random.default_rng(0))
    assert len(test) == 5
    assert test.setting is not None
    assert test.setting.mixture.components == 958 + 1009


def test_bad_names_and_missing_data_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"dataset must be one of mnist, .*, got 'faces'"):
        load_dataset("faces", train=1, test=1, rng=rng)
    with pytest.raises(ValueError, match="number of images must be <= 10000, got 10001"):
        load_dataset("mnist", train=1, test=10_001, rng=rng)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="tradeoff data cifar10"):
        load_dataset("cifar10", train=1, test=1, rng=rng)
