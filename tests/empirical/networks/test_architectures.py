"""Networks by name."""

import pytest
import torch

from empirical.networks.architectures import NETWORKS, network
from empirical.networks.layers import Standardize


@pytest.mark.parametrize(
    ("name", "shape", "parameters"),
    [
        ("stdcnn", (1, 28, 28), 105_978),
        ("p4cnn", (1, 28, 28), 105_474),
        ("dense", (1, 28, 28), 407_562),
        ("cnn5", (1, 28, 28), 474_058),
        ("cnn5half", (1, 28, 28), 119_274),
        ("p4cnn5", (1, 28, 28), 118_522),
        ("resnet7", (3, 32, 32), 1_440_778),
        ("resnet7half", (3, 32, 32), 363_018),
        ("p4resnet7", (3, 32, 32), 360_202),
        # 14,719,818 of the usual VGG16 without biases before norms, plus the dense layer
        ("vgg16", (3, 32, 32), 14_724_042),
        # 11,173,962, the number of the usual CIFAR ResNet18
        ("resnet18", (3, 32, 32), 11_173_962),
    ],
)
def test_sizes(
    name: str, shape: tuple[int, int, int], parameters: int, generator: torch.Generator
) -> None:
    model = network(name, shape, 10, generator=generator)
    assert sum(weight.numel() for weight in model.parameters()) == parameters
    assert isinstance(model[0], Standardize)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_generator_decides_the_weights(name: str) -> None:
    def weights(seed: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(seed)
        model = network(name, (3, 16, 16), 4, width=2, depth=1, generator=generator)
        assert model.eval()(torch.rand(5, 3, 16, 16, generator=generator)).shape == (5, 4)
        return torch.cat([weight.detach().flatten() for weight in model.parameters()])

    assert torch.equal(weights(1), weights(1))
    assert not torch.equal(weights(1), weights(2))


@pytest.mark.parametrize("name", NETWORKS)
def test_training_takes_images_in_any_memory_format(name: str, generator: torch.Generator) -> None:
    model = network(name, (3, 16, 16), 4, width=2, depth=1, generator=generator).double().train()
    images = torch.rand(4, 3, 16, 16, generator=generator, dtype=torch.float64)
    expected = model(images)
    found = model(images.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    found.sum().backward()


def test_statistics_reach_the_first_layer(generator: torch.Generator) -> None:
    model = network("stdcnn", (1, 8, 8), 2, generator=generator, statistics=((0.3,), (0.6,)))
    assert (float(model[0].mean), float(model[0].std)) == pytest.approx((0.3, 0.6))


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"name": "alexnet"}, "network must be one of stdcnn, .*, got 'alexnet'"),
        ({"classes": 1}, "classes must be >= 2, got 1"),
        ({"width": 0}, "width must be >= 1, got 0"),
        ({"depth": 0}, "depth must be >= 1, got 0"),
        ({"depth": 5}, "images must be at least 32 pixels wide for depth 5, got 16 x 16"),
        ({"name": "vgg16"}, "images must be at least 32 pixels wide for depth 5, got 16 x 16"),
        ({"name": "vgg16", "depth": 6}, "depth must be <= 5 for vgg16, got 6"),
        ({"name": "resnet18", "depth": 5}, "depth must be <= 4 for a resnet18, got 5"),
        ({"name": "cnn5", "depth": 4}, "images must have sides that 32 divides, got 16 x 16"),
        ({"name": "p4resnet7", "depth": 5}, "square with a side that 32 divides, got 16 x 16"),
        (
            {"statistics": ((0.1,), (1.0,))},
            "statistics must be mean and deviation of 3 chan",
        ),
    ],
)
def test_bad_requests_are_refused(
    request_: dict[str, object], message: str, generator: torch.Generator
) -> None:
    arguments = {"name": "stdcnn", "shape": (3, 16, 16), "classes": 4} | request_
    with pytest.raises(ValueError, match=message):
        network(**arguments, generator=generator)
