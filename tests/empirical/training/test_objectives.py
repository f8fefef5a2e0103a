"""Objectives against plain transcriptions and against the closed form of a linear model."""

import copy
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from empirical.networks.architectures import NETWORKS, network
from empirical.training.objectives import Adversarial, Mixture, Natural, Trades
from empirical.training.schedules import Attack
from empirical.transforms.random import Chain, CropFlip, Group, Rotations, Translations
from tests.empirical.models import affine
from theory.setting.transformations import quarter_turns

TURNED = Group(quarter_turns(6, turns=(1,)))


@pytest.fixture
def batch(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    images = torch.rand(10, 1, 6, 6, generator=generator, dtype=torch.float64)
    return images, torch.randint(3, (10,), generator=generator)


def worst_loss(model: nn.Module, images: Tensor, labels: Tensor, epsilon: float) -> Tensor:
    """Two classes, unbounded pixels: the exact worst cross-entropy of a linear model."""
    lead = (model.weight[1] - model.weight[0]) * torch.where(labels == 1, 1.0, -1.0)[:, None]
    moved = images - epsilon * lead.sign().view(images.shape)
    return functional.cross_entropy(model(moved), labels)


def test_natural_is_the_cross_entropy_of_the_moved_images(
    batch: tuple[Tensor, Tensor], generator: torch.Generator
) -> None:
    images, labels = batch
    model = affine(36, 3, 1)
    loss = Natural(TURNED)(model, images, labels, bounds=(0.0, 1.0), generator=generator)
    turned = torch.rot90(images, 1, (-2, -1))
    assert loss.item() == functional.cross_entropy(model(turned), labels).item()


def test_adversarial_reaches_the_exact_worst_case(
    batch: tuple[Tensor, Tensor], generator: torch.Generator
) -> None:
    images, labels = batch[0], batch[1].clamp(max=1)
    model = affine(36, 2, 2)
    objective = Adversarial(Attack(0.1, steps=10), TURNED)
    loss = objective(model, images, labels, bounds=None, generator=generator)
    expected = worst_loss(model, torch.rot90(images, 1, (-2, -1)), labels, 0.1)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)
    loss.backward()
    assert model.weight.grad is not None


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 1.0])
def test_mixture_weighs_two_exact_losses(
    weight: float, batch: tuple[Tensor, Tensor], generator: torch.Generator
) -> None:
    images, labels = batch[0], batch[1].clamp(max=1)
    model = affine(36, 2, 3)
    objective = Mixture(weight, Attack(0.1, steps=10), TURNED)
    loss = objective(model, images, labels, bounds=None, generator=generator)
    count = {0.0: 0, 0.25: 2, 0.5: 5, 1.0: 10}[weight]
    expected = torch.zeros(())
    if count:
        turned = torch.rot90(images[:count], 1, (-2, -1))
        expected = weight * functional.cross_entropy(model(turned), labels[:count])
    if count < 10:
        expected = expected + (1 - weight) * worst_loss(model, images[count:], labels[count:], 0.1)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 1.0])
def test_mixture_with_trades_weighs_natural_training_and_trades(
    weight: float, batch: tuple[Tensor, Tensor], generator: torch.Generator
) -> None:
    images, labels = batch
    model = affine(36, 3, 5)
    attack, count = Attack(0.1, steps=3), round(10 * weight)
    seed = generator.get_state()
    loss = Mixture(weight, attack, TURNED, beta=4.0)(
        model, images, labels, bounds=(0.0, 1.0), generator=generator
    )
    generator.set_state(seed)
    count = {0.25: 2}.get(weight, count)
    parts = (
        (weight, Natural(TURNED), slice(count)),
        (1 - weight, Trades(4.0, attack), slice(count, None)),
    )
    expected = torch.zeros((), dtype=torch.float64)
    for share, objective, part in parts:
        if share:
            expected = expected + share * objective(
                model, images[part], labels[part], bounds=(0.0, 1.0), generator=generator
            )
    assert loss.item() == pytest.approx(expected.item(), rel=1e-12)


def plain_trades(
    model: nn.Module, images: Tensor, labels: Tensor, attack: Attack, start: Tensor, beta: float
) -> Tensor:
    """TRADES as its authors write it: the natural softmax anew in every step."""
    divergence = nn.KLDivLoss(reduction="sum")
    model.eval()
    moved = start.clone()
    for _ in range(attack.steps):
        moved.requires_grad_()
        value = divergence(
            functional.log_softmax(model(moved), 1), functional.softmax(model(images), 1)
        )
        (gradient,) = torch.autograd.grad(value, moved)
        moved = moved.detach() + attack.step_size * gradient.sign()
        moved = torch.min(torch.max(moved, images - attack.epsilon), images + attack.epsilon)
        moved = moved.clamp(0.0, 1.0)
    model.train()
    logits = model(torch.cat([images, moved]))
    natural, worst = logits.chunk(2)
    robust = divergence(functional.log_softmax(worst, 1), functional.softmax(natural, 1))
    return functional.cross_entropy(natural, labels) + beta * robust / len(images)


