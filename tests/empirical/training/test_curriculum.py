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
    stages = [curriculum.stage(epoch / 120) for epoch in range(120)]
    assert stages == [0] * 75 + [1] * 15 + [2] * 30
    found = [
        (round(s.objective.attack.epsilon * 255, 9), s.objective.spatial.degrees)
        for s in curriculum.stages
        if isinstance(s.objective, Adversarial) and isinstance(s.objective.spatial, Rotations)
    ]
    assert found == [(2.0, 120.0), (4.0, 150.0), (8.0, 180.0)]


@pytest.mark.parametrize("parts", [3, 5, 7, 10])
@pytest.mark.parametrize("steps", [10, 30, 70])
def test_steps_at_the_end_of_a_stage_begin_the_next(parts: int, steps: int) -> None:
    """Also where the share of the run falls short of the end by rounding, and nothing warms up."""
    curriculum = sequential(*[adversarial(0.1)] * parts)
    for epochs in (1, 3):
        for step in range(steps * epochs):
            fraction = (step // steps + step % steps / steps) / epochs
            assert curriculum.objective(fraction) == curriculum.stages[0].objective


@pytest.mark.parametrize("steps", [24, 24 * 469])
def test_stages_get_their_shares_of_the_steps_of_any_run(steps: int) -> None:
    """Resolved per step: also a run of one epoch has all stages, and halves are halves."""
    for curriculum, shares in (
        (cusp(0.1), (75 / 120, 15 / 120, 30 / 120)),
        (sequential(adversarial(0.1), augmented(30)), (0.5, 0.5)),
    ):
        stages = [curriculum.stage(step / steps) for step in range(steps)]
        assert stages == sorted(stages)
        counts = [stages.count(stage) for stage in range(len(shares))]
        assert counts == [round(share * steps) for share in shares]


def test_the_radius_grows_over_the_first_share_of_a_stage() -> None:
    def radius(curriculum: Curriculum, fraction: float) -> float:
        objective = curriculum.objective(fraction)
        assert isinstance(objective, (Adversarial, Mixture, Trades))
        return objective.attack.epsilon

    for curriculum in (adversarial(0.1), mixture(0.5, 30, 0.1), trades(6.0, 0.1)):
        warmed = curriculum.warmed(0.3)
        found = [radius(warmed, fraction) for fraction in (0.0, 0.15, 0.3, 0.9)]
        assert found == pytest.approx([0.0, 0.05, 0.1, 0.1])
        assert radius(curriculum, 0.0) == 0.1
    late = sequential(augmented(30), adversarial(0.1).warmed(0.5))
    assert [radius(late, fraction) for fraction in (0.5, 0.625, 0.75)] == pytest.approx(
        [0.0, 0.05, 0.1]
    )
    assert late.objective(0.25) == Natural(Rotations(30.0))


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
    assert [curriculum.stage(epoch / 4) for epoch in range(4)] == [0, 0, 1, 1]
    nested = sequential(cusp(0.1), natural())
    found = [nested.stage(epoch / 240) for epoch in (0, 75, 90, 119, 120, 239)]
    assert found == [0, 1, 2, 2, 3, 3]


def test_cusp_trades_keeps_beta() -> None:
    objectives = [stage.objective for stage in cusp_trades(3.0, 0.1).stages]
    assert all(isinstance(o, Trades) and o.beta == 3.0 for o in objectives)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Curriculum(()), r"stages must be 1 to \d+ stages, got none"),
        (lambda: Curriculum((1,)), r"stages must be a Stage, got 1"),
        (lambda: Stage(1.0, 0.5), r"objective must be callable, got 0.5"),
        (lambda: augmented("x"), r"spatial must be a real number, got 'x'"),
        (lambda: sequential(1), r"parts must be a Curriculum, got 1"),
        (
            lambda: Curriculum((Stage(2.0, Natural()), Stage(1.0, Natural()))),
            r"increasing ends, got \[2.0, 1.0\]",
        ),
        (lambda: Stage(0.0, Natural()), r"until must be finite and > 0, got 0"),
        (lambda: natural().stage(1.0), r"fraction must be in \[0, 1\), got 1"),
        (lambda: natural().warmed(1.5), r"warmup must .*got 1.5"),
        (lambda: cusp(0.1, (30.0,)), r"spatials must be 3 ranges, got 1"),
    ],
)
def test_bad_values_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
