"""Outputs that are not logits are refused."""

import pytest
import torch
from torch import Tensor, nn

from empirical.attacks.spatial import worst_transformation
from empirical.data.dataset import Dataset
from empirical.evaluation.evaluate import evaluate
from empirical.evaluation.measures import Measures
from empirical.logits import check_logits

LABELS = torch.tensor([0, 2])


def test_logits_pass_unchanged() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0], [3.0, -1.0, 0.5]])
    assert check_logits(logits, LABELS) is logits
    assert check_logits(logits[:0], LABELS[:0]).shape == (0, 3)


@pytest.mark.parametrize(
    ("logits", "message"),
    [
        (torch.zeros(2, 2), "model must return at least 3 logits for these labels, got 2"),
        (torch.zeros(3, 3), r"logits of shape \(2, classes\), got \(3, 3\)"),
        (torch.zeros(2, 3, 1), r"logits of shape \(2, classes\), got \(2, 3, 1\)"),
        (torch.zeros(2, 3, dtype=torch.bfloat16), "float64 logits, got torch.bfloat16; reduced"),
        (torch.full((2, 3), torch.nan), "model must return finite logits, got NaN"),
        (torch.eye(3)[:2].softmax(1), "must return logits, got probabilities; leave out the"),
    ],
)
def test_other_outputs_are_refused(logits: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_logits(logits, LABELS)


def test_a_known_number_of_classes_is_the_number_of_logits() -> None:
    logits = torch.zeros(2, 4)
    assert check_logits(logits, LABELS, classes=4) is logits
    with pytest.raises(ValueError, match="must return 3 logits, one for each class, got 4"):
        check_logits(logits, LABELS, classes=3)


class InPlace(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        images -= 0.5
        return images.flatten(1)[:, :2]


def test_a_model_that_changes_its_images_is_refused_and_leaves_them() -> None:
    images, labels = torch.linspace(0, 1, 16).view(4, 1, 2, 2), torch.tensor([0, 1, 0, 1])
    before = images.clone()
    with pytest.raises(ValueError, match=r"model must not change its images in place, as x\.sub_"):
        worst_transformation(InPlace(), images, labels, [lambda x: x], bounds=None)
    with pytest.raises(ValueError, match="model must not change its images in place"):
        evaluate(InPlace(), Dataset(images, labels, 2), Measures(epsilons=(0.1,)), seed=0)
    assert torch.equal(images, before)
