import numpy as np
import pytest

from paper_figures.from_records.against_theory.attack_strength import caption, draw, strengths
from simulations.records import Record
from tests.paper_figures.synthetic import row
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound

SETTING = catalogue.defaults()["orientation-texture"]
LEFT = {
    ("clean", 0.0): 1000,
    ("pgd_steps", 1.0): 150,
    ("pgd_steps", 2.0): 60,
    ("pgd", 0.12): 50,
    ("adversarial_pgd", 0.12): 45,
    ("adversarial", 0.12): 40,
}


def record(seeds=3):
    rows = []
    for seed in range(seeds):
        own = {"dataset": "orientation-texture", "weight": 0.9, "seed": seed}
        for (measure, level), count in (LEFT | {("spatial", 0.0): 975 - seed}).items():
            rows.append(row("mixture", measure, level, count, **own))
    run = {"measures": {"steps": 20}, "train": 60, "held_out": 0, "schedule": {"epochs": 2}}
    return Record("attack_strength", {"tasks": {"a": run}}, rows)


def test_attacks_come_from_weak_to_strong_and_keep_the_seeds_apart():
    found = strengths(record())
    names = ["no attack", "1 step", "2 steps", "20 steps", "APGD", "theorem"]
    assert [one.name for one in found] == names
    for one, count in zip(found, LEFT.values(), strict=True):
        assert [estimate.successes for estimate in one.attacked] == 3 * [count]
        assert [estimate.successes for estimate in one.spatial] == [975, 974, 973]


def test_the_excess_is_over_the_bound_at_that_accuracy():
    for one in strengths(record()):
        for estimates, (middle, low, high) in zip(
            zip(one.spatial, one.attacked, strict=True), one.excess, strict=True
        ):
            spatial, attacked = (np.array([e.value, *e.interval(0.975)]) for e in estimates)
            limit = pairwise_bound(SETTING, 1 - attacked).spatial_accuracy
            assert [middle, low, high] == pytest.approx(list(spatial - limit))
            assert low < middle < high
    assert [one.above for one in strengths(record())] == [3, 0, 0, 0, 0, 0]


def test_points_are_drawn_in_the_plane_and_over_the_attacks():
    drawn = record()
    plane, gaps = draw(drawn).axes
    found = strengths(drawn)
    paths = [line for line in plane.lines if line.get_linestyle() == "-" and line.get_lw() < 1]
    assert len(paths) == 3
    for seed, path in enumerate(paths):
        assert list(path.get_xdata()) == [one.attacked[seed].value for one in found]
        assert list(path.get_ydata()) == [one.spatial[seed].value for one in found]
    for container, one in zip(gaps.containers, found, strict=True):
        assert list(container.lines[0].get_ydata()) == pytest.approx(list(100 * one.excess[:, 0]))
    assert [text.get_text() for text in gaps.get_xticklabels()][1] == "1\nstep"


def test_the_caption_counts_the_networks_above():
    words = caption(record())
    assert "of 3: no attack 3, 1 step 0, 2 steps 0, 20 steps 0" in words.see
    found = strengths(record())
    assert f"{100 * found[0].excess[:, 0].mean():.1f} points above" in words.see
    assert f"{-100 * found[-1].excess[:, 0].mean():.1f} points below" in words.see


def test_networks_without_a_spatial_accuracy_are_refused():
    rows = [row for row in record().rows if row["measure"] != "spatial" or row["seed"]]
    with pytest.raises(ValueError, match="must measure 'spatial' of every network, got no attack"):
        strengths(Record("attack_strength", {}, rows))
