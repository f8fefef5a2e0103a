import numpy as np
import pytest
from scipy.special import ndtr

from theory.bounds.integration import integrate_maximum


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_two_classes_have_a_closed_form(dimension):
    centres = np.zeros((2, dimension))
    centres[1, -1] = 1.7
    value, error = integrate_maximum(centres, np.array([0.5, 0.5]), np.array([0, 1]))
    assert error < 0.005
    assert abs(value - ndtr(0.85)) <= error


def test_unequal_priors():
    # the best threshold is where the weighted densities cross
    share, rho = 0.8, 1.3
    cut = rho / 2 + np.log(share / (1 - share)) / rho
    exact = share * ndtr(cut) + (1 - share) * ndtr(rho - cut)
    value, error = integrate_maximum(np.array([[0.0], [rho]]), np.array([0.8, 0.2]), np.arange(2))
    assert abs(value - exact) <= error < 1e-6


def test_more_than_three_coordinates():
    with pytest.raises(ValueError, match="centres must have 1, 2 or 3 coordinates, got 4"):
        integrate_maximum(np.zeros((2, 4)), np.ones(2), np.arange(2))
