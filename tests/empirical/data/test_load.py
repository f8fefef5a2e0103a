"""Images by the name of their source."""

from pathlib import Path

import numpy as np
import pytest
import torch

from empirical.data.load import load_dataset, source_names
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


def test_bad_names_and_missing_data_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"dataset must be one of mnist, .*, got 'faces'"):
        load_dataset("faces", train=1, test=1, rng=rng)
    with pytest.raises(ValueError, match="count must be <= 10000 images, got 10001"):
        load_dataset("mnist", train=1, test=10_001, rng=rng)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="tradeoff data cifar10"):
        load_dataset("cifar10", train=1, test=1, rng=rng)
