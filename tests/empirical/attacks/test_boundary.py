"""Distances to the boundary against those of linear models."""

import pytest
import torch

from empirical.attacks.apgd import apgd
from empirical.attacks.boundary import boundary_distance
from empirical.attacks.pgd import pgd
from empirical.networks.architectures import network
from tests.empirical.models import affine

UNIT = (0.0, 1.0)


@pytest.mark.parametrize(("norm", "dual"), [("linf", 1), ("l2", 2)])
@pytest.mark.parametrize("classes", [2, 5])
def test_the_distance_of_a_linear_model(
    norm: str, dual: int, classes: int, generator: torch.Generator
) -> None:
    model = affine(36, classes, seed=4)
    images = torch.randn(100, 1, 6, 6, dtype=torch.float64, generator=generator)
    logits = model(images).detach()
    labels = logits.argmax(1)
    wide = model.weight.detach()[labels][:, None] - model.weight.detach()
    lead = logits.gather(1, labels[:, None]) - logits
    exact = lead / torch.linalg.vector_norm(wide, dual, dim=2)
    exact[torch.arange(100), labels] = torch.inf
    exact = exact.amin(1)
    limit = 1.2 * float(exact.max())
    found = boundary_distance(
        model, images, labels, norm=norm, limit=limit, halvings=14, bounds=None
    )
    assert (found.distance >= exact - 1e-12).all()
    # with several classes the path may first meet a boundary that is not the nearest
    near = found.distance <= exact + limit / 2**14 + 1e-9
    assert near.double().mean() >= (1.0 if classes == 2 else 0.9)
    assert (found.distance <= 1.2 * exact + limit / 2**14).all()
    assert (model(found.adversarial).argmax(1) != labels).all()
    change = (found.adversarial - images).flatten(1)
    norms = torch.linalg.vector_norm(change, torch.inf if norm == "linf" else 2, dim=1)
    assert torch.allclose(norms, found.distance, rtol=0, atol=1e-12)


def test_it_lies_between_pgd_and_a_longer_attack(generator: torch.Generator) -> None:
    images = torch.rand(32, 1, 8, 8, generator=generator)
    model = network("stdcnn", (1, 8, 8), 5, width=4, generator=generator)
    model(images)
    labels = model.eval()(images).argmax(1)
    distance = boundary_distance(model, images, labels, limit=0.3, bounds=UNIT).distance
    for epsilon in (0.02, 0.05, 0.1):
        shared = {"epsilon": epsilon, "bounds": UNIT, "generator": generator}
        short = int(pgd(model, images, labels, steps=10, **shared).fooled.sum())
        long = int(apgd(model, images, labels, steps=50, **shared).fooled.sum())
        assert short - 1 <= int((distance <= epsilon).sum()) <= long + 2


def test_beyond_the_limit_and_already_wrong() -> None:
    model = affine(1, 2, seed=1)
    model.weight.data = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    images = torch.tensor([0.2, 0.2, 0.9], dtype=torch.float64).view(3, 1, 1, 1) - 0.5
    labels = torch.tensor([1, 0, 0])
    found = boundary_distance(model, images, labels, limit=0.35, halvings=12, bounds=None)
    assert found.distance[0] == pytest.approx(0.3, abs=1e-4)
    assert found.distance[1] == 0
    assert found.distance[2] == torch.inf
    assert torch.equal(found.adversarial[1:], images[1:])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"norm": "l1"}, "norm must be one of linf, l2, got 'l1'"),
        ({"limit": 0.0}, "limit must be finite and > 0, got 0"),
        ({"limit": 1e31}, r"limit must be <= 1e30, got 1e\+31"),
        ({"steps": 0}, "steps must be >= 1, got 0"),
        ({"halvings": 0}, "halvings must be >= 1, got 0"),
        ({"images": torch.full((2, 1, 2, 2), 2.0)}, r"images must lie in \[0, 1\], got max 2"),
    ],
)
def test_bad_requests_are_refused(
    change: dict[str, object], message: str, generator: torch.Generator
) -> None:
    arguments = {
        "model": affine(4, 3, seed=1, dtype=torch.float32),
        "images": torch.rand(2, 1, 2, 2, generator=generator),
        "labels": torch.tensor([0, 1]),
        "limit": 1.0,
        "bounds": UNIT,
    }
    with pytest.raises(ValueError, match=message):
        boundary_distance(**arguments | change)
