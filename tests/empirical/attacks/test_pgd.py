"""PGD: ball and range, the exact worst case of linear models, order of strength."""

import pytest
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import cross_entropy, cw_loss, pgd, pgd_perturb
from empirical.checks import Bounds
from empirical.networks.architectures import NETWORKS, network
from empirical.transforms.interpolated import uniform
from tests.empirical.models import Affine, affine, worst_margins

UNIT = (0.0, 1.0)


def problem(bounds: Bounds, generator: torch.Generator) -> tuple[Affine, Tensor, Tensor]:
    """Return a two-class linear model and images, many of them within reach of its boundary."""
    model = affine(36, 2, seed=3)
    images = torch.rand(400, 1, 6, 6, dtype=torch.float64, generator=generator)
    if bounds is None:
        images = 3 * images - 1.5
    labels = model(images).argmax(1).detach()
    labels[::20] = 1 - labels[::20]  # some misclassified from the start
    return model, images, labels


@pytest.mark.parametrize("bounds", [UNIT, None])
@pytest.mark.parametrize("loss", [cross_entropy, cw_loss])
def test_the_exact_worst_case_of_a_linear_model(
    bounds: Bounds, loss: object, generator: torch.Generator
) -> None:
    model, images, labels = problem(bounds, generator)
    for epsilon in (0.02, 0.05, 0.1):
        worst = worst_margins(model, images, labels, epsilon, bounds)
        worst[torch.arange(400), labels] = torch.inf
        exact = worst.amin(1) < 0
        assert 0.1 < exact.double().mean() < 0.95
        result = pgd(
            model, images, labels, epsilon=epsilon, steps=10, bounds=bounds,
            loss=loss, generator=generator,
        )  # fmt: skip
        assert torch.equal(result.fooled, exact)


@pytest.mark.parametrize("bounds", [UNIT, None])
def test_perturb_ends_in_the_worst_corner(bounds: Bounds, generator: torch.Generator) -> None:
    model, images, labels = problem(bounds, generator)
    moved = pgd_perturb(
        model, images, labels, epsilon=0.05, steps=10, bounds=bounds, generator=generator
    )
    logits = model(moved).detach()
    lead = logits.gather(1, labels[:, None])[:, 0] - logits.gather(1, 1 - labels[:, None])[:, 0]
    worst = worst_margins(model, images, labels, 0.05, bounds)[torch.arange(400), 1 - labels]
    assert torch.allclose(lead, worst, rtol=0, atol=1e-12)


@pytest.fixture
def trained(generator: torch.Generator) -> tuple[nn.Module, Tensor, Tensor]:
    """Return a small convolutional network, images and its own predictions as labels."""
    images = torch.rand(64, 1, 8, 8, generator=generator)
    model = network("stdcnn", (1, 8, 8), 5, width=4, generator=generator)
    model(images)
    return model, images, model.eval()(images).argmax(1)


