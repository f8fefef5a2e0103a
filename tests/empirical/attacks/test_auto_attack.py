"""AutoAttack through its package, and foolbox as a second opinion on PGD."""

import sys

import pytest
import torch
from torch import Tensor, nn

from empirical.attacks.apgd import apgd
from empirical.attacks.auto_attack import auto_attack, default_attacks
from empirical.attacks.pgd import pgd, pgd_perturb
from empirical.data.dataset import batches
from empirical.data.mnist import load_mnist
from empirical.networks.architectures import network
from tests.empirical.models import affine, worst_margins

UNIT = (0.0, 1.0)


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("bounds", [UNIT, None])
def test_the_exact_worst_case_of_a_linear_model(
    classes: int, bounds: tuple[float, float] | None, generator: torch.Generator
) -> None:
    model = affine(36, classes, seed=4, dtype=torch.float32)
    images = torch.rand(60, 1, 6, 6, generator=generator)
    if bounds is None:
        images = 4 * images - 2
    labels = model(images).argmax(1)
    labels[:3] = (labels[:3] + 1) % classes
    worst = worst_margins(model, images, labels, 0.05, bounds)
    worst[torch.arange(60), labels] = torch.inf
    result = auto_attack(
        model, images, labels, epsilon=0.05, bounds=bounds, generator=generator,
        attacks=default_attacks(classes)[:-1], iterations=20,
    )  # fmt: skip
    sure = worst.amin(1).abs() > 1e-3
    assert torch.equal(result.fooled[sure], (worst.amin(1) < 0)[sure])
    assert sure.sum() > 50
    assert (result.adversarial - images).abs().max() <= 0.05 + 1e-6
    assert torch.equal(model(result.adversarial).argmax(1) != labels, result.fooled)


def test_the_attacks_fit_the_number_of_classes() -> None:
    assert default_attacks(10) == ("apgd-ce", "apgd-t", "fab-t", "square")
    assert default_attacks(4) == ("apgd-ce", "apgd-t", "fab-t", "square")
    assert default_attacks(3) == ("apgd-ce", "fab-t", "square")


def test_the_generator_decides(generator: torch.Generator) -> None:
    model = affine(36, 4, seed=4, dtype=torch.float32)
    images = torch.rand(20, 1, 6, 6, generator=generator)
    labels = model(images).argmax(1)
    first, again = (
        auto_attack(
            model, images, labels, epsilon=0.05, bounds=UNIT, attacks=("square",), queries=30,
            generator=torch.Generator().manual_seed(3),
        )
        for _ in range(2)
    )  # fmt: skip
    assert first.fooled.any()
    assert torch.equal(first.adversarial, again.adversarial)


def test_bad_requests_are_refused(
    generator: torch.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, labels = affine(4, 3, seed=1, dtype=torch.float32), torch.tensor([0, 1])
    images = torch.rand(2, 1, 2, 2, generator=generator)
    shared = {"bounds": UNIT, "generator": generator}
    with pytest.raises(ValueError, match=r"epsilon must be below 1, .* write 8/255"):
        auto_attack(model, images, labels, epsilon=8, **shared)
    with pytest.raises(ValueError, match="iterations must be >= 1, got 0"):
        auto_attack(model, images, labels, epsilon=0.1, iterations=0, **shared)
    with pytest.raises(ValueError, match="queries must be >= 1, got 0"):
        auto_attack(model, images, labels, epsilon=0.1, queries=0, **shared)
    with pytest.raises(ValueError, match="must return logits, got probabilities"):
        auto_attack(nn.Sequential(model, nn.Softmax(1)), images, labels, epsilon=0.1, **shared)
    monkeypatch.setitem(sys.modules, "pyautoattack", None)
    with pytest.raises(
        ValueError, match=r"pyautoattack must be installed: pip install '.*\[attacks\]'"
    ):
        auto_attack(model, images, labels, epsilon=0.1, **shared)


@pytest.fixture(scope="module")
def digits() -> tuple[nn.Module, Tensor, Tensor]:
    """Return a network trained a little on real digits, and 1,000 test images."""
    generator = torch.Generator().manual_seed(1)
    train, test = load_mnist("train").take(slice(0, 3000)), load_mnist("test")
    model = network(
        "stdcnn", train.shape, 10, width=4, generator=generator, statistics=train.statistics
    )
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for images, labels in batches(train, 64, generator=generator):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()
    images, labels = next(batches(test, 1000, generator=generator))
    return model.eval(), images, labels


@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")  # foolbox imports so
def test_pgd_agrees_with_foolbox(
    digits: tuple[nn.Module, Tensor, Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    import eagerpy
    import foolbox

    model, images, labels = digits
    epsilon, steps = 0.06, 10
    shared = {"epsilon": epsilon, "steps": steps, "bounds": UNIT}

    def ours() -> torch.Generator:
        return torch.Generator().manual_seed(5)

    attack = foolbox.attacks.LinfPGD(rel_stepsize=2.5 / steps, steps=steps)
    start = images + epsilon * (2 * torch.rand(images.shape, generator=ours()) - 1)
    monkeypatch.setattr(attack, "get_random_start", lambda x0, _: eagerpy.astensor(start))
    moved, _, theirs = attack(foolbox.PyTorchModel(model, UNIT), images, labels, epsilons=epsilon)
    last = pgd_perturb(model, images, labels, generator=ours(), **shared)
    # rounding may flip the sign of a gradient that is nearly zero
    assert ((last - moved).abs() < 1e-6).double().mean() > 0.99
    rate = float(theirs.double().mean())
    assert 0.2 < rate < 0.8
    fooled = model(last).argmax(1) != labels
    assert abs(float(fooled.double().mean()) - rate) <= 0.005
    # counting every iterate finds a few more
    result = pgd(model, images, labels, generator=ours(), **shared)
    assert -0.005 <= float(result.fooled.double().mean()) - rate <= 0.02


def test_apgd_is_as_strong_as_the_packages(
    digits: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = digits[0], digits[1][:60], digits[2][:60]
    shared = {"epsilon": 0.06, "bounds": UNIT, "generator": generator}
    theirs = auto_attack(
        model, images, labels, attacks=("apgd-ce", "apgd-t"), iterations=12, **shared
    )
    ours = apgd(model, images, labels, steps=12, **shared)
    assert int(theirs.fooled.sum()) - 2 <= int(ours.fooled.sum()) <= int(theirs.fooled.sum()) + 4
    plain = pgd(model, images, labels, steps=12, **shared)
    assert ours.fooled.sum() >= plain.fooled.sum()
