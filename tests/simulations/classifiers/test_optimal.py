import numpy as np
import pytest
from scipy.stats import multivariate_normal

from simulations.classifiers.optimal import (
    minimax_rule,
    nearest_mean,
    nearest_template,
    optimal_rule,
)
from simulations.sampling.accuracy import accuracy, images, spatial_accuracy, streams
from simulations.sampling.scores import ScoreModel, ScoreSampler, identity
from tests.simulations.settings import D, circulant, small_setting
from theory.bounds.joint import joint_bound
from theory.setting.catalogue import defaults
from theory.setting.setting import GaussianMixture

COVARIANCES = [None, circulant()]


def densities(setting, x, means):
    mixture = setting.mixture
    sigma = mixture.sigma**2 * np.eye(D) if mixture.covariance is None else mixture.covariance
    return np.array([multivariate_normal(mean, sigma).logpdf(x) for mean in means])


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("build", [nearest_mean, nearest_template])
def test_nearest_means_and_templates_are_nearest(covariance, build):
    setting = small_setting(labels=(0, 1, 2), covariance=covariance)
    rule = build(setting)
    x, _ = images(setting, 300, rng=np.random.default_rng(1))
    transformed = setting.transformed_means.reshape(-1, D)
    means = setting.mixture.means if build is nearest_mean else transformed
    nearest = np.tile([0, 1, 2], len(means) // 3)[densities(setting, x, means).argmax(axis=0)]
    scores = rule.normals @ x.T + rule.offsets[:, None]
    for label in (0, 1, 2):
        assert (rule.correct(scores, label) == (nearest == label)).all()


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_optimal_rule_for_transformed_inputs_maximises_the_posterior(covariance):
    setting = small_setting(covariance=covariance)
    rule = optimal_rule(setting, 1.0)
    x, _ = images(setting, 300, rng=np.random.default_rng(2))
    logs = densities(setting, x, setting.transformed_means.reshape(-1, D))
    weights = np.outer(setting.probabilities, setting.mixture.weights).ravel()
    joint = np.exp(logs) * weights[:, None]
    labels = np.tile(setting.mixture.labels, 3)
    posterior = np.stack([joint[labels == label].sum(axis=0) for label in (0, 1)])
    scores = rule.normals @ x.T + rule.offsets[:, None]
    assert (rule.correct(scores, 1) == (posterior[1] > posterior[0])).all()


def test_no_other_rule_has_a_larger_spatial_accuracy():
    setting = small_setting()
    rngs = streams(3, 2)
    best = spatial_accuracy(setting, optimal_rule(setting, 1.0), 100_000, rng=rngs[0]).interval(
        1 - 1e-9
    )[1]
    for rule in (optimal_rule(setting, 0.0), optimal_rule(setting, 0.5), nearest_template(setting)):
        other = spatial_accuracy(setting, rule, 100_000, rng=rngs[1])
        assert other.interval(1 - 1e-9)[0] <= best
    clean = spatial_accuracy(setting, optimal_rule(setting, 0.0), 100_000, rng=rngs[1])
    assert clean.interval(1 - 1e-9)[1] < best


def test_equal_templates_are_kept_once():
    rule = nearest_template(defaults()["cyclic-code"])
    table = np.column_stack([rule.normals, rule.labels])
    assert len(np.unique(np.round(table, 9), axis=0)) == len(table)


def test_bad_weights_are_refused():
    with pytest.raises(ValueError, match=r"weight must lie in \[0, 1\], got 1.5"):
        optimal_rule(small_setting(), 1.5)


@pytest.mark.parametrize("weight", [0.3, 0.7])
def test_the_minimax_rule_has_the_value_of_the_joint_bound(weight):
    setting = small_setting(epsilon=0.4)
    bound = joint_bound(setting, weight, rng=np.random.default_rng(4), samples=1 << 15)
    mixture = setting.mixture
    attacked = GaussianMixture(
        np.concatenate(
            [setting.transformed_means.reshape(-1, D), mixture.means[bound.owner] + bound.shifts]
        ),
        np.append(np.tile(mixture.labels, 3), mixture.labels[bound.owner]),
        np.append(
            weight * np.outer(setting.probabilities, mixture.weights).ravel(),
            (1 - weight) * mixture.weights[bound.owner] * np.maximum(bound.attack_weights, 1e-15),
        ),
        mixture.sigma,
    )
    rule = minimax_rule(setting, bound)
    law = ScoreSampler(ScoreModel(attacked, identity(D), rule.normals, rule.offsets))
    (rng,) = streams(5, 1)
    lower, upper = accuracy(law, rule.correct, 200_000, rng=rng).interval(1 - 1e-9)
    assert lower - 0.01 <= bound.estimate <= upper + 0.01
    assert lower <= bound.upper
