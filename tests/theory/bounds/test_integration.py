import numpy as np
import pytest
from scipy.special import ndtr

from theory.bounds.integration import enclose_maximum, sample_batches


@pytest.mark.parametrize("distance", [0.0, 0.5, 2.0, 12.0, 1e4])
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_two_classes_have_a_closed_form(dimension, distance):
    centres = np.zeros((2, dimension))
    centres[1] = distance / np.sqrt(dimension)
    ends = enclose_maximum(centres, np.array([0.5, 0.5]), np.array([0, 1]), boxes=20_000)
    assert ends[0] <= ndtr(distance / 2) <= ends[1]
    assert ends[1] - ends[0] <= (1e-6, 1e-3, 3e-2)[dimension - 1]


def test_unequal_priors():
    # the best threshold is where the weighted densities cross
    share, rho = 0.8, 1.3
    cut = rho / 2 + np.log(share / (1 - share)) / rho
    exact = share * ndtr(cut) + (1 - share) * ndtr(rho - cut)
    lower, upper = enclose_maximum(np.array([[0.0], [rho]]), np.array([0.8, 0.2]), np.arange(2))
    assert lower <= exact <= upper <= lower + 1e-6


@pytest.mark.parametrize(("dimension", "spread"), [(1, 3.0), (2, 1.0), (2, 8000.0), (3, 1000.0)])
@pytest.mark.parametrize("seed", range(3))
def test_random_mixtures_against_samples(dimension, spread, seed):
    """However far apart the components are, none falls between the nodes of a grid."""
    rng = np.random.default_rng(seed)
    centres = spread * rng.normal(size=(9, dimension))
    mass, classes = rng.dirichlet(np.ones(9)), np.arange(9) % 3
    lower, upper = enclose_maximum(centres, mass, classes, tolerance=1e-5, boxes=20_000)
    chosen = rng.choice(9, size=40_000, p=mass)
    points = centres[chosen] + rng.normal(size=(40_000, dimension))
    density = np.exp(-0.5 * ((points[:, None] - centres) ** 2).sum(axis=2)) * mass
    total = np.stack([density[:, classes == c].sum(axis=1) for c in range(3)])
    share = total.max(axis=0) / total.sum(axis=0)
    allowed = 6.5 * share.std() / 200.0 + 1e-9
    assert lower - allowed <= share.mean() <= upper + allowed
    assert upper - lower < 1e-4


def test_any_number_of_boxes_is_valid():
    rng = np.random.default_rng(4)
    centres, mass = rng.normal(size=(6, 2)), np.full(6, 1 / 6)
    ends = [enclose_maximum(centres, mass, np.arange(6) % 2, boxes=n) for n in (2, 50, 5000)]
    lower, upper = np.array(ends).T
    assert (np.diff(lower) >= -1e-9).all()
    assert (np.diff(upper) <= 1e-9).all()
    assert upper[0] - lower[0] > 0.1
    assert upper[-1] - lower[-1] < 1e-3


def test_more_than_three_coordinates():
    with pytest.raises(ValueError, match="centres must have 1, 2 or 3 coordinates, got 4"):
        enclose_maximum(np.zeros((2, 4)), np.ones(2), np.arange(2))


def test_each_point_has_the_law_of_the_mixture():
    centres = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 9.0]])
    mass = np.array([0.2, 0.5, 0.3])
    points = np.concatenate(
        list(sample_batches(centres, mass, 20_000, np.random.default_rng(1), 3000))
    )
    assert points.shape == (160_000, 2)
    nearest = np.argmin(((points[:, None] - centres) ** 2).sum(axis=2), axis=1)
    # seven standard deviations of a binomial share
    assert np.allclose(np.bincount(nearest) / len(points), mass, atol=0.009)
    for k in range(3):
        noise = points[nearest == k] - centres[k]
        assert np.allclose(np.cov(noise.T), np.eye(2), atol=0.06)


def test_batches_visit_the_strata_and_are_antithetic():
    centres, mass = np.array([[0.0], [100.0]]), np.array([0.5, 0.5])
    for points in sample_batches(centres, mass, 50, np.random.default_rng(0), 50):
        batch = points.reshape(50, 8)
        assert ((batch > 50).sum(axis=1) == 4).all()
        assert np.allclose(batch.mean(axis=1), 50.0)
