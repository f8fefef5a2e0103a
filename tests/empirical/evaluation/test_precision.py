"""Reduced products are off while something is measured, and back as they were after it."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from empirical.data.dataset import Dataset
from empirical.evaluation.evaluate import evaluate
from empirical.evaluation.measures import Measures
from empirical.evaluation.precision import full_precision


def switches() -> tuple[bool, bool]:
    return torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32


def test_switches_are_off_inside_and_restored_after_an_error() -> None:
    before = switches()
    assert any(before), "by default at least convolutions are shortened"
    with full_precision():
        assert switches() == (False, False)
    assert switches() == before
    with pytest.raises(KeyError), full_precision():
        raise KeyError
    assert switches() == before


def test_evaluation_is_in_full_precision() -> None:
    seen = set()

    class Watching(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            seen.add(switches())
            return images.flatten(1)[:, :2] - 0.1

    images = torch.from_numpy(np.random.default_rng(0).random((6, 1, 4, 4), dtype=np.float32))
    dataset = Dataset(images, torch.tensor([0, 1] * 3), 2)
    evaluate(Watching(), dataset, Measures(epsilons=(0.1,), steps=2), seed=0)
    assert seen == {(False, False)}
