"""Curricula: who trains when, and the paper's schedule."""

import pytest

from empirical.training.curriculum import (
    Curriculum,
    Stage,
    adversarial,
    augmented,
    composed,
    cusp,
    cusp_trades,
    mixture,
    natural,
    sequential,
    trades,
)
from empirical.training.objectives import Adversarial, Mixture, Natural, Trades
from empirical.training.schedules import Attack
from empirical.transforms.random import Rotations


def test_cusp_at_the_paper_s_length() -> None:
    curriculum = cusp(8 / 255)
    stages = [curriculum.stage(epoch, 120) for epoch in range(120)]
    assert stages == [0] * 75 + [1] * 15 + [2] * 30
    found = [
        (round(s.objective.attack.epsilon * 255, 9), s.objective.spatial.degrees)
        for s in curriculum.stages
        if isinstance(s.objective, Adversarial) and isinstance(s.objective.spatial, Rotations)
    ]
    assert found == [(2.0, 120.0), (4.0, 150.0), (8.0, 180.0)]


@pytest.mark.parametrize(
    ("epochs", "stages"), [(1, [0]), (3, [0, 0, 2]), (4, [0, 0, 1, 2]), (8, [0] * 5 + [1, 2, 2])]
)
def test_cusp_shrinks_with_the_run(epochs: int, stages: list[int]) -> None:
    assert [cusp(0.1).stage(epoch, epochs) for epoch in range(epochs)] == stages


def test_recipes_are_their_objectives() -> None:
    kinds = {
        Natural: (natural(), augmented(60)),
        Adversarial: (adversarial(0.1), composed(60, 0.1)),
        Trades: (trades(6.0, 0.1),),
        Mixture: (mixture(0.5, 60, 0.1),),
    }
    for kind, curricula in kinds.items():
        for curriculum in curricula:
            (stage,) = curriculum.stages
            assert isinstance(stage.objective, kind)
    assert augmented(60).stages[0].objective == Natural(Rotations(60.0))
    assert adversarial(Attack(0.2, steps=3)).stages[0].objective == Adversarial(
        Attack(0.2, steps=3)
    )


def test_sequences_share_the_run() -> None:
    curriculum = sequential(adversarial(0.1), augmented(30))
    assert [curriculum.stage(epoch, 4) for epoch in range(4)] == [0, 0, 1, 1]
    nested = sequential(cusp(0.1), natural())
    assert [nested.stage(epoch, 240) for epoch in (0, 75, 90, 119, 120, 239)] == [0, 1, 2, 2, 3, 3]


def test_cusp_trades_keeps_beta() -> None:
    objectives = [stage.objective for stage in cusp_trades(3.0, 0.1).stages]
    assert all(isinstance(o, Trades) and o.beta == 3.0 for o in objectives)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Curriculum(()), r"stages must be given with increasing ends, got \[\]"),
        (
            lambda: Curriculum((Stage(2.0, Natural()), Stage(1.0, Natural()))),
            r"increasing ends, got \[2.0, 1.0\]",
        ),
        (lambda: Stage(0.0, Natural()), r"until must be finite and > 0, got 0"),
        (lambda: natural().stage(5, 5), r"epoch must be in 0..4, got 5"),
        (lambda: cusp(0.1, (30.0,)), r"spatials must be 3 ranges, got 1"),
    ],
)
def test_bad_values_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