def test_trades_with_one_natural_softmax_is_trades(generator: torch.Generator) -> None:
    images = torch.rand(6, 1, 8, 8, generator=generator, dtype=torch.float64)
    labels = torch.randint(3, (6,), generator=generator)
    model = network("stdcnn", (1, 8, 8), 3, generator=generator, width=2).double()
    attack = Attack(0.1, steps=4)
    state = generator.get_state()
    twin = copy.deepcopy(model)  # a loss in training mode moves the statistics of the norms
    loss = Trades(6.0, attack)(model, images, labels, bounds=(0.0, 1.0), generator=generator)
    generator.set_state(state)
    noise = torch.rand(images.shape, generator=generator, dtype=torch.float64) * 2 - 1
    start = (images + attack.epsilon * noise).clamp(0.0, 1.0)
    expected = plain_trades(twin, images, labels, attack, start, 6.0)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-10)
    assert model.training


def test_no_radius_is_natural_training(
    batch: tuple[Tensor, Tensor], generator: torch.Generator
) -> None:
    images, labels = batch
    model = affine(36, 3, 4)
    natural = Natural()(model, images, labels, bounds=None, generator=generator)
    for objective in (Adversarial(Attack(0.0)), Trades(6.0, Attack(0.0))):
        loss = objective(model, images, labels, bounds=None, generator=generator)
        assert loss.item() == pytest.approx(natural.item(), rel=1e-12)


def test_attacks_leave_no_gradient_on_weights(generator: torch.Generator) -> None:
    images = torch.rand(4, 1, 8, 8, generator=generator)
    labels = torch.tensor([0, 1, 0, 1])
    model = network("stdcnn", (1, 8, 8), 2, generator=generator, width=2)
    loss = Adversarial(Attack(0.1, steps=2))(
        model, images, labels, bounds=(0.0, 1.0), generator=generator
    )
    assert all(weight.grad is None for weight in model.parameters())
    loss.backward()
    assert all(weight.grad is not None for weight in model.parameters())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Trades(0.0, Attack(0.1)), r"beta must be finite and > 0, got 0"),
        (lambda: Mixture(1.5, Attack(0.1), TURNED), r"weight must lie in \[0, 1\], got 1.5"),
        (lambda: Mixture(math.nan, Attack(0.1), TURNED), r"weight must be a real number"),
    ],
)
def test_bad_values_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]


def test_an_epsilon_of_grey_levels_is_refused(
    batch: tuple[Tensor, Tensor], generator: torch.Generator
) -> None:
    images, labels = batch
    with pytest.raises(ValueError, match="write 8/255"):
        Adversarial(Attack(8.0))(
            affine(36, 3, 1), images, labels, bounds=(0.0, 1.0), generator=generator
        )


@pytest.mark.parametrize("name", NETWORKS)
def test_training_steps_stay_on_the_device_of_the_images(name: str) -> None:
    """On a device that holds no numbers, where every tensor left on the CPU is an error."""
    with pytest.raises(RuntimeError, match="device"):
        torch.zeros(2, device="meta") + torch.zeros(2)
    depth = 3 if name == "vgg16" else None
    model = network(
        name, (3, 16, 16), 4, generator=torch.Generator().manual_seed(0), width=4, depth=depth
    ).to("meta")
    images = torch.zeros(6, 3, 16, 16, device="meta")
    labels = torch.zeros(6, dtype=torch.int64, device="meta")
    attack = Attack(0.03, steps=2)
    for objective in (
        Natural(Chain((CropFlip(2), Rotations(30.0), Translations(2.0)))),
        Natural(Group(quarter_turns(16))),
        Adversarial(attack, Rotations(30.0)),
        Trades(6.0, attack),
        Mixture(0.5, attack, Rotations(30.0)),
    ):
        loss = objective(
            model, images, labels, bounds=(0.0, 1.0), generator=torch.Generator().manual_seed(1)
        )
        loss.backward()
        assert loss.device.type == "meta"


@pytest.mark.parametrize(
    "build",
    [
        Adversarial,
        lambda attack: Trades(6.0, attack),
        lambda attack: Mixture(0.5, attack, Rotations(30.0)),
    ],
)
def test_attacks_with_restarts_are_refused(build: Callable[[Attack], object]) -> None:
    with pytest.raises(ValueError, match=r"attack must have 1 start in training, got restarts=3"):
        build(Attack(0.1, restarts=3))
