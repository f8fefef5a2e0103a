"""The ensemble of attacks finds exact worst cases, and more than any part of it."""

import pytest
import torch
from torch import Tensor, nn

from empirical.data.dataset import Dataset
from empirical.evaluation.measures import Measures
from empirical.evaluation.strongest_attack import adversarial_flags, ensemble, strongest
from empirical.training.schedules import Attack
from tests.empirical.models import affine, worst_margins


@pytest.fixture
def digits(generator: torch.Generator) -> Dataset:
    images = torch.rand(60, 1, 6, 6, generator=generator, dtype=torch.float64)
    return Dataset(images.float(), torch.randint(3, (60,), generator=generator), 3)


@pytest.mark.parametrize("apgd_steps", [0, 10])
def test_the_strongest_attack_is_the_exact_worst_case(apgd_steps: int, digits: Dataset) -> None:
    model = affine(36, 3, 1, dtype=torch.float32)
    exact = (worst_margins(model, digits.images, digits.labels, 0.03, (0.0, 1.0)) >= 0).all(1)
    found = adversarial_flags(
        model, digits, 0.03, Measures(steps=20, apgd_steps=apgd_steps, batch_size=25),
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    assert torch.equal(found[-1], exact)
    assert 0 < int(found[-1].sum()) < len(digits)
    assert not (found[1:] & ~found[:-1]).any()


class Wavy(nn.Module):
    """An affine map of sines: a landscape in which short walks end in different places."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, images: Tensor) -> Tensor:
        return self.inside(torch.sin(40 * images))  # type: ignore[no-any-return]


def test_every_attack_sees_what_the_ones_before_left(digits: Dataset) -> None:
    """With Auto-PGD fewer images withstand, and none that PGD had fooled comes back."""
    model = Wavy(affine(36, 3, 1, dtype=torch.float32))
    names = [
        Measures(apgd_steps=0),
        Measures(apgd_steps=20),
        Measures(apgd_steps=20, auto_attack=True),
    ]
    attack = Attack(0.02, steps=1, reach=0.1)
    assert [len(ensemble(attack, measures)) for measures in names] == [2, 3, 4]
    weak, strong = (
        strongest(
            model, digits.images, digits.labels, attack, measures, dataset=digits,
            generator=torch.Generator().manual_seed(0),
        )
        for measures in names[:2]
    )  # fmt: skip
    assert not (strong & ~weak).any()
    assert int(strong.sum()) < int(weak.sum())


@pytest.mark.slow
def test_auto_attack_only_sees_survivors_and_cannot_help_the_model(digits: Dataset) -> None:
    pytest.importorskip("pyautoattack")
    model = affine(36, 3, 1, dtype=torch.float32)
    few = digits.take(slice(0, 12))
    generator = torch.Generator().manual_seed(0)
    found = [
        strongest(
            model, few.images, few.labels, Attack(0.03, steps=1, reach=0.1),
            Measures(auto_attack=auto, apgd_steps=0), dataset=few, generator=generator,
        )
        for auto in (False, True)
    ]  # fmt: skip
    assert not (found[1] & ~found[0]).any()


class Rounded(nn.Module):
    """A model without gradients: it looks at pixels of one bit."""

    def __init__(self, inside: nn.Module) -> None:
        super().__init__()
        self.inside = inside

    def forward(self, images: Tensor) -> Tensor:
        return self.inside(images.round())  # type: ignore[no-any-return]


def test_square_finds_what_has_no_gradient_at_the_largest_radius(digits: Dataset) -> None:
    model = Rounded(affine(36, 3, 1, dtype=torch.float32))
    measures = Measures(epsilons=(0.05, 0.2), steps=2, apgd_steps=5, queries=60)
    small, large = (
        adversarial_flags(
            model, digits, epsilon, measures, generator=torch.Generator().manual_seed(0)
        )
        for epsilon in measures.epsilons
    )
    assert len(small) == 3
    assert len(large) == 4
    assert int(large[3].sum()) < int(large[2].sum())
