import numpy as np
import pytest
from scipy.special import ndtri

from paper_figures.from_theory.probit_limit import LENGTH, RADII, SIGMA, TEXTURE, draw


@pytest.fixture(scope="module")
def axes():
    return draw().axes[0]


def intercepts(line):
    x, y = line.get_data()
    return ndtri(x) + ndtri(y)


def test_lines_have_slope_minus_one_and_the_residual_as_intercept(axes):
    # the shift exchanges the images, so that only the textures, 2 eta apart, remain
    expected = [max(2 * TEXTURE - radius, 0) * np.sqrt(LENGTH) / SIGMA for radius in RADII]
    lines = [line for line in axes.lines if line.get_marker() == "None"]
    for line, residual in zip(lines, expected, strict=True):
        np.testing.assert_allclose(intercepts(line), residual, atol=1e-4)


def test_halfspaces_lie_on_the_lines(axes):
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    for line, radius in zip(dots[:-1], RADII[:-1], strict=True):
        residual = (2 * TEXTURE - radius) * np.sqrt(LENGTH) / SIGMA
        assert (intercepts(line) <= residual + 1e-6).all()
        np.testing.assert_allclose(intercepts(line), residual, atol=2e-2)


def test_axes_are_straight_in_probits(axes):
    transform = axes.transData.transform
    places = transform([(p, p) for p in (0.05, 0.5, 0.95)])
    np.testing.assert_allclose(places[1] - places[0], places[2] - places[1])
