"""The sharp bound of cyclic codes, against its corners, Theorem 6 and the pairwise network."""

from fractions import Fraction

import numpy as np
import pytest

from theory import catalogue
from theory.bounds.cyclic_codes import (
    certified_cyclic_code_bound,
    conflict_distribution,
    cyclic_code_bound,
    free_probability,
    sharp_cyclic_code_bound,
)
from theory.bounds.pairwise import pairwise_bound
from theory.gaussian.tradeoff import gaussian_tradeoff
from theory.setting.codes import cyclic_code_words

# generators of codes with D = 1, 2, 3, 4 (THEORY.md, eq. (9.2))
CODES = {
    1: ("x^6+x^4+x^2+1", 8),
    2: ("x^5+x^4+x+1", 8),
    3: ("x^3+x^2+x+1", 8),
    4: ("x+1", 8),
}
LINES = {
    1: [(0.0, 0.0)],
    2: [(1 / 4, 1 / 2)],
    3: [(3 / 8, 1 / 2)],
    4: [(3 / 8, 3 / 4), (11 / 32, 1 / 2), (7 / 32, 1 / 4)],
}
ERRORS = np.linspace(0.0, 1.0, 41)
GENERATOR = "x^17+x^16+x^13+x^12+x^9+x^8+x^5+x^4+x+1"
LEVELS = np.array([0.01, 0.1, 0.3, 0.5, 0.8])


@pytest.mark.parametrize("dimension", CODES)
def test_lines_of_the_covered_regime(dimension: int) -> None:
    law = conflict_distribution(*CODES[dimension])
    found = sharp_cyclic_code_bound(ERRORS, law, eta=0.2, sigma=0.5, epsilon=0.4, length=8)
    lines = [height - slope * ERRORS for height, slope in LINES[dimension]]
    np.testing.assert_allclose(found, np.maximum(np.max(lines, axis=0), 0.0), atol=1e-14)


@pytest.mark.parametrize("dimension", CODES)
def test_mean_number_of_conflicts_is_half_the_free_shifts(dimension: int) -> None:
    for probabilities in (None, [0.1, 0.4, 0.2, 0.3]):
        values, shares = conflict_distribution(*CODES[dimension], probabilities)
        free = free_probability(*CODES[dimension], probabilities)
        assert float(values @ shares) == pytest.approx(free / 2, abs=1e-14)


@pytest.mark.parametrize("dimension", [2, 3, 4])
@pytest.mark.parametrize("epsilon", [0.0, 0.2, 0.399, 0.4])
def test_never_below_theorem_6(dimension: int, epsilon: float) -> None:
    generator, length = CODES[dimension]
    values = {"eta": 0.2, "sigma": 0.5, "epsilon": epsilon, "length": length}
    sharp = sharp_cyclic_code_bound(ERRORS, conflict_distribution(generator, length), **values)
    plain = cyclic_code_bound(ERRORS, free=free_probability(generator, length), **values)
    assert (sharp >= plain - 1e-12).all()
    if dimension > 2:
        assert (sharp > plain + 0.02).any()


def test_value_is_the_least_over_splits() -> None:
    """Dual from below, every split of the errors from above, and they meet."""
    values, shares = conflict_distribution(*CODES[4])
    rho = (0.4 - 0.1) * np.sqrt(8) / 0.5
    bound = sharp_cyclic_code_bound(
        0.2, (values, shares), eta=0.2, sigma=0.5, epsilon=0.1, length=8
    )
    grid = np.linspace(0.0, 1.0, 81)
    a1, a2, a3 = np.meshgrid(grid, grid, grid, indexing="ij")
    spent = shares[1] * a1 + shares[2] * a2 + shares[3] * a3
    cost = sum(
        p * n * gaussian_tradeoff(a, rho)
        for p, n, a in zip(shares[1:], values[1:], (a1, a2, a3), strict=True)
    )
    best = float(np.min(np.where(spent <= 0.2, cost, np.inf)))
    assert float(bound) <= best <= float(bound) + 2e-3


