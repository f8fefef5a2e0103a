import itertools

import numpy as np
import pytest

from paper_figures.from_theory import progressive
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound


@pytest.fixture(scope="module")
def panels():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progressive, "POINTS", 7)
        return progressive.draw().axes


@pytest.mark.parametrize("panel", [0, 1])
def test_every_curve_lies_below_the_one_before(panels, panel):
    curves = [line.get_ydata() for line in panels[panel].lines]
    assert len(curves) == 5
    for weaker, stronger in itertools.pairwise(curves):
        count = min(len(weaker), len(stronger))
        assert (np.asarray(stronger[:count]) <= np.asarray(weaker[:count]) + 1e-6).all()
    # the last curve of each panel really falls
    assert curves[-1][0] - curves[-1][-1] > 0.05


def test_the_last_curve_is_theorys_and_shared_by_both_panels(panels):
    left, right = (axes.lines[-1].get_xydata() for axes in panels)
    np.testing.assert_array_equal(left, right)
    setting = catalogue.rotating_bump(
        24, 4, alpha=0.6, eta=0.06, width=1.0, sigma=0.4, epsilon=0.12, max_degrees=180.0
    )
    accuracy, bound = left[3]
    expected = pairwise_bound(setting, 1 - accuracy).spatial_accuracy
    assert bound == pytest.approx(expected, abs=1e-6)


def test_every_curve_is_named_in_its_colour(panels):
    for axes in panels:
        names = {note.get_text(): note.get_color() for note in axes.texts}
        assert names == {line.get_label(): line.get_color() for line in axes.lines}