def test_ball_and_range(
    trained: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = trained
    settings = {"epsilon": 0.1, "steps": 7, "step_size": 0.06, "generator": generator}
    for bounds in (UNIT, None):
        result = pgd(model, images, labels, bounds=bounds, restarts=2, **settings)
        moved = pgd_perturb(model, images, labels, bounds=bounds, **settings)
        for found in (result.adversarial, moved):
            assert (found - images).abs().max() <= 0.1 + 1e-6
            outside = bool((found < 0).any() or (found > 1).any())
            assert outside == (bounds is None)
        assert torch.equal(model(result.adversarial).argmax(1) != labels, result.fooled)
        assert torch.equal(result.adversarial[result.robust], images[result.robust])


def test_order_of_strength(
    trained: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = trained
    labels = labels.clone()
    labels[:7] = (labels[:7] + 1) % 5
    clean = int((model(images).argmax(1) == labels).sum())
    counts = []
    for epsilon in (0.0, 0.02, 0.05, 0.1, 0.3):
        result = pgd(
            model, images, labels, epsilon=epsilon, steps=10, bounds=UNIT, generator=generator
        )
        counts.append(int(result.robust.sum()))
    assert counts[0] == clean == 57
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < clean
    once, thrice = (
        pgd(
            model, images, labels, epsilon=0.05, steps=3, bounds=UNIT, restarts=restarts,
            generator=torch.Generator().manual_seed(5),
        )
        for restarts in (1, 3)
    )  # fmt: skip
    assert (thrice.fooled | once.fooled == thrice.fooled).all()


def test_epsilon_zero_is_the_identity(
    trained: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = trained
    settings = {"epsilon": 0.0, "steps": 3, "bounds": UNIT, "generator": generator}
    assert torch.equal(pgd_perturb(model, images, labels, **settings), images)
    assert torch.equal(pgd(model, images, labels, **settings).adversarial, images)


def test_the_seed_decides(trained: tuple[nn.Module, Tensor, Tensor]) -> None:
    model, images, labels = trained
    first, again, other = (
        pgd_perturb(
            model, images, labels, epsilon=0.1, steps=2, bounds=UNIT,
            generator=torch.Generator().manual_seed(seed),
        )
        for seed in (1, 1, 2)
    )  # fmt: skip
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_model_and_the_images_are_left_as_they_were(
    trained: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = trained
    model.train()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    kept = images.clone()
    pgd(model, images, labels, epsilon=0.1, steps=2, bounds=UNIT, generator=generator)
    pgd_perturb(model, images, labels, epsilon=0.1, steps=2, bounds=UNIT, generator=generator)
    assert model.training
    assert torch.equal(images, kept)
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())


def test_reduced_precision_serves_training_and_nothing_else(
    trained: tuple[nn.Module, Tensor, Tensor], generator: torch.Generator
) -> None:
    model, images, labels = trained
    settings = {"epsilon": 0.1, "steps": 3, "bounds": UNIT, "generator": generator}
    with torch.autocast("cpu", torch.bfloat16):
        moved = pgd_perturb(model, images, labels, **settings)
        with pytest.raises(ValueError, match="reduced precision is for training only"):
            pgd(model, images, labels, **settings)
    assert moved.dtype == torch.float32
    assert (moved - images).abs().max() <= 0.1 + 1e-6
    assert 0 <= moved.min() <= moved.max() <= 1


def test_the_margin_still_has_gradients_where_softmax_has_none() -> None:
    logits = torch.tensor([[400.0, 0.0]], requires_grad=True)
    labels = torch.tensor([0])
    assert not torch.autograd.grad(cross_entropy(logits, labels), logits)[0].any()
    assert torch.autograd.grad(cw_loss(logits, labels), logits)[0].tolist() == [[-1.0, 1.0]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epsilon": -0.1}, "epsilon must be >= 0, got -0.1"),
        ({"epsilon": 8}, "epsilon must be below 1.*write 8/255"),
        ({"steps": 0}, "steps must be >= 1, got 0"),
        ({"step_size": -1.0}, "step_size must be >= 0, got -1"),
        ({"restarts": 0}, "restarts must be >= 1, got 0"),
        ({"images": torch.full((2, 1, 2, 2), 2.0)}, r"images must lie in \[0, 1\], got max 2"),
        ({"labels": torch.tensor([0, 3])}, "model must return at least 4 logits"),
        ({"labels": torch.tensor([0])}, r"labels must have shape \(2,\), got \(1,\)"),
        ({"model": 0.5}, r"^model must be a Module, got 0.5$"),
        ({"generator": 1}, r"^generator must be a Generator, got 1$"),
        ({"loss": 1}, r"^loss must be callable, got 1$"),
        ({"loss": lambda *_: 1.0}, r"^loss must return one number with a gradient, got 1.0$"),
        (
            {"images": torch.zeros(2, 1, 2, 2, dtype=torch.float64)},
            r"^model must take images \(2, 1, 2, 2\) of torch.float64, got: expected m1",
        ),
        (
            {"images": torch.zeros(2, 1, 0, 2)},
            r"^images must have pixels, got shape \(2, 1, ",
        ),
        ({"images": [0.5]}, r"^images must be a Tensor, got \[0.5\]$"),
        (
            {"images": torch.zeros(2, 1, 2, 2).to_sparse()},
            r"^images must be a dense tensor that holds values, got one of torch.sparse_coo$",
        ),
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
        "steps": 2,
        "bounds": UNIT,
        "generator": generator,
    }
    with pytest.raises(ValueError, match=message):
        pgd(**arguments | change)


def plain_walk(model: nn.Module, images: Tensor, labels: Tensor, start: Tensor) -> Tensor:
    """Attack as textbooks write it: nothing folded, gradients of the weights computed too."""
    moved = start
    for _ in range(5):
        moved = moved.detach().requires_grad_(True)
        nn.functional.cross_entropy(model(moved), labels).backward()
        moved = moved.detach() + 0.02 * moved.grad.sign()
        moved = torch.min(torch.max(moved, images - 0.05), images + 0.05).clamp(0, 1)
    return moved


@pytest.mark.parametrize("name", NETWORKS)
def test_the_fast_attack_walks_as_the_plain_one(name: str, generator: torch.Generator) -> None:
    images = torch.rand(6, 3, 16, 16, dtype=torch.float64, generator=generator)
    depth = 3 if name == "vgg16" else 2
    model = network(name, (3, 16, 16), 4, width=4, depth=depth, generator=generator).double()
    model(images)
    labels = model.eval()(images).argmax(1)
    start = images + uniform(
        tuple(images.shape), 0.05, images.device, generator=torch.Generator().manual_seed(1)
    )
    expected = plain_walk(model, images, labels, start.clamp(0, 1))
    found = pgd_perturb(
        model,
        images,
        labels,
        epsilon=0.05,
        steps=5,
        step_size=0.02,
        bounds=UNIT,
        generator=torch.Generator().manual_seed(1),
    )
    assert ((found - expected).abs() < 1e-12).double().mean() > 0.999


def test_a_model_whose_gradient_is_one_number_repeated(generator: torch.Generator) -> None:
    """The sum of all pixels has an input gradient without memory of its own."""

    class Sum(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            total = images.flatten(1).sum(1)
            return torch.stack([total - 8.0, 8.0 - total], 1)

    images = torch.full((3, 1, 4, 4), 0.55)
    shared = {"epsilon": 0.1, "steps": 3, "bounds": (0.0, 1.0), "generator": generator}
    result = pgd(Sum(), images, torch.zeros(3, dtype=torch.long), **shared)
    assert result.fooled.all()
    moved = pgd_perturb(Sum(), images, torch.zeros(3, dtype=torch.long), **shared)
    assert torch.allclose(moved, images - 0.1)


def test_longer_steps_end_at_the_same_corner(generator: torch.Generator) -> None:
    model = affine(4, 3, seed=1, dtype=torch.float32)
    images, labels = torch.rand(2, 1, 2, 2, generator=generator), torch.tensor([0, 1])
    moved = [
        pgd_perturb(
            model, images, labels, epsilon=0.1, steps=2, step_size=size, bounds=UNIT,
            generator=torch.Generator().manual_seed(1),
        )
        for size in (0.5, 1e308)
    ]  # fmt: skip
    assert torch.equal(*moved)


def test_images_that_have_a_gradient_are_attacked(generator: torch.Generator) -> None:
    model = affine(4, 3, seed=1, dtype=torch.float32)
    images = torch.rand(2, 1, 2, 2, generator=generator).requires_grad_()
    found = pgd(
        model, images, torch.tensor([0, 1]), epsilon=0.1, steps=2, bounds=UNIT, generator=generator
    )
    assert not found.fooled.requires_grad


def test_what_returns_no_logits_is_refused_in_training(generator: torch.Generator) -> None:
    images = torch.rand(2, 1, 2, 2, generator=generator)
    with pytest.raises(ValueError, match=r"^model must return logits of shape \(2, classes\), got"):
        pgd_perturb(
            torch.nn.Identity(), images, torch.tensor([0, 1]), epsilon=0.1, steps=1, bounds=UNIT,
            generator=generator,
        )  # fmt: skip
