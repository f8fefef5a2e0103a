"""The sharp bound of cyclic codes, against its corners, Theorem 6 and the pairwise network."""

import numpy as np
import pytest

from theory import catalogue
from theory.bounds.cyclic_codes import conflict_distribution, sharp_cyclic_code_bound
from theory.bounds.two_class import cyclic_code_bound, free_probability
from theory.gaussian.tradeoff import gaussian_tradeoff

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
    from theory.bounds.pairwise import pairwise_bound

    generator, length = CODES[2]
    values = {"eta": 0.2, "sigma": 0.5, "epsilon": 0.3}
    setting = catalogue.cyclic_code(generator, length, alpha=1.0, **values)
    errors = np.array([0.05, 0.2, 0.4])
    sharp = sharp_cyclic_code_bound(
        errors, conflict_distribution(generator, length), length=8, **values
    )
    assert (pairwise_bound(setting, errors).spatial_error >= sharp - 1e-6).all()


def test_bad_input() -> None:
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
