import numpy as np
import pytest

from paper_figures.from_records.against_theory.frontier import (
    caption,
    draw,
    failed_attacks,
    pairs,
)
from paper_figures.style import style_of
from simulations.records import Record
from tests.paper_figures import synthetic
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.confidence import clopper_pearson


@pytest.fixture(scope="module")
def record():
    return synthetic.orientation_texture({**synthetic.PLACES, "trades": (0.9, 0.998)})


@pytest.fixture(scope="module")
def axes(record):
    return draw(record).axes[0]


def test_every_network_is_a_marker_at_its_counts(record, axes):
    spatial = [row for row in record.rows if row["measure"] == "spatial"]
    attacked = [row for row in record.rows if row["measure"] == "adversarial"]
    drawn = [container.lines[0].get_xydata()[0] for container in axes.containers]
    expected = [
        (a["successes"] / 1000, s["successes"] / 1000)
        for s, a in zip(spatial, attacked, strict=True)
    ]
    assert [tuple(point) for point in drawn] == expected


def test_bars_are_exact_intervals(record, axes):
    first = next(row for row in record.rows if row["measure"] == "spatial")
    vertical = axes.containers[0].lines[2][1].get_segments()[0]
    assert vertical[:, 1] == pytest.approx(clopper_pearson(first["successes"], 1000, 0.95))


def test_the_bound_is_theorys(axes):
    accuracy, bound = next(
        line for line in axes.lines if line.get_label() == "outer bound"
    ).get_data()
    setting = catalogue.defaults()["orientation-texture"]
    middle = len(accuracy) // 2
    expected = pairwise_bound(setting, 1 - accuracy[middle]).spatial_accuracy
    assert bound[middle] == pytest.approx(expected, abs=1e-6)


def test_halfspaces_stay_below_the_bound(axes):
    lines = {line.get_label(): line.get_data() for line in axes.lines}
    x, y = lines["halfspaces, exact"]
    setting = catalogue.defaults()["orientation-texture"]
    assert len(x) > 5
    # the last attains the least adversarial error, 1e-12, which 1 - x does not resolve
    assert 1.0 - x[-1] < 1e-11
    assert (y <= pairwise_bound(setting, 1 - x).spatial_accuracy + 1e-6)[:-1].all()


def test_only_points_above_the_bound_are_crossed_out(axes):
    crosses = [line.get_xydata()[0] for line in axes.lines if line.get_gid() == "failed attack"]
    assert len(crosses) == 2
    assert all(spatial > 0.87 for _, spatial in crosses)


def test_a_point_above_the_bound_within_chance_is_none():
    setting = catalogue.defaults()["orientation-texture"]
    limit = float(pairwise_bound(setting, 0.002).spatial_accuracy)
    lucky = synthetic.orientation_texture({"mixture": (limit + 0.01, 0.998)})
    networks = pairs(lucky, setting)
    assert max(row["successes"] for row, _ in networks) > 1000 * limit
    assert failed_attacks(setting, networks) == []


def test_boxes_repeat_marks_that_hide_each_other():
    places = {**synthetic.PLACES, "trades": (0.51, 0.999), "cusp": (0.7, 0.3)}
    together = ("natural", "adversarial", "trades")
    rows = [
        {**row, "successes": 510 if row["measure"] == "spatial" else 999}
        if row["recipe"] in together
        else row
        for row in synthetic.orientation_texture(places).rows
    ]
    crowded = Record("orientation_texture", {}, rows)
    figure = draw(crowded)
    (axes,) = figure.axes
    figure.draw_without_rendering()
    (box,) = axes.artists
    marks = [area.get_children()[0].get_marker() for area in box.offsetbox.get_children()]
    assert marks == [style_of(name).marker for name in together]
    frame = box.patch.get_window_extent()
    drawn = [container.lines[0].get_xydata()[0] for container in axes.containers]
    assert not frame.count_contains(axes.transData.transform(drawn))
    assert "Boxes repeat the marks" in caption(crowded).shows
    few = synthetic.orientation_texture()
    assert not draw(few).axes[0].artists
    assert "Boxes" not in caption(few).shows


def test_boxes_lie_below_the_bound():
    crowded = synthetic.orientation_texture(dict.fromkeys(("trades", *synthetic.PLACES), (0.99, 0)))
    figure = draw(crowded)
    (axes,) = figure.axes
    figure.draw_without_rendering()
    (box,) = axes.artists
    right, top = axes.transData.inverted().transform(box.patch.get_window_extent().max)
    (bound,) = (line.get_data() for line in axes.lines if line.get_label() == "outer bound")
    assert top < np.interp(right, *bound)


def test_refuses_an_attack_of_another_radius(record):
    rows = [
        {**row, "level": 0.2} if row["measure"] == "adversarial" else row for row in record.rows
    ]
    with pytest.raises(ValueError, match=r"adversarial level must be 0.12, got \[0.2\]"):
        draw(Record("orientation_texture", {}, rows))


def test_refuses_a_network_that_was_not_attacked(record):
    rows = [row for row in record.rows if (row["seed"], row["measure"]) != (1, "adversarial")]
    with pytest.raises(ValueError, match="must measure 'adversarial' of every network"):
        draw(Record("orientation_texture", {}, rows))
