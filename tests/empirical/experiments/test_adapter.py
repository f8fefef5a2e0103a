"""Models of the user: what they get, what they may return, what is said of those that fail."""

import re
import sys

import pytest
import torch
from torch import Tensor, nn

from empirical.data.dataset import Dataset
from empirical.experiments.adapter import STATISTICS, Adapter, channel_values, check_model

IMAGES = torch.rand(4, 3, 5, 5, generator=torch.Generator().manual_seed(1))
LABELS = torch.tensor([0, 2, 1, 0])
DATASET = Dataset(IMAGES, LABELS, 3)


class Means(nn.Module):
    """Means of the channels as logits, through whatever a test does to them."""

    def __init__(self, then: object = None, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.eye(3, dtype=dtype))
        self.then = then or (lambda logits: logits)

    def forward(self, images: Tensor) -> object:
        return self.then(images.mean((2, 3)) @ self.weight)  # type: ignore[operator]


def leave(logits: Tensor) -> None:
    raise SystemExit(3)


MEANS = IMAGES.mean((2, 3))


def test_images_are_standardised_per_channel() -> None:
    mean, std = STATISTICS["imagenet"]
    found = Adapter(Means(), mean=mean, std=std)(IMAGES)
    assert torch.allclose(found, (MEANS - torch.tensor(mean)) / torch.tensor(std), atol=1e-6)
    for lone in ({"mean": mean}, {"std": std}):
        with pytest.raises(ValueError, match=r"must be given too, got (mean|std) alone"):
            Adapter(Means(), **lone)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_images_come_in_the_precision_of_the_weights(dtype: torch.dtype) -> None:
    found = Adapter(Means(dtype=dtype))(IMAGES)
    assert found.dtype == dtype
    assert torch.allclose(found.float(), MEANS)


@pytest.mark.parametrize(
    ("then", "logits"),
    [
        (lambda logits: (logits[:, :1], logits), 1),
        (lambda logits: [logits], 0),
        (lambda logits: {"features": 0, "logits": logits}, "logits"),
    ],
)
def test_logits_are_chosen_among_outputs(then: object, logits: int | str) -> None:
    assert torch.allclose(Adapter(Means(then), logits=logits)(IMAGES), MEANS)


@pytest.mark.parametrize(
    ("then", "logits", "message"),
    [
        (lambda x: (x, x), None, "logits must name which entry of the model's tuple holds them, "
         "one of 0, 1, got none"),
        (lambda x: (x, x), 2, "one of 0, 1, got 2"),
        (lambda x: {"a": x}, None, "the model's dict holds them, one of a, got none"),
        (lambda x: {"a": x}, "b", "one of a, got 'b'"),
        (lambda x: x, 0, "logits must be left out for a tensor, got 0"),
        (lambda x: (x, None), 1, "logits must be a tensor, got NoneType"),
        (lambda x: None, None, "model must return a tensor, got NoneType"),
        (lambda x: (), None, "model must return a tensor, got tuple"),
        (lambda x: 1 / 0, None, r"model must take images of shape \(1, 3, 5, 5\), "
         "got ZeroDivisionError: division by zero"),
        (leave, None, "got SystemExit: 3"),
        (lambda x: x[:, :2], None, "model must return 3 logits, one for each class, got 2"),
        (lambda x: torch.cat([x, x], 1), None, "must return 3 logits, one for each class, got 6"),
        (lambda x: x.squeeze(), None, r"logits of shape \(1, classes\), got \(3,\)"),
        (lambda x: x.half(), None, "must return float32 or float64 logits, got torch.float16"),
        (lambda x: x.softmax(1), None, "must return logits, got probabilities"),
        (lambda x: x / 0, None, "must return finite logits"),
    ],
)  # fmt: skip
def test_what_fails_is_said_in_one_line(
    then: object, logits: int | str | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as refusal:
        check_model(Adapter(Means(then), logits=logits), DATASET)
    assert "\n" not in str(refusal.value)


def test_images_of_another_shape_are_named() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 1, 5, 5\), got RuntimeError: mat1 and mat2"):
        check_model(Adapter(Means()), Dataset(IMAGES[:, :1], LABELS, 3))


def test_own_images_may_show_fewer_classes_than_the_model_knows() -> None:
    model = Adapter(Means(lambda logits: torch.cat([logits, logits], 1)))
    assert check_model(model, DATASET, more=True).classes == 6
    with pytest.raises(ValueError, match="must return 7 logits, one for each class, or more"):
        check_model(model, Dataset(IMAGES, LABELS, 7), more=True)


def test_a_model_without_a_gradient_has_gradient_zero() -> None:
    model = Adapter(Means(lambda logits: logits.detach()))
    images = IMAGES.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(model(images).sum(), images)
    assert not gradient.any()
    check_model(model, DATASET)


def test_outputs_of_inference_mode_may_be_attacked() -> None:
    class Inference(nn.Module):
        @torch.inference_mode()
        def forward(self, images: Tensor) -> Tensor:
            return images.mean((2, 3))

    with torch.no_grad():
        found = Adapter(Inference())(IMAGES)
    found[0, 0] = 7.0
    check_model(Adapter(Inference()), DATASET)


def test_lazy_layers_get_their_weights() -> None:
    with torch.random.fork_rng():
        model = nn.Sequential(nn.Flatten(), nn.LazyLinear(3))
        assert check_model(Adapter(model), DATASET).classes == 3
    assert model[1].in_features == 75


def test_what_a_model_prints_is_no_result(capsys: pytest.CaptureFixture[str]) -> None:
    check_model(Adapter(Means(lambda logits: sys.stdout.write("here") and logits)), DATASET)
    out, err = capsys.readouterr()
    assert out == ""
    assert "here" in err


@pytest.mark.parametrize("error", [RuntimeError, KeyError])
def test_a_gradient_that_fails_is_refused(error: type[Exception]) -> None:
    class Broken(torch.autograd.Function):
        @staticmethod
        def forward(context: object, logits: Tensor) -> Tensor:
            return logits.clone()

        @staticmethod
        def backward(context: object, *slopes: Tensor) -> Tensor:
            raise error("no way back")

    with pytest.raises(ValueError, match=r"gradients with respect to images, got .*no way back"):
        check_model(Adapter(Means(Broken.apply)), DATASET)


def test_a_model_may_change_its_images_in_place() -> None:
    class InPlace(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return images.sub_(0.5).mean((2, 3))

    before = IMAGES.clone()
    check_model(Adapter(InPlace()), DATASET)
    assert torch.equal(IMAGES, before)


def test_numbers_per_channel() -> None:
    assert channel_values("mean", "0.1, 0.2,0.3", 3) == (0.1, 0.2, 0.3)
    assert channel_values("std", "0.5", 3) == (0.5, 0.5, 0.5)
    assert channel_values("std", "mnist", 1) == (0.3081,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.1,0.2", "mean must have a number for each of 3 channels, got 2"),
        ("mnist", "mean must have a number for each of 3 channels, got 1"),
        (
            "grey",
            "mean must be numbers between commas or one of mnist, cifar10, imagenet, got 'grey",
        ),
        ("nan", "mean must be finite, got 'nan'"),
        ("127.5", "mean must be in units of pixels from 0 to 1, got '127.5'; divide 0 to 255 by"),
        ("-0.5,0,0", "mean must be in units of pixels from 0 to 1, got '-0.5,0,0'"),
    ],
)
def test_other_numbers_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        channel_values("mean", text, 3)
