"""Schedules and attacks as values."""

import json
import math

import pytest
import torch
from torch import nn

from empirical.training.schedules import (
    AdamOneCycle,
    Attack,
    Schedule,
    SgdLinear,
    SgdSteps,
    schedule_from_json,
    schedule_to_json,
)


def test_one_cycle_is_torchs() -> None:
    weight = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.01)
    steps = 101
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.01, total_steps=steps, cycle_momentum=False
    )
    schedule = AdamOneCycle(epochs=1, peak=0.01)
    for step in range(steps):
        # torch puts the peak at step 0.3 n - 1 of n and the end at n - 1
        peak = 0.3 * steps - 1
        fraction = (
            0.3 * step / peak if step <= peak else 0.3 + 0.7 * (step - peak) / (steps - 1 - peak)
        )
        assert schedule.rate(fraction) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-6)
        optimizer.step()
        if step < steps - 1:
            cycle.step()


def test_rates_of_the_paper() -> None:
    schedule = SgdSteps(epochs=120)
    rates = [schedule.rate(epoch / 120) for epoch in (0, 74, 75, 89, 90, 99, 100, 119)]
    expected = [0.1, 0.1, 0.01, 0.01, 1e-3, 1e-3, 1e-4, 1e-4]
    assert rates == pytest.approx(expected, rel=1e-12)


def test_the_linear_rate_rises_and_falls_to_nothing() -> None:
    schedule = SgdLinear(8, peak=0.2, rise=0.25)
    rates = [schedule.rate(fraction) for fraction in (0.0, 0.125, 0.25, 0.625, 1.0)]
    assert rates == pytest.approx([0.0, 0.1, 0.2, 0.1, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    "schedule",
    [AdamOneCycle(3, peak=0.02), SgdSteps(7, milestones=(0.5, 0.9)), SgdLinear(5, averaging=0.9)],
)
def test_schedules_survive_json(schedule: Schedule) -> None:
    assert schedule_from_json(json.loads(json.dumps(schedule_to_json(schedule)))) == schedule


def test_attack_walks_further_than_its_radius() -> None:
    attack = Attack(0.1, steps=10)
    assert attack.step_size == pytest.approx(0.025)
    assert attack.scaled(0.25).epsilon == pytest.approx(0.025)


def test_a_single_step_does_not_end_at_a_corner_wherever_it_starts() -> None:
    assert Attack(0.1, steps=1).step_size == pytest.approx(0.125)
    assert Attack(0.1, steps=2).step_size == pytest.approx(0.125)
    assert Attack(0.1, steps=2, reach=1.5).step_size == pytest.approx(0.075)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Attack(-0.1), r"epsilon must be >= 0, got -0.1"),
        (lambda: Attack(math.nan), r"epsilon must be a real number, got nan"),
        (lambda: Attack(0.1, steps=0), r"steps must be >= 1, got 0"),
        (lambda: Attack(0.1, restarts=0), r"restarts must be >= 1, got 0"),
        (lambda: Attack(0.1, reach=0.0), r"reach must be finite and > 0, got 0"),
        (lambda: AdamOneCycle(0), r"epochs must be >= 1, got 0"),
        (lambda: AdamOneCycle(1, batch_size=1), r"batch_size must be >= 2, got 1"),
        (lambda: AdamOneCycle(1, peak=-1.0), r"peak must be finite and > 0, got -1"),
        (lambda: SgdSteps(1, milestones=(0.9, 0.5)), r"milestones must increase"),
        (lambda: SgdLinear(1, rise=1.0), r"rise must be in \(0, 1\), got 1.0"),
        (lambda: SgdLinear(1, averaging=1.5), r"averaging must .*got 1.5"),
        (lambda: SgdSteps(1, factor=0.0), r"factor must be finite and > 0, got 0"),
        (lambda: schedule_from_json({"kind": "Lion"}), r"kind must be one of .*, got 'Lion'"),
        (lambda: schedule_from_json({"kind": "Adam", "speed": 1}), r"schedule Adam cannot be read"),
    ],
)
def test_bad_values_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()  # type: ignore[operator]
