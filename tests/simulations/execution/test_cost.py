import math
import re
from typing import Any

import pytest

from simulations.execution.cost import CostModel
from tests import ROOT

DOCUMENT = ROOT / "simulations" / "SCALE.md"
FREE = {"start": 0.0, "gap": 0.0, "planner": 0.0, "price": 0.0}


def test_without_overhead_work_is_divided() -> None:
    plan = CostModel(**(FREE | {"price": 0.5})).plan(tasks=100, seconds=36.0, workers=10)
    assert plan.seconds == 360.0
    assert plan.worker_hours == 1.0
    assert plan.money == 0.5
    assert plan.efficiency == 1.0


def test_a_last_round_holds_all_workers() -> None:
    plan = CostModel(**FREE).plan(tasks=11, seconds=1.0, workers=10)
    assert plan.seconds == 2.0
    assert plan.efficiency == pytest.approx(0.55)


def test_short_tasks_wait_for_the_planner() -> None:
    model = CostModel(start=3.0, gap=0.0, planner=0.01, price=1.0)
    assert model.plan(tasks=10_000, seconds=0.5, workers=1000).seconds == pytest.approx(103.0)
    assert model.plan(tasks=10_000, seconds=0.5, workers=2).seconds == pytest.approx(2503.0)


def test_most_workers_is_where_the_planner_becomes_the_limit() -> None:
    model = CostModel(start=0.0, gap=0.1, planner=0.01, price=1.0)
    most = model.most_workers(seconds=4.9)
    assert most == 500
    enough = model.plan(tasks=most * 100, seconds=4.9, workers=most)
    more = model.plan(tasks=most * 100, seconds=4.9, workers=2 * most)
    assert enough.seconds == pytest.approx(more.seconds)
    assert model.most_workers(seconds=1e-9) >= 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tasks": 0}, "tasks must be >= 1, got 0"),
        ({"workers": 0}, "workers must be >= 1, got 0"),
        ({"seconds": 0.0}, "seconds must be finite and > 0, got 0"),
    ],
)
def test_bad_plans(change: dict[str, Any], message: str) -> None:
    arguments = {"tasks": 1, "seconds": 1.0, "workers": 1} | change
    with pytest.raises(ValueError, match=message):
        CostModel(**FREE).plan(**arguments)


@pytest.mark.parametrize("name", ["start", "gap", "planner", "price"])
def test_bad_parameters(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be >= 0, got -1"):
        CostModel(**(FREE | {name: -1.0}))


def test_a_planner_without_cost_limits_nothing() -> None:
    with pytest.raises(ValueError, match="planner must be > 0 to limit"):
        CostModel(**FREE).most_workers(seconds=1.0)


def test_the_document_states_what_the_model_gives() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    (arguments,) = re.findall(r"CostModel\((start=.*)\)", text)
    given = (part.split("=") for part in arguments.split(", "))
    model = CostModel(**{name: float(value) for name, value in given})
    rows = re.findall(
        r"^\|[^|]+\| ([\d,]+) × ([\d.]+) s \| ([\d,]+) \| ([\d.]+) min \| ([\d.]+) \| (\d+) % \|$",
        text,
        flags=re.MULTILINE,
    )
    assert len(rows) >= 4
    for tasks, seconds, workers, minutes, money, percent in rows:
        plan = model.plan(
            tasks=int(tasks.replace(",", "")),
            seconds=float(seconds),
            workers=int(workers.replace(",", "")),
        )
        assert math.isclose(plan.seconds / 60, float(minutes), abs_tol=0.051)
        assert math.isclose(plan.money, float(money), abs_tol=0.0051)
        assert math.isclose(100 * plan.efficiency, float(percent), abs_tol=0.51)
