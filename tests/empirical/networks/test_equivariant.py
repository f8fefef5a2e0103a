"""Group convolutions turn with the image; the networks are exactly invariant."""

import json

import pytest
import torch
from torch import Tensor, nn

from empirical.networks.architectures import network
from empirical.networks.equivariant import GroupFilters, GroupPool
from empirical.networks.layers import ConvNorm
from empirical.networks.symmetry import P4, P4M, Symmetry
from tests import REFERENCE


def draw(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=generator)


def filters(symmetry: Symmetry, generator: torch.Generator, *, lifting: bool) -> GroupFilters:
    with torch.random.fork_rng(devices=[]):
        bank = GroupFilters(symmetry, 2, 3, 3, lifting=lifting).double()
    bank.weight.data = draw(tuple(bank.weight.shape), generator)
    return bank


def transformed(symmetry: Symmetry, g: int, maps: Tensor) -> Tensor:
    """Act by ``g`` on feature maps that carry the group: (g f)(h, x) = f(g^-1 h, g^-1 x)."""
    order = symmetry.order
    source = [symmetry.product(symmetry.inverse(g), h) for h in range(order)]
    fields = maps.unflatten(1, (order, -1))[:, source]
    return symmetry.act(g, fields).flatten(1, 2)


@pytest.mark.parametrize("symmetry", [P4, P4M])
def test_lifting_turns_with_the_image(symmetry: Symmetry, generator: torch.Generator) -> None:
    images, bank = draw((2, 2, 6, 6), generator), filters(symmetry, generator, lifting=True)()
    maps = nn.functional.conv2d(images, bank, padding=1)
    for g in range(symmetry.order):
        turned = nn.functional.conv2d(symmetry.act(g, images), bank, padding=1)
        assert torch.allclose(turned, transformed(symmetry, g, maps), rtol=0, atol=1e-10)
        if g:
            assert (turned - maps).abs().max() > 0.1


@pytest.mark.parametrize("symmetry", [P4, P4M])
def test_lifting_of_unshuffled_pixels_turns_with_the_image(
    symmetry: Symmetry, generator: torch.Generator
) -> None:
    with torch.random.fork_rng(devices=[]):
        layer = GroupFilters(symmetry, 2, 3, 3, lifting=True, block=2).double()
    layer.weight.data = draw(tuple(layer.weight.shape), generator)
    images = draw((2, 2, 12, 12), generator)

    def maps_of(images: Tensor) -> Tensor:
        return nn.functional.conv2d(nn.functional.pixel_unshuffle(images, 2), layer(), padding=1)

    maps = maps_of(images)
    for g in range(symmetry.order):
        turned = maps_of(symmetry.act(g, images))
        assert torch.allclose(turned, transformed(symmetry, g, maps), rtol=0, atol=1e-10)
        if g:
            assert (turned - maps).abs().max() > 0.1


@pytest.mark.parametrize(("size", "exact"), [(4, True), (3, False)])
def test_a_stride_of_two_needs_filters_that_cover_all_corners(
    size: int, exact: bool, generator: torch.Generator
) -> None:
    with torch.random.fork_rng(devices=[]):
        layer = GroupFilters(P4, 2, 3, size).double()
    maps = draw((2, 8, 8, 8), generator)
    halved = nn.functional.conv2d(maps, layer(), stride=2, padding=1)
    turned = nn.functional.conv2d(transformed(P4, 1, maps), layer(), stride=2, padding=1)
    assert torch.allclose(turned, transformed(P4, 1, halved), rtol=0, atol=1e-10) is exact


