"""Networks against the limits of every classifier: true ones pass, planted ones do not."""

from dataclasses import replace

import pytest

from paper_figures import records
from paper_figures.from_records.against_theory.network_limits import limits_of_networks
from simulations.records import Record
from theory.confidence import lower_limit

AT_MOST = {0.0: 0.9, 0.5: 0.88, 1.0: 0.94}
DATASET = "noisy-digits:6,9:1.5:0,2"
CONFIG = {
    "name": "mnist", "split": "test", "classes": "6,9", "turns": "0,2", "degrees": "",
    "norm": "linf", "epsilon": 0.1, "components": 600,
}  # fmt: skip


def limits(**changes):
    rows = [
        {"kind": "limit", "sigma": sigma, "spatial_weight": share, "at_most": most}
        for sigma in (1.0, 1.5)
        for share, most in AT_MOST.items()
    ]
    rows.append({"kind": "reached", "sigma": 1.5, "spatial_weight": 0.0, "trials": 10})
    return Record("noisy_images", CONFIG | changes, rows)


def networks(*pairs, train=600, dataset=DATASET, level=0.1):
    rows = []
    for seed, (spatial, adversarial) in enumerate(pairs):
        own = {"dataset": dataset, "network": "dense", "recipe": "mixture", "seed": seed}
        rows += [
            {**own, "measure": "clean", "level": 0.0, "successes": 9000, "trials": 10_000},
            {**own, "measure": "spatial", "level": 0.0, "successes": spatial, "trials": 10_000},
            {**own, "measure": "adversarial", "level": level, "successes": adversarial,
             "trials": 2000},
            {**own, "measure": "pgd", "level": level, "successes": 2000, "trials": 2000},
        ]  # fmt: skip
    tasks = {"dense-mixture-0": {"dataset": dataset, "train": train}}
    return Record("noisy_digits", {"tasks": tasks}, rows)


def test_networks_below_every_limit_are_possible():
    found = limits_of_networks(limits(), networks((9000, 1500)))
    assert [row["spatial_weight"] for row in found] == [0.0, 0.5, 1.0]
    assert {row["sigma"] for row in found} == {1.5}
    assert [row["at_most"] for row in found] == list(AT_MOST.values())
    assert all(row["possible"] for row in found)
    assert found[1]["measured"] == pytest.approx((0.9 + 0.75) / 2)
    level = 1 - 0.001 / 2
    ends = lower_limit(9000, 10_000, level), lower_limit(1500, 2000, level)
    assert found[1]["at_least"] == pytest.approx(sum(ends) / 2)


@pytest.mark.parametrize(
    ("spatial", "adversarial", "broken"),
    [(5000, 1900, [0.0]), (9700, 1500, [1.0]), (9300, 1780, [0.5])],
)
def test_planted_networks_above_a_limit_are_impossible(spatial, adversarial, broken):
    """The last exceeds neither ceiling alone."""
    found = limits_of_networks(limits(), networks((9000, 1500), (spatial, adversarial)))
    wrong = [(row["seed"], row["spatial_weight"]) for row in found if not row["possible"]]
    assert wrong == [(1, share) for share in broken]


def test_no_recorded_network_lies_above_a_limit():
    shipped = records.folders()
    found = limits_of_networks(
        records.find("noisy_images", shipped), records.find("noisy_digits", shipped)
    )
    assert len(found) >= 3 * 16
    assert all(row["possible"] for row in found)
    assert {row["sigma"] for row in found} >= {1.0, 1.5}


def test_chance_is_no_violation():
    assert all(row["possible"] for row in limits_of_networks(limits(), networks((9420, 1000))))


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (limits(), networks((1, 1), train=40), "networks must be of the 600 images of the limits, "
         "got 40 for dense-mixture-0"),
        (limits(), networks((1, 1), level=0.2), r"adversarial accuracy at 0\.1 on one of noisy-di"),
        (limits(), networks((1, 1), dataset="mnist"), "networks must have spatial and adv"),
        (limits(classes=""), networks((1, 1)), "noisy-digits:0,1,2,3,4,5,6,7,8,9:1.5:0,2, got no"),
        (limits(split="train"), networks((1, 1)), "limits must be of split 'test', got 'train'"),
        (limits(norm="l2"), networks((1, 1)), "limits must be of norm 'linf', got 'l2'"),
        (networks((1, 1)), networks((1, 1)), "limits must be a record of noisy_images, got 'noisy"),
        (limits(), replace(networks((1, 1)), config={}), "networks must be a record of a sweep"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(first, second, message):
    with pytest.raises(ValueError, match=message):
        limits_of_networks(first, second)