def test_pairwise_network_is_at_least_as_sharp() -> None:
    generator, length = CODES[2]
    values = {"eta": 0.2, "sigma": 0.5, "epsilon": 0.3}
    setting = catalogue.cyclic_code(generator, length, alpha=1.0, **values)
    errors = np.array([0.05, 0.2, 0.4])
    sharp = sharp_cyclic_code_bound(
        errors, conflict_distribution(generator, length), length=8, **values
    )
    assert (pairwise_bound(setting, errors).spatial_error >= sharp - 1e-6).all()


@pytest.mark.parametrize("epsilon", [0.4, 0.5, 0.7])
def test_theorem_6_lies_below_the_pairwise_network(epsilon):
    setting = catalogue.cyclic_code(GENERATOR, 20, alpha=1.0, eta=0.25, sigma=0.5, epsilon=epsilon)
    closed = cyclic_code_bound(
        LEVELS,
        free=free_probability(GENERATOR, 20),
        eta=0.25,
        sigma=0.5,
        epsilon=epsilon,
        length=20,
    )
    assert (pairwise_bound(setting, LEVELS).spatial_error >= closed - 2e-7).all()


def test_the_constants_of_theorem_6():
    kappa = np.array([0.0, 0.05, 0.2])
    options = {"free": 0.75, "eta": 0.25, "sigma": 1.0, "epsilon": 0.5, "length": 16}
    assert np.allclose(1 - cyclic_code_bound(kappa, **options), 5 / 8 + 3 / 4 * kappa)
    # S >= 1 - kappa needs e_A >= 1/2 - (4/3) kappa
    assert np.allclose(cyclic_code_bound(1 / 2 - 4 / 3 * kappa, **options), kappa)


def test_free_shifts():
    # all words of length 4: distinct bits are independent
    assert free_probability("1", 4) == 0.75
    assert free_probability("1", 4, [1.0, 0.0, 0.0, 0.0]) == 0.0
    # the repetition code: every symbol equals the first
    assert free_probability("x^3+x^2+x+1", 4) == 0.0
    # period 2 in length 4: only the odd shifts are free
    assert free_probability("x^2+1", 4) == 0.5
    assert free_probability(GENERATOR, 20) == 0.75


@pytest.mark.parametrize("dimension", [2, 3, 4])
@pytest.mark.parametrize("epsilon", [0.0, 0.1, 0.39, 0.4, 0.6])
def test_the_certified_value_is_a_hair_below(dimension: int, epsilon: float) -> None:
    """The residuals of the stored setting take the place of eta, sigma, epsilon and the length."""
    generator, length = CODES[dimension]
    values = {"eta": 0.2, "sigma": 0.5, "epsilon": epsilon}
    setting = catalogue.cyclic_code(generator, length, alpha=1.0, **values)
    errors = np.array([0.0, 1e-300, 1e-12, 1e-5, 0.05, 0.2, 0.4, 1.0])
    law = conflict_distribution(generator, length)
    sharp = sharp_cyclic_code_bound(errors, law, length=length, **values)
    certified = certified_cyclic_code_bound(setting, errors, generator=generator)
    assert (certified <= sharp).all()
    np.testing.assert_allclose(certified, sharp, rtol=0.0, atol=1e-11)


def test_the_certified_value_is_of_the_setting_as_it_is_stored() -> None:
    """Large amplitudes round the texture: the distance is that of the rounded means."""
    values = {"sigma": 0.5, "epsilon": 0.0}
    setting = catalogue.cyclic_code("x+1", 8, alpha=2.0**40, eta=0.2, **values)
    found = float(certified_cyclic_code_bound(setting, 0.01, generator="x+1"))
    law = conflict_distribution("x+1", 8)
    low, exact, high = (
        float(sharp_cyclic_code_bound(0.01, law, eta=0.2 + more, length=8, **values))
        for more in (2.0**-12, 0.0, -(2.0**-12))
    )
    assert low < found < high
    assert abs(found - exact) > 1e-9


