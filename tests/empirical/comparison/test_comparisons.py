"""Rows of comparison from rows of measurement."""

from typing import Any

import numpy as np
import pytest

from empirical.comparison.comparisons import (
    gap_rows,
    pairs,
    prediction_rows,
    probit_rows,
    reach_rows,
)
from simulations.estimates import Estimate
from simulations.records import Record
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import quarter_turns


def measured(seed: int, weight: float, spatial: int, adversarial: int) -> list[dict[str, Any]]:
    labels = {
        "dataset": "orientation-texture", "network": "stdcnn", "recipe": "mixture",
        "degrees": None, "epsilon": 0.12, "weight": weight, "seed": seed, "trials": 1000,
    }  # fmt: skip
    return [
        {**labels, "measure": "clean", "level": 0.0, "successes": 1000},
        {**labels, "measure": "spatial", "level": 0.0, "successes": spatial},
        {**labels, "measure": "adversarial", "level": 0.12, "successes": adversarial},
    ]


RECORD = Record(
    "recipes_gaussian",
    {},
    [*measured(0, 0.5, 741, 995), *measured(1, 0.5, 745, 990), *measured(0, 0.9, 960, 200)],
)
FOUND = pairs(RECORD, ("spatial", 0.0), ("adversarial", 0.12))


def test_pairs_join_the_two_measures_of_a_network() -> None:
    assert [(i["seed"], i["weight"], s.successes, a.successes) for i, s, a in FOUND] == [
        (0, 0.5, 741, 995), (1, 0.5, 745, 990), (0, 0.9, 960, 200)
    ]  # fmt: skip


def test_gaps_know_the_setting_of_their_images() -> None:
    rows = gap_rows(RECORD)
    assert all(row["possible"] and row["gap"] > -0.02 for row in rows)
    broken = Record("recipes_gaussian", {}, measured(0, 0.5, 990, 990))
    assert [row["possible"] for row in gap_rows(broken)] == [False]


def test_what_tells_networks_apart_is_kept_apart() -> None:
    moved = [{**row, "pixels": pixels} for pixels in (1.0, 2.0) for row in measured(0, 0.5, 7, 9)]
    found = pairs(Record("x", {}, moved), ("spatial", 0.0), ("adversarial", 0.12))
    assert [identity["pixels"] for identity, _, _ in found] == [1.0, 2.0]
    twice = Record("x", {}, [*measured(0, 0.5, 7, 9), *measured(0, 0.5, 8, 9)])
    with pytest.raises(ValueError, match="must have spatial at 0 once for each network, got it tw"):
        pairs(twice, ("spatial", 0.0), ("adversarial", 0.12))


def test_networks_without_gradient_attacks_stand_beside_those_with() -> None:
    first, second = measured(0, 0.5, 980, 20), measured(1, 0.5, 745, 990)
    alone = {**second[2], "measure": "adversarial_pgd", "successes": 995}
    rows = gap_rows(Record("recipes_gaussian", {}, [*first, *second, alone]))
    assert [row["pgd_successes"] for row in rows] == [None, 995]


def test_a_failed_gradient_attack_is_reported_beside_the_strongest() -> None:
    rows = measured(0, 0.5, 980, 20)
    alone = {**rows[2], "measure": "adversarial_pgd", "successes": 900}
    (row,) = gap_rows(Record("recipes_gaussian", {}, [*rows, alone]))
    assert row["possible"]
    assert row["pgd_possible"] is False
    assert row["pgd_successes"] == 900
    assert gap_rows(RECORD)[0]["pgd_possible"] is None


def test_reach_pools_seeds() -> None:
    first, second = reach_rows(FOUND)
    assert (first["seeds"], first["weight"], second["seeds"]) == (2, 0.5, 1)
    assert first["mean"] > 2.5 > second["mean"]


def test_the_probit_law_is_of_the_family_of_one_recipe() -> None:
    (row,) = probit_rows(FOUND, recipe="mixture", rng=np.random.default_rng(0))
    assert row["models"] == 3
    assert row["lower"] <= row["slope"] <= row["upper"]
    assert row["family"] == "mixture"
    assert probit_rows(FOUND, recipe="augmented", rng=np.random.default_rng(0)) == []
    assert probit_rows(FOUND[:2], recipe="mixture", rng=np.random.default_rng(0)) == []


def test_predictions_pool_seeds() -> None:
    means = np.random.default_rng(2).standard_normal((2, 36))
    proxy = Setting(GaussianMixture(means, [0, 1]), quarter_turns(6), 0.1, image_shape=(6, 6))
    rows = prediction_rows(proxy, FOUND)
    assert [row["spatial_trials"] for row in rows] == [2000, 1000]
    assert all(0 <= row["predicted_spatial"] <= 1 for row in rows)
    assert Estimate(rows[0]["spatial_successes"], 2000).value == pytest.approx(0.743)


def test_a_network_without_its_second_measure_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must have spatial at 0 and adversarial at 0\.1"):
        pairs(RECORD, ("spatial", 0.0), ("adversarial", 0.1))


@pytest.mark.parametrize("column", ["dataset", "measure", "level", "successes", "seed"])
def test_rows_that_lack_a_column_are_refused(column: str) -> None:
    rows = measured(0, 0.5, 741, 995)
    del rows[1][column]
    with pytest.raises(ValueError, match=f"must have {column}, .* got none in row 1"):
        gap_rows(Record("recipes_gaussian", {}, rows))


def test_images_without_a_setting_are_refused() -> None:
    rows = [row | {"dataset": "mnist"} for row in measured(0, 0.5, 741, 995)]
    with pytest.raises(ValueError, match="dataset of record 'recipes_gaussian' must be one of"):
        gap_rows(Record("recipes_gaussian", {}, rows))
