import numpy as np
import pytest

from theory.confidence import bernstein_margin


def test_the_formula_by_hand():
    values = np.array([0.0, 1.0, 1.0, 0.0])
    logarithm = np.log(2 / 0.01)
    expected = np.sqrt(2 * (1 / 3) * logarithm / 4) + 7 * logarithm / 9
    assert bernstein_margin(values, 1.0, 0.99) == pytest.approx(expected)


def test_the_limit_fails_as_rarely_as_it_says_and_a_smaller_one_fails_more():
    rng = np.random.default_rng(0)
    means = rng.beta(0.2, 0.8, size=(2000, 300))
    margins = np.array([bernstein_margin(row, 1.0, 0.9) for row in means])
    short = means.mean(axis=1) - 0.2
    # 10 % are allowed; 300 failures of 2000 would need a chance above that beyond 1e-9
    assert np.sum(short + margins < 0) < 300
    assert np.sum(short + 0.1 * margins < 0) > 300


def test_bad_input():
    with pytest.raises(ValueError, match="values must be at least two, got 1"):
        bernstein_margin(np.ones(1), 1.0, 0.9)
    with pytest.raises(ValueError, match=r"confidence must lie in \(0, 1\), got 1.0"):
        bernstein_margin(np.ones(5), 1.0, 1.0)