def test_probabilities_of_the_shifts_are_those_of_the_setting() -> None:
    shares = [0.1, 0.4, 0.2, 0.3]
    setting = catalogue.cyclic_code("x+1", 8, eta=0.2, epsilon=0.4, probabilities=shares)
    law = conflict_distribution("x+1", 8, shares)
    sharp = sharp_cyclic_code_bound(LEVELS, law, eta=0.2, sigma=0.5, epsilon=0.4, length=8)
    certified = certified_cyclic_code_bound(setting, LEVELS, generator="x+1")
    np.testing.assert_allclose(certified, sharp, atol=1e-13)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match=r"free must lie in \[0, 1\], got 2"):
        cyclic_code_bound(0.1, free=2.0, eta=1, sigma=1, epsilon=1, length=4)
    with pytest.raises(ValueError, match=r"^length must be a multiple of 4, got 6$"):
        free_probability("x+1", 6)
    with pytest.raises(ValueError, match=r"^probabilities must sum to 1, got sum 2$"):
        free_probability("x+1", 8, np.full(4, 0.5))
    setting = catalogue.cyclic_code("x+1", 8)
    with pytest.raises(ValueError, match=r"^generator must divide x\^8\+1 over GF\(2\)"):
        certified_cyclic_code_bound(setting, 0.1, generator="x^3+x+1")
    with pytest.raises(ValueError, match=r"adversarial_error must lie in \[0, 1\], got 2"):
        certified_cyclic_code_bound(setting, 2.0, generator="x+1")
    with pytest.raises(ValueError, match="length must be a multiple of 4, got 6"):
        conflict_distribution("x+1", 6)
    law = conflict_distribution(*CODES[2])
    with pytest.raises(ValueError, match=r"adversarial_error must lie in \[0, 1\], got 1.5"):
        sharp_cyclic_code_bound(1.5, law, eta=0.2, sigma=0.5, epsilon=0.4, length=8)
    with pytest.raises(ValueError, match=r"^law\[1\] must sum to 1"):
        sharp_cyclic_code_bound(
            0.5, (law[0], law[1] / 2), eta=0.2, sigma=0.5, epsilon=0.4, length=8
        )
    for wrong, message in (
        (law[:1], r"^law must be a pair \(values, probabilities\), got "),
        ((0.5, [1.0]), r"^law\[0\] must have 1 dimensions, got shape \(\)"),
        (([1.5], [1.0]), r"^law\[0\] must lie in \[0, 1\], got 1.5"),
    ):
        with pytest.raises(ValueError, match=message):
            sharp_cyclic_code_bound(0.5, wrong, eta=0.2, sigma=0.5, epsilon=0.4, length=8)


def test_endless_distances_leave_no_error():
    law = conflict_distribution(*CODES[2])
    for far in ({"eta": 1e308, "sigma": 0.5}, {"eta": 1.0, "sigma": 5e-324}):
        bound = sharp_cyclic_code_bound([0.0, 0.5, 1.0], law, epsilon=0.4, length=8, **far)
        assert (bound == 0.0).all()


@pytest.mark.parametrize("share", [1e-3, 6e-16, 1.6e-15, 2.2e-14])
def test_rare_shifts_are_counted_to_the_last_digit(share: float) -> None:
    """Below the error of the nearest word, which is that of the shifts, whose mean is exact."""
    setting = catalogue.cyclic_code(
        GENERATOR, 20, alpha=100.0, probabilities=[1 - share, share, 0.0, 0.0], epsilon=0.1
    )
    values, shares = conflict_distribution(GENERATOR, 20, setting.probabilities)
    words = cyclic_code_words(GENERATOR, 20)
    exact = sum(
        Fraction(float(probability)) * int((words[:, 5 * g] != words[:, 0]).sum())
        for g, probability in enumerate(setting.probabilities)
    ) / len(words)
    assert float(values @ shares) == pytest.approx(float(exact), rel=1e-14)
    bound = float(certified_cyclic_code_bound(setting, 0.0, generator=GENERATOR))
    assert Fraction(bound) <= exact
    assert bound == pytest.approx(float(exact), rel=1e-11)
