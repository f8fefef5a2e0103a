import numpy as np
import pytest

from paper_figures.from_records.against_theory.noisy_images import caption, draw, kept
from simulations.records import Record
from theory.confidence import clopper_pearson

LIMITS = {0.0: (0.99, 0.91), 0.5: (0.985, 0.89), 1.0: (1.0, 0.93)}

CONFIG = {
    "components": 600, "name": "mnist", "classes": "6,9", "turns": "0,2", "epsilon": 0.1,
    "norm": "linf", "confidence": 0.999,
}  # fmt: skip


def record():
    rows = [
        {"kind": "limit", "sigma": sigma, "spatial_weight": share, "what": f"{share:g}",
         "at_most": at_most[k], "estimate": at_most[k] - 0.001}
        for share, at_most in LIMITS.items()
        for k, sigma in enumerate((1.0, 1.5))
    ]  # fmt: skip
    rows += [
        {"kind": "reached", "sigma": sigma, "spatial_weight": share, "spatial": 900,
         "adversarial": 700, "adversarial_first": 720, "trials": 1000}
        for share in LIMITS
        for sigma in (1.0, 1.5)
    ]  # fmt: skip
    return Record("noisy_images", CONFIG, rows)


def test_lines_are_ceilings_and_points_are_below():
    panels = draw(record()).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["0", "0.5", "1"]
    for axes, at_most, value in zip(panels, LIMITS.values(), (0.7, 0.8, 0.9), strict=True):
        ceiling, points = axes.lines[:2]
        assert np.allclose(ceiling.get_ydata(), at_most)
        # between two levels of noise the limit of the lower one holds
        assert ceiling.get_drawstyle() == "steps-post"
        assert np.allclose(points.get_ydata(), value)
        assert np.allclose(points.get_xdata(), [1.0, 1.5])


def test_an_interval_is_that_of_the_counts():
    row = {"spatial_weight": 1.0, "spatial": 90, "adversarial": 50, "trials": 100}
    assert kept(row) == (0.9, *clopper_pearson(90, 100, 0.95))
    value, lower, upper = kept(row | {"spatial_weight": 0.25})
    assert value == pytest.approx(0.25 * 0.9 + 0.75 * 0.5)
    ends = [clopper_pearson(count, 100, 0.975) for count in (90, 50)]
    assert lower == pytest.approx(0.25 * ends[0][0] + 0.75 * ends[1][0])
    assert upper == pytest.approx(0.25 * ends[0][1] + 0.75 * ends[1][1])


def test_the_caption_has_the_numbers_of_the_record():
    words = caption(record())
    assert "0 at most 91" in words.see
    assert "stays 21.0 to 29.0 points below" in words.see
    assert "600 images of MNIST, classes 6,9, quarter turns 0,2" in words.settings
    assert words.images == "1,000 noisy images for each rule."
    assert "attacked by gradients. More" in words.shows
    assert words.title.startswith("Digits under noise")


def test_the_caption_says_of_which_classes_and_which_rules():
    whole = record()
    rows = [row | ({"share": 0.5} if row["kind"] == "reached" else {}) for row in whole.rows]
    words = caption(Record("noisy_images_all", CONFIG | {"classes": ""}, rows))
    assert words.title.startswith("All ten digits under noise")
    assert "classes all ten" in words.settings
    assert "by gradients, the best of those that expect none, half or all of each" in words.shows
