import re

import numpy as np
import pytest

from paper_figures.from_theory import heatmaps
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound

RATIOS, RANGES = np.array([0.0, 1.5, 3.0]), np.array([0.0, 90.0, 180.0])
RADII, DEVIATIONS = np.array([0.0, 0.12]), np.array([0.2, 0.4, 1.2])


@pytest.fixture(scope="module")
def figure():
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RATIOS", "RANGES", "RADII", "DEVIATIONS"):
            patch.setattr(heatmaps, name, globals()[name])
        return heatmaps.draw()


def cells(axes):
    return np.ma.filled(axes.collections[0].get_array(), np.nan)


def bump(ratio, degrees):
    return catalogue.rotating_bump(
        16, 4, alpha=0.6, eta=0.06, width=1.0, sigma=0.6, epsilon=0.06 * ratio, max_degrees=degrees
    )


def texture(radius, deviation):
    return catalogue.block_texture(
        alpha=0.4, eta=0.06, sigma=deviation, epsilon=radius, pattern_seed=2021
    )


@pytest.mark.parametrize(
    ("panel", "across", "up", "setting"),
    [(0, RATIOS, RANGES, bump), (1, RADII, DEVIATIONS, texture)],
)
def test_every_cell_is_the_bound_of_its_setting(figure, panel, across, up, setting):
    drawn = cells(figure.axes[panel])
    assert drawn.shape == (len(up), len(across))
    for y, row in zip(up, drawn, strict=True):
        for x, value in zip(across, row, strict=True):
            bound = pairwise_bound(setting(x, y), 0.1)
            assert np.isnan(value) == (not bound.attainable)
            if bound.attainable:
                excess = value - float(bound.spatial_accuracy)
                assert -1e-6 <= excess <= heatmaps.TOLERANCE


def test_the_bound_falls_with_the_radius_the_range_and_the_noise(figure):
    for axes in figure.axes[:2]:
        drawn = cells(axes)
        for axis in (0, 1):
            steps = np.diff(drawn, axis=axis)
            assert (steps[np.isfinite(steps)] <= heatmaps.TOLERANCE).all()
        assert np.nanmax(drawn) - np.nanmin(drawn) > 0.2


def test_cells_are_centred_where_they_are_computed(figure):
    corners = figure.axes[1].collections[0].get_coordinates()
    centres = (corners[:-1, :-1] + corners[1:, 1:]) / 2
    np.testing.assert_allclose(centres[0, :, 0], RADII)
    # uneven deviations: the edges lie midway between the neighbours
    np.testing.assert_allclose(corners[1:-1, 0, 1], (DEVIATIONS[:-1] + DEVIATIONS[1:]) / 2)


def test_lines_are_those_of_the_legend(figure):
    lines = [set(axes.collections[1].levels) for axes in figure.axes[:2]]
    named = [text.get_text() for text in figure.legends[0].get_texts()]
    assert named == [*(f"{100 * x:.0f}%" for x in sorted(set.union(*lines))), named[-1]]
    assert named[-1] == "no classifier has A = 90%"
    for axes, levels in zip(figure.axes[:2], lines, strict=True):
        drawn = cells(axes)
        expected = {x for x in (0.6, 0.7, 0.8, 0.9) if np.nanmin(drawn) < x < np.nanmax(drawn)}
        assert levels == expected != set()


def test_the_caption_tells_bounds_rounded_up():
    ranges = [bump(ratio, degrees) for degrees in (90.0, 180.0) for ratio in (0.0, 2.4)]
    radii = [texture(radius, 0.4) for radius in (0.0, 0.12, 0.15)]
    told = [float(number) for number in re.findall(r"([\d.]+) %", heatmaps.caption().see)]
    for number, setting in zip(told, [*ranges, *radii], strict=True):
        bound = 100 * float(pairwise_bound(setting, 0.1).spatial_accuracy)
        assert 0 <= number - bound < 0.1 + 100 * heatmaps.TOLERANCE
