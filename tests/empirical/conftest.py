"""One thread, a generator per test, and the rule that global generators stay untouched."""

import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch

torch.set_num_threads(1)


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(20201201)


@pytest.fixture(autouse=True)
def untouched_global_generators() -> Iterator[None]:
    tensor, (_, array, *position) = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002
    plain = random.getstate()
    yield
    assert torch.equal(torch.get_rng_state(), tensor)
    _, after, *moved = np.random.get_state()  # noqa: NPY002
    assert (after == array).all()
    assert moved == position
    assert random.getstate() == plain
