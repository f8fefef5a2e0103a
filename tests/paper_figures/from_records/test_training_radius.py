import numpy as np
import pytest

from paper_figures.from_records.training_radius import caption, draw
from paper_figures.measurements import rows
from tests.paper_figures import synthetic


def test_curves_go_over_the_training_radii():
    record = synthetic.mnist_epsilon()
    turned, _, _, attacked = draw(record).axes
    for axes, measure, levels in (
        (turned, "rotation", [180.0]),
        (attacked, "adversarial", [0.1, 0.3]),
    ):
        for container, level in zip(axes.containers, levels, strict=True):
            line = container.lines[0]
            assert list(line.get_xdata()) == [0.0, 0.1, 0.3]
            for epsilon, mean in zip(line.get_xdata(), line.get_ydata(), strict=True):
                counted = rows(record, measure=measure, level=level, epsilon=epsilon)
                assert mean == pytest.approx(np.mean([row["successes"] for row in counted]) / 1000)
        assert axes.get_xlabel() == "radius $\\epsilon$ of the attack in training"


def test_the_caption_tells_each_move_and_whether_the_paper_finds_it():
    record = synthetic.mnist_epsilon()
    words = caption(record)
    for measure, level in (("rotation", 180.0), ("adversarial", 0.1)):
        for epsilon in (0.0, 0.3):
            counted = rows(record, measure=measure, level=level, epsilon=epsilon)
            assert f"{np.mean([row['successes'] for row in counted]) / 10:.1f} %" in words.see
    assert "up to ±180° falls from" in words.see
    assert "our measurement agrees" in words.paper
