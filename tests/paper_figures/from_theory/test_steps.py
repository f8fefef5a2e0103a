import itertools

import numpy as np
import pytest

from paper_figures.from_theory import steps


@pytest.fixture(scope="module")
def panels():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "ERRORS", np.array([0.01, 0.1, 0.4]))
        patch.setattr(steps, "WEIGHTS", (0.91,))
        patch.setattr(steps, "SAMPLES", 1 << 14)
        return steps.draw().axes


def curves(axes):
    return {line.get_label(): line for line in axes.lines}


@pytest.mark.parametrize("panel", [0, 1])
def test_every_step_gains_and_halfspaces_stay_below(panels, panel):
    *bounds, reached = (line.get_data() for line in panels[panel].lines)
    for (_, weaker), (_, stronger) in itertools.pairwise(bounds):
        assert (stronger <= weaker + 1e-6).all()
    accuracy, best = bounds[-1]
    inner = np.interp(accuracy, *reached, right=0.0)
    assert (inner <= best + 1e-6).all()
    assert (best - inner).max() < 0.3


def test_steps_of_the_code_are_the_closed_forms(panels):
    # eps = .4, eta = .25, sigma = .5, d = 20: r_0 = .1 sqrt(20) / .5; three free shifts of four
    drawn = 1 - curves(panels[0])["closed form"].get_ydata()
    from theory.gaussian.tradeoff import gaussian_tradeoff

    expected = 0.375 * gaussian_tradeoff(np.array([0.02, 0.2, 0.8]), 0.1 * 20**0.5 / 0.5)
    np.testing.assert_allclose(drawn, expected, atol=1e-12)


def test_relaxations_are_those_of_the_exact_trade_off(panels):
    lines = curves(panels[1])
    assert list(lines) == [
        "Pinsker",
        "total variation",
        "exact trade-off",
        "all pairs",
        "all pairs at once",
        "reached by halfspaces",
    ]
    assert (lines["Pinsker"].get_ydata() > lines["exact trade-off"].get_ydata()).all()
