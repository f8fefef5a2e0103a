"""Device follows the data: on a GPU everything gives what it gives on the CPU."""

import numpy as np
import pytest
import torch

from empirical.attacks.apgd import apgd
from empirical.attacks.pgd import pgd, pgd_perturb
from empirical.attacks.spatial import worst_transformation
from empirical.data.dataset import Dataset, batches
from empirical.networks.architectures import NETWORKS, network
from empirical.transforms.grid import grid
from empirical.transforms.interpolated import random_rotations, rotate
from empirical.transforms.permutations import quarter_turns

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

UNIT = (0.0, 1.0)


def images(count: int, side: int) -> torch.Tensor:
    pixels = np.random.default_rng(1).random((count, 3, side, side))
    return torch.from_numpy(pixels)


def test_transforms() -> None:
    batch, degrees = images(20, 32), torch.arange(20) * 15.0
    there = rotate(batch.cuda(), degrees.cuda()).cpu()
    assert torch.allclose(there, rotate(batch, degrees), rtol=0, atol=1e-9)
    turns = torch.arange(20) % 4
    assert torch.equal(quarter_turns(batch.cuda(), turns.cuda()).cpu(), quarter_turns(batch, turns))


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_and_attacks(name: str) -> None:
    batch = images(12, 16)
    depth = 3 if name == "vgg16" else 2
    model = network(
        name, (3, 16, 16), 4, width=4, depth=depth, generator=torch.Generator().manual_seed(1)
    ).double()
    model(batch)
    labels = model.eval()(batch).argmax(1)
    here = pgd(
        model, batch, labels, epsilon=0.03, steps=5, bounds=UNIT,
        generator=torch.Generator().manual_seed(2),
    )  # fmt: skip
    model.cuda()
    there = pgd(
        model, batch.cuda(), labels.cuda(), epsilon=0.03, steps=5, bounds=UNIT,
        generator=torch.Generator().manual_seed(2),
    )  # fmt: skip
    assert there.adversarial.is_cuda
    assert torch.equal(there.fooled.cpu(), here.fooled)


def test_generators_of_either_device_serve() -> None:
    model = network(
        "stdcnn", (3, 16, 16), 4, width=4, generator=torch.Generator().manual_seed(1)
    ).cuda()
    dataset = Dataset(images(20, 16).float(), torch.arange(20) % 4, classes=4).to("cuda")
    for generator in (torch.Generator(), torch.Generator("cuda")):
        for batch, labels in batches(dataset, 8, generator=generator.manual_seed(3)):
            moved = random_rotations(batch, 30, generator=generator)
            shared = {"epsilon": 0.1, "bounds": UNIT, "generator": generator}
            assert pgd_perturb(model, moved, labels, steps=2, **shared).is_cuda
            assert apgd(model, moved, labels, steps=5, **shared).fooled.is_cuda
            found = worst_transformation(model, batch, labels, grid(30, angles=3), bounds=UNIT)
            assert found.adversarial.is_cuda
