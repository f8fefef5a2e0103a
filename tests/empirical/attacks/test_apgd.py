"""APGD: ball and range, exactness on linear models, strength on curved ones."""

import pytest
import torch
from torch import nn

from empirical.attacks.apgd import apgd, checkpoints
from tests.empirical.models import affine, worst_margins

UNIT = (0.0, 1.0)


@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("bounds", [UNIT, None])
def test_the_exact_worst_case_of_a_linear_model(
    classes: int, bounds: tuple[float, float] | None, generator: torch.Generator
) -> None:
    model = affine(36, classes, seed=4)
    images = torch.rand(200, 1, 6, 6, dtype=torch.float64, generator=generator)
    labels = model(images).argmax(1).detach()
    worst = worst_margins(model, images, labels, 0.05, bounds)
    worst[torch.arange(200), labels] = torch.inf
    exact = worst.amin(1) < 0
    assert 0.1 < exact.double().mean() < 0.95
    result = apgd(model, images, labels, epsilon=0.05, steps=20, bounds=bounds, generator=generator)
    assert torch.equal(result.fooled, exact)
    assert (result.adversarial - images).abs().max() <= 0.05 + 1e-9
    if bounds is not None:
        assert result.adversarial.min() >= 0
        assert result.adversarial.max() <= 1
    assert torch.equal(model(result.adversarial).argmax(1) != labels, result.fooled)


def test_targets_add_strength(generator: torch.Generator) -> None:
    model = nn.Sequential(nn.Flatten(), affine(36, 6, seed=4), nn.Tanh(), affine(6, 6, seed=5))
    images = torch.rand(300, 1, 6, 6, dtype=torch.float64, generator=generator)
    labels = model(images).argmax(1).detach()
    fooled = [
        apgd(
            model, images, labels, epsilon=0.02, steps=10, targets=targets, bounds=UNIT,
            generator=torch.Generator().manual_seed(7),
        ).fooled
        for targets in (0, 5)
    ]  # fmt: skip
    assert (fooled[0] & ~fooled[1]).sum() == 0


def test_the_schedule_is_the_sources() -> None:
    assert checkpoints(100) == [22, 41, 58, 70, 80, 87, 93, 99]


def test_epsilon_zero_is_the_identity(generator: torch.Generator) -> None:
    model, images = affine(4, 3, seed=1), torch.ones(5, 1, 2, 2, dtype=torch.float64)
    labels = torch.tensor([0, 1, 2, 0, 1])
    result = apgd(model, images, labels, epsilon=0, bounds=UNIT, generator=generator)
    assert torch.equal(result.adversarial, images)
    assert torch.equal(result.fooled, model(images).argmax(1) != labels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epsilon": 8}, r"epsilon must be below 1, .* write 8/255"),
        ({"steps": 0}, "steps must be >= 1, got 0"),
        ({"targets": -1}, "targets must be >= 0, got -1"),
        ({"images": torch.full((2, 1, 2, 2), 2.0)}, r"images must lie in \[0, 1\], got max 2"),
        ({"labels": torch.tensor([0, 3])}, "model must return at least 4 logits"),
    ],
)
def test_bad_requests_are_refused(
    change: dict[str, object], message: str, generator: torch.Generator
) -> None:
    arguments = {
        "model": affine(4, 3, seed=1, dtype=torch.float32),
        "images": torch.rand(2, 1, 2, 2, generator=generator),
        "labels": torch.tensor([0, 1]),
        "epsilon": 0.1,
        "bounds": UNIT,
        "generator": generator,
    }
    with pytest.raises(ValueError, match=message):
        apgd(**arguments | change)
