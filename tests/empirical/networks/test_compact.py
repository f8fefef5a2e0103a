"""Compact networks: p4 ones are invariant, and matched to their standard twins."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from empirical.networks.architectures import network
from empirical.networks.layers import ConvNorm, attack_mode


@pytest.mark.parametrize("name", ["p4cnn5", "p4resnet7"])
def test_invariance_in_single_precision(name: str, generator: torch.Generator) -> None:
    images = torch.rand(6, 1, 16, 16, generator=generator)
    model = network(name, (1, 16, 16), 5, width=4, generator=generator)
    model(images)
    with attack_mode(model):
        logits = model(images)
        assert (model(images.rot90(1, (2, 3))) - logits).abs().max() < 1e-5
        assert logits.std() > 0.1


@pytest.mark.parametrize("name", ["cnn5", "resnet7"])
def test_compact_pairs_have_equal_multiplications_and_equal_weights(
    name: str, generator: torch.Generator
) -> None:
    """The p4 network costs what the standard one does, and weighs what its half does."""
    shape = (1, 28, 28) if name == "cnn5" else (3, 32, 32)
    images = torch.rand(1, *shape, generator=generator)
    counts = []
    for other in (name, f"p4{name}", f"{name}half"):
        model = network(other, shape, 10, generator=generator).eval()
        counter = FlopCounterMode(display=False)
        with torch.random.fork_rng(devices=[]), counter, attack_mode(model):
            model(images)
        weights = sum(weight.numel() for weight in model.parameters())
        counts.append((counter.get_total_flops(), weights))
    standard, equivariant, half = counts
    assert equivariant[0] == pytest.approx(standard[0], rel=0.01)
    assert equivariant[1] == pytest.approx(half[1], rel=0.01)
    assert standard[1] > 3 * half[1]


@pytest.mark.parametrize("name", ["cnn5", "p4cnn5", "resnet7", "p4resnet7"])
def test_maps_stay_channels_last(name: str, generator: torch.Generator) -> None:
    """No layer copies its maps into another order, or the backward pass is slow."""
    model = network(name, (3, 16, 16), 10, width=4, generator=generator)
    images = torch.rand(8, 3, 16, 16, generator=generator)
    seen = []

    def watch(_module: object, _inputs: object, maps: torch.Tensor) -> None:
        seen.append(maps.is_contiguous(memory_format=torch.channels_last))

    for layer in model.modules():
        if isinstance(layer, ConvNorm):
            layer.register_forward_hook(watch)
    model(images.contiguous(memory_format=torch.channels_last))
    assert seen == [True] * sum(isinstance(m, ConvNorm) for m in model.modules())
