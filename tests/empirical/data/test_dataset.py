"""Data sets and batches."""

from typing import Any

import pytest
import torch

from empirical.data.dataset import Dataset, batches, ordered_batches


def numbered(count: int) -> Dataset:
    """Image n is filled with the byte n, its label is n % 3."""
    images = torch.arange(count, dtype=torch.uint8).view(-1, 1, 1, 1).expand(-1, 2, 4, 5)
    return Dataset(images, torch.arange(count) % 3, classes=3)


def test_an_epoch_shows_every_image_once(generator: torch.Generator) -> None:
    seen = list(batches(numbered(10), 4, generator=generator))
    assert [len(labels) for _, labels in seen] == [4, 4, 2]
    numbers = torch.cat([images[:, 0, 0, 0] for images, _ in seen]).mul(255).round().long()
    assert numbers.tolist() != list(range(10))
    assert sorted(numbers.tolist()) == list(range(10))
    assert torch.equal(torch.cat([labels for _, labels in seen]), numbers % 3)


def test_an_image_that_is_left_alone_joins_a_batch(generator: torch.Generator) -> None:
    for count, size, expected in ((9, 4, [4, 5]), (1, 4, [1]), (3, 1, [1, 1, 1]), (8, 4, [4, 4])):
        seen = list(batches(numbered(count), size, generator=generator))
        assert [len(labels) for _, labels in seen] == expected


def test_the_same_seed_gives_the_same_batches() -> None:
    def labels(seed: int) -> list[int]:
        generator = torch.Generator().manual_seed(seed)
        return torch.cat([y for _, y in batches(numbered(50), 7, generator=generator)]).tolist()

    assert labels(1) == labels(1)
    assert labels(1) != labels(2)


def test_in_order_keeps_the_order() -> None:
    images = torch.cat([images for images, _ in ordered_batches(numbered(9), 4)])
    assert torch.equal(images[:, 0, 0, 0] * 255, torch.arange(9.0))
    assert images.dtype == torch.float32


@pytest.mark.parametrize("size", [0, -3])
def test_batches_have_a_size(size: int, generator: torch.Generator) -> None:
    with pytest.raises(ValueError, match=f"size must be >= 1, got {size}"):
        next(batches(numbered(3), size, generator=generator))
    with pytest.raises(ValueError, match=f"size must be >= 1, got {size}"):
        next(ordered_batches(numbered(3), size))


def test_held_out_images_are_not_trained_on(generator: torch.Generator) -> None:
    rest, held = numbered(20).held_out(6, generator=generator)
    numbers = [set(part.images[:, 0, 0, 0].tolist()) for part in (rest, held)]
    assert (len(rest), len(held)) == (14, 6)
    assert numbers[0] | numbers[1] == set(range(20))
    with pytest.raises(ValueError, match=r"count must be <= 19, got 20"):
        numbered(20).held_out(20, generator=generator)


def test_shape_and_statistics() -> None:
    images = torch.tensor([[0.0, 1.0], [0.5, 0.5]]).view(1, 2, 1, 2)
    dataset = Dataset(images, torch.tensor([1]), classes=2)
    assert dataset.shape == (2, 1, 2)
    mean, std = dataset.statistics
    assert mean == pytest.approx((0.5, 0.5))
    assert std == pytest.approx((0.5, 1e-6))
    assert len(dataset.to("cpu").take(slice(0, 1))) == 1


@pytest.mark.parametrize(
    ("images", "labels", "classes", "message"),
    [
        (torch.zeros(2, 4, 4, dtype=torch.uint8), [0, 1], 2, r"images must have shape \(N, C,"),
        (torch.zeros(0, 1, 4, 4), [], 2, "images must hold at least one image, got 0"),
        (torch.full((2, 1, 4, 4), 2.0), [0, 1], 2, r"images must lie in \[0, 1\], got max 2"),
        (torch.zeros(2, 1, 4, 4), [0], 2, r"labels must have shape \(2,\), got \(1,\)"),
        (torch.zeros(2, 1, 4, 4), [0, 2], 2, "labels must be below 2 classes, got 2"),
        (torch.zeros(2, 1, 4, 4), [0, 0], 1, "classes must be >= 2, got 1"),
    ],
)
def test_bad_data_is_refused(
    images: torch.Tensor, labels: list[int], classes: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Dataset(images, torch.tensor(labels, dtype=torch.int64), classes)


def test_labels_live_where_the_images_live() -> None:
    with pytest.raises(ValueError, match="labels must be on the device of images, meta, got cpu"):
        Dataset(
            torch.zeros(2, 1, 4, 4, dtype=torch.uint8, device="meta"),
            torch.tensor([0, 1]),
            classes=2,
        )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": 2.0}, r"^classes must be an integer, got 2.0$"),
        ({"name": None}, r"^name must be a string, got None$"),
        ({"setting": 1}, r"^setting must be a Setting, got 1$"),
        ({"labels": [0, 1]}, r"^labels must be a Tensor, got \[0, 1\]$"),
    ],
)
def test_what_is_no_data_set_is_refused(change: dict[str, Any], message: str) -> None:
    valid = {"images": torch.zeros(2, 1, 4, 4), "labels": torch.tensor([0, 1]), "classes": 2}
    with pytest.raises(ValueError, match=message):
        Dataset(**{**valid, **change})


def test_what_draws_no_batches_is_refused() -> None:
    dataset = Dataset(torch.zeros(2, 1, 4, 4), torch.tensor([0, 1]), classes=2)
    with pytest.raises(ValueError, match=r"^generator must be a Generator, got 1$"):
        next(batches(dataset, 1, generator=1))
    with pytest.raises(ValueError, match=r"^dataset must be a Dataset, got None$"):
        next(ordered_batches(None, 1))
