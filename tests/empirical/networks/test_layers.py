"""Standardisation, folding, and the frozen state of attacked models."""

import pytest
import torch
from torch import Tensor, nn

from empirical.networks.architectures import NETWORKS, network
from empirical.networks.layers import ConvNorm, Filters, Standardize, attack_mode


def trained(name: str, generator: torch.Generator) -> tuple[nn.Module, Tensor]:
    """Return a small double-precision network whose norms have seen data, and images."""
    images = torch.rand(8, 3, 16, 16, dtype=torch.float64, generator=generator)
    depth = 3 if name == "vgg16" else 2
    model = network(name, (3, 16, 16), 4, width=4, depth=depth, generator=generator).double()
    for weight in model.parameters():
        weight.data.add_(0.1 * torch.randn(weight.shape, dtype=torch.float64, generator=generator))
    for _ in range(3):
        model(images)
    return model, images


def test_standardize() -> None:
    layer = Standardize([0.5, 0.2], [0.1, 0.4])
    images = torch.tensor([0.6, 0.6]).view(1, 2, 1, 1)
    assert torch.allclose(layer(images).flatten(), torch.tensor([1.0, 1.0]))
    with pytest.raises(ValueError, match="std must have 2 channels as mean has, got 1"):
        Standardize([0.5, 0.2], [0.1])
    with pytest.raises(ValueError, match="std must be > 0, got 0"):
        Standardize([0.5], [0.0])


@pytest.mark.parametrize("name", NETWORKS)
def test_folded_networks_compute_the_same(name: str, generator: torch.Generator) -> None:
    model, images = trained(name, generator)
    model.eval()
    expected = model(images)
    model.train()
    with attack_mode(model):
        assert torch.allclose(model(images), expected, rtol=0, atol=1e-10)
    assert not torch.allclose(model(images), expected, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", ["cnn5", "p4resnet7"])
def test_constant_weights_are_rounded_once_under_autocast(
    name: str, generator: torch.Generator
) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        model = network(name, (3, 16, 16), 4, width=4, generator=generator)
        images = torch.rand(8, 3, 16, 16, generator=generator)
        model(images)
        with attack_mode(model):
            low = model(images)
    with attack_mode(model):
        high = model(images)
    assert (low.dtype, high.dtype) == (torch.bfloat16, torch.float32)
    assert 0 < (low - high).abs().max() < 0.05 * high.abs().max()


def test_freezing_leaves_no_trace(generator: torch.Generator) -> None:
    model, images = trained("stdcnn", generator)
    first = next(model.parameters())
    first.requires_grad_(False)
    model[1][0].eval()
    modes = [module.training for module in model.modules()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with attack_mode(model):
        assert not any(module.training for module in model.modules())
        assert not any(weight.requires_grad for weight in model.parameters())
        model(images)
    assert [module.training for module in model.modules()] == modes
    assert not first.requires_grad
    assert all(w.requires_grad for w in model.parameters() if w is not first)
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_freezing_nests_and_survives_errors(generator: torch.Generator) -> None:
    model, images = trained("p4cnn", generator)
    layer = next(module for module in model.modules() if isinstance(module, ConvNorm))
    with attack_mode(model):
        with attack_mode(model):
            inner = model(images)
        assert layer.folded
        assert torch.equal(model(images), inner)
    assert not layer.folded
    with pytest.raises(RuntimeError, match=r"Kernel size can.t be greater"), attack_mode(model):
        model(images[:, :, :15])
    assert not layer.folded
    assert model.training


def test_new_weights_are_folded_anew(generator: torch.Generator) -> None:
    model, images = trained("stdcnn", generator)
    with attack_mode(model):
        before = model(images)
    with torch.no_grad():
        next(model.parameters()).mul_(1.5)
    with attack_mode(model):
        assert not torch.allclose(model(images), before)


def test_images_still_get_gradients(generator: torch.Generator) -> None:
    model, images = trained("p4mcnn", generator)
    images.requires_grad_(True)
    model.eval()
    (expected,) = torch.autograd.grad(model(images).square().sum(), images)
    with attack_mode(model):
        (found,) = torch.autograd.grad(model(images).square().sum(), images)
    assert torch.allclose(found, expected, rtol=0, atol=1e-10)
    assert all(weight.grad is None for weight in model.parameters())


def test_a_norm_without_statistics_cannot_fold() -> None:
    with torch.random.fork_rng(devices=[]):
        layer = ConvNorm(Filters(1, 2), 2)
    layer.norm = nn.BatchNorm2d(2, track_running_stats=False)
    with pytest.raises(ValueError, match="norm must track running statistics, got none"):
        layer.fold()
