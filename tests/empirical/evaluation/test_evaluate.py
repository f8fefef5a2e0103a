"""Measured accuracies of models whose accuracies are known."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from empirical.attacks.pgd import pgd
from empirical.data.dataset import Dataset
from empirical.data.gaussian import gaussian_images
from empirical.evaluation.evaluate import (
    check_measures,
    evaluate,
    measure_generator,
    spatial_flags,
)
from empirical.evaluation.measures import Measures
from empirical.transforms.random import Rotations
from tests.empirical.models import Corner, affine
from theory.confidence import clopper_pearson
from theory.frontiers.halfspaces import halfspace_accuracies
from theory.setting.catalogue import defaults

SETTING = defaults()["orientation-texture"]


@pytest.fixture
def digits(generator: torch.Generator) -> Dataset:
    images = torch.rand(60, 1, 6, 6, generator=generator, dtype=torch.float64)
    return Dataset(images.float(), torch.randint(3, (60,), generator=generator), 3)


class Halfspace(nn.Module):
    """Class 1 where <w, x> + b > 0."""

    def __init__(self, normal: np.ndarray, offset: float) -> None:
        super().__init__()
        self.register_buffer("normal", torch.from_numpy(normal).float())
        self.offset = offset

    def forward(self, images: Tensor) -> Tensor:
        score = images.flatten(1) @ self.normal + self.offset
        return torch.stack([-score, score], 1)


def test_a_halfspace_has_its_exact_accuracies() -> None:
    """Measured S and A of a halfspace agree with Theorem 5 within their intervals."""
    normal = SETTING.mixture.means[1] - SETTING.mixture.means[0] + 0.02
    spatial, adversarial = halfspace_accuracies(SETTING, normal, 0.0)
    images = gaussian_images(SETTING, 4000, rng=np.random.default_rng(5))
    measures = Measures(epsilons=(SETTING.epsilon,), steps=3, apgd_steps=0)
    rows = evaluate(Halfspace(normal, 0.0), images, measures, seed=1).rows({})
    counts = {row["measure"]: (row["successes"], row["trials"]) for row in rows}
    for measure, exact in (("spatial", spatial), ("adversarial", adversarial)):
        lower, upper = clopper_pearson(*counts[measure], 1 - 1e-9)
        assert lower <= exact <= upper
        assert not lower <= exact + 0.06 <= upper


def test_stronger_measures_are_never_higher(digits: Dataset) -> None:
    measures = Measures(
        rotations=(90.0,), translations=(1.0,), epsilons=(0.0, 0.02, 0.05),
        worst_rotations=(90.0,), joint_epsilons=(0.02,), joint_degrees=90.0, boundary=0.5,
        steps=5, apgd_steps=5, angles=5,
    )  # fmt: skip
    model = affine(36, 3, 2, dtype=torch.float32)
    flags = evaluate(model, digits, measures, seed=3)
    found = flags.outcomes
    assert torch.equal(found["adversarial", 0.0], found["clean", 0.0])
    for strong, weak in (
        (("adversarial", 0.02), ("clean", 0.0)),
        (("adversarial", 0.05), ("adversarial", 0.02)),
        (("worst_rotation", 90.0), ("clean", 0.0)),
        (("joint", 0.02), ("worst_rotation", 90.0)),
        (("joint", 0.02), ("adversarial", 0.02)),
    ):
        assert not (found[strong] & ~found[weak]).any(), (strong, weak)
    near = flags.distances["boundary_distance", 0.5]
    assert torch.equal(near == 0, ~found["clean", 0.0])
    assert ((near > 0.05) <= found["adversarial", 0.05]).all()


def test_more_measures_leave_the_others_alone(digits: Dataset) -> None:
    model = affine(36, 3, 2, dtype=torch.float32)
    few = evaluate(model, digits, Measures(rotations=(60.0,)), seed=3).outcomes
    more = Measures(rotations=(30.0, 60.0), translations=(2.0,), epsilons=(0.02,), steps=2)
    many = evaluate(model, digits, more, seed=3).outcomes
    assert torch.equal(few["rotation", 60.0], many["rotation", 60.0])
    other = evaluate(model, digits, Measures(rotations=(60.0,)), seed=4).outcomes
    assert not torch.equal(few["rotation", 60.0], other["rotation", 60.0])


def test_fewer_steps_are_a_weaker_attack_that_leaves_the_others_alone(digits: Dataset) -> None:
    model = affine(36, 3, 2, dtype=torch.float32)
    measures = Measures(epsilons=(0.01, 0.05), steps=5, apgd_steps=5)
    alone = evaluate(model, digits, measures, seed=3).outcomes
    found = evaluate(model, digits, replace(measures, fewer_steps=(1, 2)), seed=3).outcomes
    assert all(torch.equal(found[key], flags) for key, flags in alone.items())
    assert set(found) - set(alone) == {("pgd_steps", 1.0), ("pgd_steps", 2.0)}
    for steps in (1, 2):
        weak = pgd(
            model, digits.images, digits.labels, epsilon=0.05, steps=steps, bounds=digits.bounds,
            generator=measure_generator(digits, 3, "pgd_steps", steps),
        )  # fmt: skip
        assert torch.equal(found["pgd_steps", float(steps)], weak.robust)
        assert not (found["pgd_steps", float(steps)] & ~found["clean", 0.0]).any()


def test_invariance_compares_predictions_not_labels(digits: Dataset) -> None:
    class Constant(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return torch.tensor([[0.0, 5.0, -1.0]]).expand(len(images), -1)

    correct, invariant = spatial_flags(
        Constant(), digits, Rotations(180.0), batch_size=7,
        generator=torch.Generator().manual_seed(0),
    )  # fmt: skip
    assert invariant.all()
    assert torch.equal(correct, digits.labels == 1)


def test_every_measure_shows_its_batches(digits: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int, int]] = []

    def counted(batches: Iterable[object], name: str, total: int) -> Iterator[object]:
        given = list(batches)
        seen.append((name, total, len(given)))
        yield from given

    monkeypatch.setattr("empirical.evaluation.strongest_attack.track", counted)
    measures = Measures(
        epsilons=(0.1,), worst_rotations=(10.0,), joint_epsilons=(0.1,), fewer_steps=(1,),
        boundary=0.1, angles=3, few=20, attacked=30, steps=1, apgd_steps=0, batch_size=9,
    )  # fmt: skip
    evaluate(affine(36, 3, 2, dtype=torch.float32), digits, measures, seed=0)
    names = ["random transformations", "adversarial 0.1", "pgd_steps 1", "worst_rotation",
             "joint 0.1", "boundary"]  # fmt: skip
    assert [name for name, *_ in seen] == names
    assert [total for _, total, _ in seen] == [count for *_, count in seen] == [7, 4, 4, 3, 3, 3]


def test_few_images_are_spaced_over_all(digits: Dataset) -> None:
    measures = Measures(worst_rotations=(10.0,), angles=3, few=7)
    flags = evaluate(affine(36, 3, 2, dtype=torch.float32), digits, measures, seed=0)
    assert len(flags.outcomes["worst_rotation", 10.0]) == 7
    assert len(flags.outcomes["clean", 0.0]) == 60


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (lambda images: torch.full((len(images), 3), 1 / 3), "got probabilities"),
        (lambda images: torch.zeros(len(images), 2), "must return 3 logits, one for each"),
        (lambda images: torch.zeros(len(images), 1000), "must return 3 logits, .* got 1000"),
        (lambda images: torch.full((len(images), 3), torch.nan), "must return finite logits"),
    ],
)
def test_models_that_return_no_logits_are_refused(
    outputs: object, message: str, digits: Dataset
) -> None:
    class Model(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            return outputs(images)  # type: ignore[operator,no-any-return]

    with pytest.raises(ValueError, match=message):
        evaluate(Model(), digits, Measures(), seed=0)


@pytest.mark.parametrize(
    ("measures", "message"),
    [
        (Measures(epsilons=(0.1, 8)), r"epsilon must be below 1, .* got 8; .*: write 8/255"),
        (Measures(joint_epsilons=(8,)), r"epsilon must be below 1, .* got 8"),
        (Measures(boundary=8), "boundary must be at most 1, the range of pixel values, got 8"),
        (Measures(shifts=True, epsilons=(0.1,)), "shifts must be of a theoretical setting, got im"),
        (Measures(auto_attack=True), "auto_attack must have an epsilon, got none"),
        (Measures(queries=50), "queries must have an epsilon, got none"),
        (Measures(auto_attack=True, epsilons=(0.1,)), "pyautoattack must be installed: pip"),
        (Measures(queries=5, epsilons=(0.1,)), "pyautoattack must be installed: pip"),
    ],
)
def test_what_cannot_be_measured_is_said_first(
    measures: Measures, message: str, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Model(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            raise AssertionError("called")

    monkeypatch.setitem(sys.modules, "pyautoattack", None)
    with pytest.raises(ValueError, match=message):
        evaluate(Model(), digits, measures, seed=0)


def test_exact_turns_leave_no_trace() -> None:
    """What a model knows by the traces of turning it does not know after exact turns."""
    labels = torch.arange(40) % 2
    images = (0.4 + 0.2 * labels)[:, None, None, None].expand(40, 1, 6, 6).clone()
    images[:, :, 0, 2] = 0.0
    found = evaluate(
        Corner(), Dataset(images, labels, 2), Measures(quarter_turns=True), seed=4
    ).outcomes
    assert found["clean", 0.0].all()
    assert found["quarter_turn", 10.0].float().mean() > 0.7
    for measure in ("quarter_turn", "invariance_quarter_turn"):
        assert not found[measure, 0.0].any()


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (
            Dataset(torch.rand(4, 1, 6, 8), torch.tensor([0, 1, 0, 1]), 2),
            "quarter_turns must have square images, got 6 x 8",
        ),
        (
            gaussian_images(SETTING, 4, rng=np.random.default_rng(5)),
            "quarter_turns must be of images of no setting, got orientation-texture",
        ),
    ],
    ids=["oblong", "setting"],
)
def test_quarter_turns_need_square_images_of_no_setting(images: Dataset, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_measures(Measures(quarter_turns=True), images)


def test_shifts_need_a_radius() -> None:
    images = gaussian_images(SETTING, 4, rng=np.random.default_rng(5))
    with pytest.raises(ValueError, match="shifts must have an epsilon, got none"):
        check_measures(Measures(shifts=True), images)
    with pytest.raises(ValueError, match="fewer_steps must have an epsilon, got none"):
        check_measures(Measures(fewer_steps=(1,)), images)
