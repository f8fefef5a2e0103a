import pytest

from paper_figures.from_records.against_theory.validation import deviation, draw
from paper_figures.style import FAILED
from simulations.records import Record
from tests import ROOT
from tests.paper_figures import sweeps


@pytest.fixture(scope="module")
def panels():
    return draw(sweeps.validation()).axes


def test_deviations_are_in_standard_errors():
    # 7050 of 10000 where 0.7 is predicted: 50 counts are 1.09 standard deviations of sqrt(2100)
    first, planted, *_ = sweeps.validation().rows
    assert deviation(first) == pytest.approx(50 / 2100**0.5)
    assert deviation(planted) == pytest.approx(1000 / 2100**0.5)
    assert deviation({**first, "expected": 1.0, "successes": 9990}) == -10.0


def test_planted_errors_are_red_crosses(panels):
    right, planted = panels[0].lines
    assert right.get_xydata().tolist() == [[0.7, deviation(sweeps.validation().rows[0])]]
    assert (planted.get_marker(), planted.get_color()) == ("x", FAILED)


def test_crossings_are_drawn_against_their_limit(panels):
    assert panels[1].lines[0].get_xydata().tolist() == [[0.75, 0.7]]


def test_every_committed_crossing_is_inside_the_axes():
    record = Record.load(ROOT / "simulations/results/validation-quick.json")
    axes = draw(record).axes[1]
    for line in axes.lines:
        for x, y in line.get_xydata():
            assert axes.get_xlim()[0] <= x <= axes.get_xlim()[1] or len(line.get_xdata()) == 2
            assert axes.get_ylim()[0] <= y <= axes.get_ylim()[1]


def test_rates_are_drawn_with_the_slope_they_should_have(panels):
    curves = {len(line.get_xdata()): line for line in panels[2].lines}
    assert curves[2].get_linestyle() == ":"
    guides = [line for line in panels[2].lines if line.get_linestyle() == ":"]
    for guide, slope in zip(guides, (-0.5, -1.0), strict=True):
        (x0, y0), (x1, y1) = guide.get_xydata()
        assert y1 / y0 == pytest.approx((x1 / x0) ** slope)