@pytest.mark.parametrize("symmetry", [P4, P4M])
def test_group_convolution_is_the_sum_over_the_group(
    symmetry: Symmetry, generator: torch.Generator
) -> None:
    """Compare with the definition, one element and one input at a time."""
    order, layer = symmetry.order, filters(symmetry, generator, lifting=False)
    maps = draw((1, 2 * order, 5, 5), generator)
    found = nn.functional.conv2d(maps, layer(), padding=1).unflatten(1, (order, -1))
    weight = layer.weight.detach().view(3, 2, order, 3, 3)
    fields = maps.unflatten(1, (order, -1))
    for g in range(order):
        expected = sum(
            nn.functional.conv2d(
                fields[:, h],
                symmetry.act(g, weight[:, :, symmetry.product(symmetry.inverse(g), h)]),
                padding=1,
            )
            for h in range(order)
        )
        assert torch.allclose(found[:, g], expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("name", "symmetry"), [("p4", P4), ("p4m", P4M)])
@pytest.mark.parametrize("kind", ["lifting", "regular"])
def test_banks_are_e2cnns(name: str, symmetry: Symmetry, kind: str) -> None:
    """From the first copy alone, all other copies follow as e2cnn computes them."""
    stored = json.loads((REFERENCE / "e2cnn_filters.json").read_text())[f"{name} {kind}"]
    bank = torch.tensor(stored, dtype=torch.float64).view(symmetry.order, -1, 3, 3)
    with torch.random.fork_rng(devices=[]):
        layer = GroupFilters(symmetry, 1, 1, 3, lifting=kind == "lifting").double()
    layer.weight.data = bank[0].reshape(1, 1, -1)
    assert bank.abs().max() > 0.1
    assert torch.allclose(layer(), bank, rtol=0, atol=1e-10)


@pytest.mark.parametrize("symmetry", [P4, P4M])
def test_layers_with_norm_turn_with_the_image(
    symmetry: Symmetry, generator: torch.Generator
) -> None:
    maps = draw((4, 2 * symmetry.order, 6, 6), generator)
    layer = ConvNorm(filters(symmetry, generator, lifting=False), 3).double()
    pool = nn.MaxPool2d(2)
    plain = pool(layer(maps))
    for g in range(symmetry.order):
        turned = pool(layer(transformed(symmetry, g, maps)))
        assert torch.allclose(turned, transformed(symmetry, g, plain), rtol=0, atol=1e-10)


def test_pooling_takes_the_maximum_over_the_group() -> None:
    maps = torch.arange(16.0).view(1, 16, 1, 1)
    assert GroupPool(P4M)(maps).flatten().tolist() == [14.0, 15.0]
    assert GroupPool(P4)(maps).flatten().tolist() == [12.0, 13.0, 14.0, 15.0]


@pytest.mark.parametrize(
    ("name", "symmetry", "width"),
    [
        ("p4cnn", P4, 8),
        ("p4mcnn", P4M, 6),
        ("p4mresnet18", P4M, 3),
        ("p4cnn5", P4, 4),
        ("p4resnet7", P4, 4),
    ],
)
def test_networks_are_exactly_invariant(
    name: str, symmetry: Symmetry, width: int, generator: torch.Generator
) -> None:
    images = torch.rand(6, 1, 16, 16, dtype=torch.float64, generator=generator)
    model = network(name, (1, 16, 16), 5, width=width, generator=generator).double()
    for _ in range(2):
        model(images)  # in training mode, so that the norms are not trivial
    model.eval()
    logits = model(images)
    for g in range(symmetry.order):
        assert torch.allclose(model(symmetry.act(g, images)), logits, rtol=0, atol=1e-10)
    moved = model(images.roll(3, -1))
    assert (moved - logits).abs().max() > 1e-4


def test_p4_networks_see_mirrors(generator: torch.Generator) -> None:
    images = torch.rand(6, 1, 16, 16, dtype=torch.float64, generator=generator)
    model = network("p4cnn", (1, 16, 16), 5, generator=generator).double().eval()
    assert (model(images) - model(images.flip(-1))).abs().max() > 1e-4


@pytest.mark.parametrize("shape", [(1, 16, 20), (1, 18, 18)])
def test_grids_that_do_not_turn_are_refused(
    shape: tuple[int, int, int], generator: torch.Generator
) -> None:
    with pytest.raises(ValueError, match=r"square with a side that 4 divides, got .* not be exact"):
        network("p4cnn", shape, 5, generator=generator)
