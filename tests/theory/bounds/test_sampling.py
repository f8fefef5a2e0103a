import numpy as np

from theory.bounds.sampling import sample_batches


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
