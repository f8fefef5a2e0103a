"""The numbers that THEORY.md states are those that the package computes."""

import re

import numpy as np
import pytest

from tests import ROOT
from theory import catalogue
from theory.bounds.pairwise import pairwise_bound
from theory.residual.attack import attack_residual
from theory.setting.setting import GaussianMixture, Setting
from theory.setting.transformations import Transformations

DOCUMENT = (ROOT / "theory" / "THEORY.md").read_text(encoding="utf-8")
SETTINGS = catalogue.defaults()


def stated(name: str) -> list[str]:
    (row,) = re.findall(rf"^\| {name} \|(.*)\|$", DOCUMENT, re.MULTILINE)
    return [cell.strip() for cell in row.split("|")[-3:]]


@pytest.mark.parametrize("name", SETTINGS)
def test_ceilings_of_the_catalogue(name: str) -> None:
    bound = pairwise_bound(SETTINGS[name], [0.02, 0.1, 0.3])
    for value, possible, cell in zip(
        bound.spatial_accuracy, bound.attainable, stated(name), strict=True
    ):
        if cell == "impossible":
            assert not possible
        else:
            assert possible
            assert float(value) == pytest.approx(float(cell), abs=6e-4)


def test_unbalanced_pattern_of_section_9() -> None:
    """A residual that falls as the texture grows: 2 at eta = 0, 1.74 at eta = 0.2."""
    pattern = np.array([-3.0, 1.0, 1.0, 1.0])
    assert "its residual falls from $2$" in re.sub(r"\s+", " ", DOCUMENT)
    assert attack_residual(pattern, 1.0).value == pytest.approx(2.0, abs=1e-12)
    assert attack_residual(pattern + 0.4, 1.0).value == pytest.approx(1.74, abs=5e-3)


def test_noise_that_betrays_the_transformation() -> None:
    """Section 1: A >= 0.97 and S >= 0.91 where Theorem 1, misapplied, would say S + A <= 1."""
    from scipy.special import ndtr

    mean, reach = 3.0, 1.0
    kept = ndtr(9.0) - ndtr(-9.0)
    seen = 2.0 * ndtr(-0.1)
    assert ndtr(mean - reach) * kept >= 0.97
    assert ndtr(mean) * seen >= 0.91
    assert "$A \\ge 0.97$ and $S \\ge 0.91$" in re.sub(r"\s+", " ", DOCUMENT)


def test_sum_of_pixels_is_not_the_texture() -> None:
    """Section 9.1: the even-weight code of length 8 has a word whose mean sums to 4a - 8t."""
    setting = catalogue.cyclic_code("x+1", 8, alpha=1.0, eta=0.25, sigma=0.1, epsilon=0.5)
    negative = setting.mixture.means[setting.mixture.labels == 0]
    assert float(negative.sum(axis=1).max()) == pytest.approx(4.0 - 8.0 * 0.25)


@pytest.mark.parametrize("seed", range(40))
def test_lemma_of_two_bumps(seed: int) -> None:
    """Section 9.3: for any symmetric bump that falls, r_j does not increase with |j|."""
    rng = np.random.default_rng(seed)
    angles = 2 * int(rng.integers(2, 14))
    heights = np.sort(rng.exponential(size=angles // 2 + 1) ** rng.choice([0.3, 1.0, 3.0]))[::-1]
    bump = heights[np.minimum(np.arange(angles), angles - np.arange(angles))]
    scale, texture, epsilon = rng.exponential(size=3) * [1.0, 0.3, 0.5]
    residual = [
        attack_residual(
            scale * (np.roll(bump, j) - np.roll(bump, angles // 2)) + 2 * texture, epsilon
        ).value
        for j in range(angles // 2 + 1)
    ]
    assert (np.diff(residual) <= 1e-12).all()


def test_a_bump_that_rises_again_breaks_the_lemma() -> None:
    bump = np.array([1.0, 0.0, 0.9, 0.0, 0.0, 0.0, 0.9, 0.0])
    residual = [attack_residual(np.roll(bump, j) - np.roll(bump, 4), 0.0).value for j in range(5)]
    assert (np.diff(residual) > 0.1).any()


def test_harmless_turns_dilute_the_average() -> None:
    """Section 9.5: S + A <= 1 for the identity, S = 3/4 at A = 1/2 with one more permutation."""
    means = np.array([[-0.5, 100.0, 0.0], [0.5, 100.0, 0.0]])
    mixture = GaussianMixture(means, [0, 1], sigma=0.01)
    alone = Setting(mixture, Transformations([[0, 1, 2]]), 1.0)
    both = Setting(mixture, Transformations([[0, 1, 2], [0, 2, 1]]), 1.0)
    assert pairwise_bound(alone, 0.5).spatial_error >= 0.5 - 1e-6
    assert pairwise_bound(both, 0.5).spatial_error <= 0.25 + 1e-6
